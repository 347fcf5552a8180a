/** `npm run setup`: makes what a deployment needs at the platform, once. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readArguments, refuseArguments } from "./arguments.ts";
import { ask } from "./deploy/ask.ts";
import {
  ENVIRONMENT_FLAG,
  type Environment,
  environmentName,
  readEnvironment,
  writeEnvironment,
} from "./deploy/environment.ts";
import { Platform, PlatformError } from "./deploy/platform.ts";
import { corsRule, planSetup, type SetupStep } from "./deploy/setup-plan.ts";

const USAGE = `
Usage: npm run setup -- [flags]

Makes what a deployment needs, and nothing twice: a D1 database, an R2 bucket with the rule that lets pages upload, and secrets.
What it made stands in environments/<name>.json, which is not committed. Then \`npm run deploy\`.

  --env <name>            what to call the deployment; production
  --domain <name>         where clients reach it, a name of your account; without it an address under workers.dev, for a trial
  --origins <list>        web pages that may connect, with commas: https://app.example.com
  --jwks <address>        your identity provider's key set; without it tokens are signed with a secret (JWT_SECRET)
  --issuer <text>         with --jwks: the issuer of its tokens
  --audience <text>       with --jwks: their audience
  --jurisdiction <word>   keep all data in one: eu
  --account <id>          which account, if your login has several
  --dry-run               say what would be done

A secret that only you know is asked for, or taken from the environment variable of its name.
`;

const OPTIONS = {
  ...ENVIRONMENT_FLAG,
  domain: { type: "string" },
  origins: { type: "string" },
  jwks: { type: "string" },
  issuer: { type: "string" },
  audience: { type: "string" },
  jurisdiction: { type: "string" },
  account: { type: "string" },
  "dry-run": { type: "boolean", default: false },
} as const;

type Flags = { [Name in Exclude<keyof typeof OPTIONS, "env" | "dry-run">]?: string | undefined };

/** Ends with a sentence for the operator. */
function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

/** The account that is meant. */
function accountOf(given: string | undefined): string {
  const accounts = new Platform().accounts();
  if (accounts.length === 0) fail("Nobody is logged in: npx wrangler login, or set CLOUDFLARE_API_TOKEN.");
  if (given !== undefined)
    return accounts.find(({ id }) => id === given)?.id ?? fail(`Your login has no account ${given}.`);
  if (accounts.length > 1)
    fail(
      `Your login has several accounts; say which with --account:\n${accounts.map(({ id, name }) => `  ${id}  ${name}`).join("\n")}`,
    );
  return accounts[0]?.id ?? "";
}

/** The environment as it will be: what is there, changed by the flags. */
function environmentOf(env: string, there: Environment | null, account: string, flags: Flags): Environment {
  const suffix = env === "production" ? "" : `-${env}`;
  const bucket = there?.bucket ?? {
    name: `rocket-chat-attachments${suffix}`,
    ...(flags.jurisdiction === undefined ? {} : { jurisdiction: flags.jurisdiction }),
  };
  const settings = {
    ALLOWED_ORIGINS: flags.origins,
    JWT_JWKS_URL: flags.jwks,
    JWT_ISSUER: flags.issuer,
    JWT_AUDIENCE: flags.audience,
  };
  const given = Object.entries(settings).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    worker: there?.worker ?? `rocket-chat-api${suffix}`,
    account_id: there?.account_id ?? account,
    domain: flags.domain ?? there?.domain ?? null,
    database: there?.database ?? { name: `rocket-chat${suffix}`, id: "" },
    bucket,
    vars: { ...there?.vars, ...Object.fromEntries(given) },
  };
}

/** Takes one step. Secrets are gathered, and stored at once in the end. */
async function take(
  step: SetupStep,
  env: string,
  environment: Environment,
  platform: Platform,
  secrets: Record<string, string>,
) {
  const { bucket, database } = environment;
  if (step.name === "database") platform.createDatabase(database.name, bucket.jurisdiction);
  else if (step.name === "bucket") platform.createBucket(bucket.name, bucket.jurisdiction);
  else if (step.name === "cors") setCors(environment, platform);
  else if (step.name === "secret")
    secrets[step.secret] = step.isMade
      ? randomBytes(32).toString("base64url")
      : await ask(step.secret, step.text);
  else {
    const id = platform.databases().find(({ name }) => name === database.name)?.id;
    if (id === undefined) fail(`The database ${database.name} is not there.`);
    writeEnvironment(env, { ...environment, database: { ...database, id } });
  }
}

function originsOf({ vars, domain }: Environment): string[] {
  const named = (vars.ALLOWED_ORIGINS ?? "").split(",").map((text) => text.trim());
  // The chat page is served by the Worker itself.
  return [...new Set([...(domain === null ? [] : [`https://${domain}`]), ...named])].filter(
    (text) => text !== "",
  );
}

function setCors(environment: Environment, platform: Platform): void {
  const folder = mkdtempSync(join(tmpdir(), "rocket-chat-cors-"));
  try {
    const file = join(folder, "cors.json");
    writeFileSync(file, JSON.stringify(corsRule(originsOf(environment))));
    platform.setCors(environment.bucket.name, file, environment.bucket.jurisdiction);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const { values } = readArguments({ usage: USAGE, options: OPTIONS });
  const env = environmentName(values.env);
  if (values.jwks !== undefined && (!values.issuer || !values.audience))
    refuseArguments(
      "--jwks needs --issuer and --audience: the provider's keys sign tokens of all its applications",
    );
  const there = readEnvironment(env);
  if (typeof there === "string") fail(there);
  const environment = environmentOf(env, there, accountOf(values.account ?? there?.account_id), values);
  const { worker, database, bucket, vars } = environment;
  const platform = new Platform(environment.account_id);
  const found = {
    database: platform.databases().find(({ name }) => name === database.name)?.id ?? null,
    hasBucket: platform.hasBucket(bucket.name, bucket.jurisdiction),
    secrets: platform.secrets(worker),
  };
  const origins = originsOf(environment);
  const steps = planSetup(found, {
    env,
    worker,
    database: database.name,
    bucket: bucket.name,
    origins,
    vars,
  });
  console.log(`${env}, in the account ${environment.account_id}:`);
  for (const [index, { text }] of steps.entries()) console.log(`  ${index + 1}. ${text}`);
  if (values["dry-run"]) return console.log("A dry run: nothing was changed.");
  const secrets: Record<string, string> = {};
  for (const step of steps) await take(step, env, environment, platform, secrets);
  // Before they are stored: who is interrupted in between must not have a secret that nobody has ever seen.
  show(secrets);
  if (Object.keys(secrets).length > 0) store(platform, worker, secrets);
  console.log(`environments/${env}.json is written.\nNext: npm run deploy -- --env ${env} --dry-run`);
}

function store(platform: Platform, worker: string, secrets: Record<string, string>): void {
  try {
    platform.storeSecrets(worker, secrets);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    fail(`The secrets could not be stored. Run this again, and keep what it shows then: ${why}`);
  }
}

/** Secrets that were made, and that the operator has to keep. */
function show(secrets: Record<string, string>): void {
  if (secrets.JWT_SECRET !== undefined)
    console.log(
      `JWT_SECRET, which your login service signs tokens with, and which is shown once:\n  ${secrets.JWT_SECRET}`,
    );
  if (secrets.IDENTITY_SECRET !== undefined)
    console.log(
      `IDENTITY_SECRET, shown once. Keep a copy: it can never change, since ids of users are made from it:\n  ${secrets.IDENTITY_SECRET}`,
    );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main().catch((error: unknown) =>
    fail(error instanceof PlatformError ? error.message : String(error)),
  );
}
