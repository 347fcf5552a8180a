import { describe, expect, it } from "vitest";
import {
  type Configuration,
  deployedConfiguration,
  readConfiguration,
  requiredSecrets,
} from "../../scripts/deploy/configuration.ts";
import { Environment } from "../../scripts/deploy/environment.ts";
import {
  type Migration,
  readMigrations,
  statementsOf,
  subtractions,
} from "../../scripts/deploy/migrations.ts";
import { type Facts, planDeployment, printed } from "../../scripts/deploy/plan.ts";
import { problemsOf } from "../../scripts/deploy/problems.ts";
import { corsRule, planSetup } from "../../scripts/deploy/setup-plan.ts";

const ENVIRONMENT: Environment = {
  worker: "rocket-chat-api",
  account_id: "account",
  domain: "chat.example.com",
  database: { name: "rocket-chat", id: "11111111-1111-4111-8111-111111111111" },
  bucket: { name: "rocket-chat-attachments" },
  vars: {},
};
const SECRETS = ["JWT_SECRET", "IDENTITY_SECRET", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY"];

const deployed = (vars: Record<string, string> = {}, environment: Partial<Environment> = {}) =>
  deployedConfiguration(readConfiguration(), { ...ENVIRONMENT, ...environment, vars });

/** What is wrong, without what to do. */
const wrong = (configuration: Configuration, secrets: string[] | null = SECRETS) =>
  problemsOf(configuration, secrets, "production").map(({ what }) => what);

describe("the configuration of a deployment", () => {
  it("[DEPLOY-1] is wrangler.toml with what the environment says: names, ids, domain and settings", () => {
    const configuration = deployed({ MAX_GROUP_MEMBERS: "50" });
    expect(configuration).toMatchObject({
      name: "rocket-chat-api",
      account_id: "account",
      main: "src/index.ts",
      minify: true,
      upload_source_maps: true,
      workers_dev: false,
      routes: [{ pattern: "chat.example.com", custom_domain: true }],
      vars: { MAX_GROUP_MEMBERS: "50", MAX_MESSAGE_LENGTH: "4096", R2_ACCOUNT_ID: "account" },
      secrets: { required: SECRETS },
    });
    expect(configuration.d1_databases[0]).toMatchObject({
      binding: "DB",
      database_id: ENVIRONMENT.database.id,
    });
    expect(JSON.stringify(configuration)).not.toContain("local-development");
    expect(configuration).not.toHaveProperty("dev");
  });

  it("[DEPLOY-2] a bucket with a jurisdiction has an address of its own", () => {
    const bucket = { name: "files", jurisdiction: "eu" };
    const { vars, r2_buckets } = deployed({}, { bucket });
    expect(vars.R2_S3_ENDPOINT).toBe("https://account.eu.r2.cloudflarestorage.com");
    expect(vars).not.toHaveProperty("R2_ACCOUNT_ID");
    expect(r2_buckets[0]).toMatchObject({ bucket_name: "files", jurisdiction: "eu" });
  });

  it("[DEPLOY-3] names the secrets without which it fails: those of its keys and of its push providers", () => {
    expect(requiredSecrets({})).toEqual(SECRETS);
    expect(requiredSecrets({ JWT_JWKS_URL: "https://id.example.com/keys" })).not.toContain("JWT_SECRET");
    expect(requiredSecrets({ APNS_KEY_ID: "A", VAPID_PUBLIC_KEY: "B" })).toEqual([
      ...SECRETS,
      "APNS_KEY",
      "VAPID_PRIVATE_KEY",
    ]);
  });

  it.each([
    [{ worker: "A worker" }, "worker"],
    [{ domain: "https://chat.example.com" }, "domain"],
    [{ database: { name: "x", id: "" } }, "database.id"],
    [{ colour: "red" }, ""],
  ])("[DEPLOY-4] a wrong environment names its fault: %o", (fault, path) => {
    const parsed = Environment.safeParse({ ...ENVIRONMENT, ...fault });
    expect(parsed.error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
  });
});

describe("what stops a deployment", () => {
  it("[DEPLOY-5] nothing, where nothing is missing", () => {
    expect(wrong(deployed())).toEqual([]);
  });

  it.each<[string, Configuration, string[] | null, string[]]>([
    ["no secret at all", deployed(), null, SECRETS.map((name) => `no secret ${name}`)],
    ["one secret", deployed(), SECRETS.slice(1), ["no secret JWT_SECRET"]],
    ["the id of wrangler.toml", readConfiguration(), SECRETS, ["no database"]],
    ["no D1", { ...deployed(), d1_databases: [] }, SECRETS, ["no binding DB"]],
    ["no R2", { ...deployed(), r2_buckets: [] }, SECRETS, ["no binding ATTACHMENTS"]],
    [
      "objects of another class",
      {
        ...deployed(),
        durable_objects: {
          bindings: [
            { name: "CONVERSATION", class_name: "Room" },
            { name: "USER_HUB", class_name: "UserHub" },
          ],
        },
      },
      SECRETS,
      ["the binding CONVERSATION is of the class Room"],
    ],
    [
      "a budget",
      { ...deployed(), ratelimits: deployed().ratelimits.filter(({ name }) => name !== "RATE_LIMIT_IP") },
      SECRETS,
      ["no binding RATE_LIMIT_IP"],
    ],
    ["a debug setting", deployed({ RATE_LIMIT_MODE: "off" }), SECRETS, ["RATE_LIMIT_MODE is set"]],
    [
      "loopback origins",
      deployed({ DEV_ALLOW_LOOPBACK_ORIGINS: "true" }),
      SECRETS,
      ["DEV_ALLOW_LOOPBACK_ORIGINS is set"],
    ],
    [
      "a public secret",
      deployed({ JWT_SECRET: "x" }),
      SECRETS,
      ["JWT_SECRET is a setting, which everybody who sees the configuration can read"],
    ],
    [
      "a key set of anybody's",
      deployed({ JWT_JWKS_URL: "https://id.example.com/keys", JWT_ISSUER: "https://id.example.com" }),
      SECRETS,
      ["JWT_JWKS_URL without JWT_AUDIENCE"],
    ],
    [
      "an origin with a path",
      deployed({ ALLOWED_ORIGINS: "https://a.example.com,https://b.example.com/app" }),
      SECRETS,
      ["ALLOWED_ORIGINS has 'https://b.example.com/app'"],
    ],
    [
      "a figure that is not the counter's",
      deployed({ SERVER_REQUESTS_PER_MINUTE: "5" }),
      SECRETS,
      ["SERVER_REQUESTS_PER_MINUTE is 5, RATE_LIMIT_SERVER counts to 1000"],
    ],
  ])("[DEPLOY-6] %s", (_, configuration, secrets, expected) => {
    expect(wrong(configuration, secrets)).toEqual(expected);
  });
});

describe("which migrations may come before the code", () => {
  const of = (sql: string): Migration => ({ name: "0001_x.sql", sql });

  it.each([
    "CREATE TABLE a (b text)",
    "CREATE VIRTUAL TABLE a USING fts5(b)",
    "CREATE UNIQUE INDEX a ON b (c)",
    "DROP INDEX a",
    "ALTER TABLE a ADD b text",
    "ALTER TABLE a ADD COLUMN b integer DEFAULT 0 NOT NULL",
    "INSERT INTO a SELECT * FROM b",
    "UPDATE a SET b = 1",
    "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; DELETE FROM c; END",
  ])("[DEPLOY-7] additive: %s", (sql) => {
    expect(subtractions(of(sql))).toEqual([]);
  });

  it.each([
    "DROP TABLE a",
    "ALTER TABLE a DROP COLUMN b",
    "ALTER TABLE a RENAME TO b",
    "ALTER TABLE a RENAME COLUMN b TO c",
    "ALTER TABLE a ADD b text NOT NULL",
    "DELETE FROM a",
  ])("[DEPLOY-8] not additive: %s", (sql) => {
    expect(subtractions(of(`CREATE TABLE x (y text);\n${sql};--> statement-breakpoint\n`))).toEqual([sql]);
  });

  it("[DEPLOY-9] reads the files of this repository, and finds those that drop", () => {
    const breaking = readMigrations().filter((migration) => subtractions(migration).length > 0);
    expect(breaking.map(({ name }) => name)).toContain("0007_clustered.sql");
    expect(breaking.map(({ name }) => name)).not.toContain("0013_api_keys.sql");
    expect(statementsOf("-- a; b\nSELECT 1; /* ; */ SELECT 2;")).toEqual(["SELECT 1", "SELECT 2"]);
  });
});

describe("the plan of a deployment", () => {
  const ALL: Migration[] = [
    { name: "0000_first.sql", sql: "CREATE TABLE a (b text)" },
    { name: "0001_more.sql", sql: "ALTER TABLE a ADD c text" },
    { name: "0002_less.sql", sql: "ALTER TABLE a DROP COLUMN b" },
  ];
  const facts = (some: Partial<Facts> = {}): Facts => ({
    env: "production",
    url: "https://chat.example.com",
    tag: "0.2.0+abc",
    problems: [],
    migrations: ALL.slice(0, 2),
    applied: ["0000_first.sql"],
    running: "v1",
    allowsBreaking: false,
    hasCanaryKey: true,
    ...some,
  });
  const shown = (some?: Partial<Facts>) => printed(facts(some), planDeployment(facts(some)));

  it("[DEPLOY-10] a first deployment applies everything, whatever it drops", () => {
    const plan = planDeployment(facts({ migrations: ALL, applied: [], running: null, hasCanaryKey: false }));
    expect(plan.steps.map(({ name }) => name)).toEqual(["migrate", "deploy", "health", "key", "canary"]);
    expect(plan.notes).toEqual(["nothing is deployed yet, so there is nothing to go back to"]);
  });

  it("[DEPLOY-11] an upgrade, as it prints", () => {
    expect(shown()).toMatchInlineSnapshot(`
      "production: 0.2.0+abc to https://chat.example.com
        1. apply 1 migration to the directory: 0001_more.sql
        2. upload the Worker and the page as 0.2.0+abc
        3. wait until https://chat.example.com/health names this commit, and ask /health/ready
        4. send a message between two people of its own, read and delete it
        Note: to go back: npx wrangler rollback v1 -c wrangler.production.json (additive migrations may stay)"
    `);
  });

  it("[DEPLOY-12] a migration that takes something away stops it, until it is allowed", () => {
    expect(shown({ migrations: ALL })).toMatchInlineSnapshot(`
      "production cannot be deployed:
        - 0002_less.sql is not additive: ALTER TABLE a DROP COLUMN b
            the Worker of now fails on it until the new one runs. Announce a pause and pass --allow-breaking (docs/upgrading.md)
      Nothing was changed."
    `);
    const plan = planDeployment(facts({ migrations: ALL, allowsBreaking: true }));
    expect(plan.steps[0]?.text).toContain("0002_less.sql");
    expect(plan.notes[0]).toContain("may fail until the new version runs");
  });

  it("[DEPLOY-13] a database that is newer than the checkout stops it", () => {
    const plan = planDeployment(facts({ applied: ["0000_first.sql", "0009_later.sql"] }));
    expect(plan.steps).toEqual([]);
    expect(plan.problems[0]?.what).toContain("0009_later.sql");
  });
});

describe("the plan of a setup", () => {
  const wanted = {
    env: "staging",
    worker: "w",
    database: "d",
    bucket: "b",
    origins: ["https://a.example"],
    vars: {},
  };

  it("[SETUP-1] makes what is missing, and nothing twice", () => {
    const names = (found: Parameters<typeof planSetup>[0]) =>
      planSetup(found, wanted).map((step) => ("secret" in step ? step.secret : step.name));
    const nothing = { database: null, hasBucket: false, secrets: null };
    expect(names(nothing)).toEqual(["database", "bucket", "cors", "file", ...SECRETS]);
    expect(names({ database: "id", hasBucket: true, secrets: SECRETS })).toEqual(["cors", "file"]);
    expect(names({ ...nothing, secrets: SECRETS.slice(1) })).toEqual([
      "database",
      "bucket",
      "cors",
      "file",
      "JWT_SECRET",
    ]);
  });

  it("[SETUP-2] the rule for pages is the one of docs/attachments.md", () => {
    expect(corsRule(["https://chat.example.com"])).toEqual({
      rules: [
        {
          allowed: { origins: ["https://chat.example.com"], methods: ["PUT"], headers: ["content-type"] },
          maxAgeSeconds: 86_400,
        },
      ],
    });
  });
});
