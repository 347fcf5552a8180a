/** `npm run setup` and `npm run deploy` with the real wrangler, against a stand-in of the platform (`npm run test:deploy`). */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { DevServer } from "../../scripts/serve.ts";
import { ROOT } from "../../scripts/tools.ts";
import { PlatformStandIn } from "./platform/stand-in.ts";

const ENV = `test-${process.pid}`;
const FILES = [`environments/${ENV}.json`, `environments/${ENV}.key`, `wrangler.${ENV}.json`];
const DOMAIN = "chat.example.com";

const platform = new PlatformStandIn();
let login: Record<string, string>;
let server: DevServer;
let edge: Server;
let url: string;
/** The commit that the edge says it runs. */
let commit = "none";

/** What the deployed Worker would be: a real service, whose health names what was uploaded. */
async function startEdge(): Promise<void> {
  server = await DevServer.create();
  edge = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = new Headers();
    for (const name of ["authorization", "content-type", "x-act-as"]) {
      const value = request.headers[name];
      if (typeof value === "string") headers.set(name, value);
    }
    const method = request.method ?? "GET";
    const body = method === "GET" ? null : Buffer.concat(chunks);
    const answer = await fetch(server.url + request.url, { method, headers, body });
    const text = (await answer.text()).replace('"commit":null', `"commit":"${commit}"`);
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(answer.status === 204 ? undefined : text);
  });
  await new Promise<void>((resolve) => edge.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(edge.address() as AddressInfo).port}`;
}

async function run(script: string, ...flags: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [`scripts/${script}.ts`, "--env", ENV, ...flags], {
    cwd: ROOT,
    env: { ...process.env, ...login, R2_ACCESS_KEY_ID: "an id", R2_SECRET_ACCESS_KEY: "a key" },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, said };
}

/** Copies the API keys of the deployed directory to the real one, as the platform has one database for both. */
function shareKeys(): void {
  const [database] = platform.databases.values();
  const rows = database?.db.prepare("SELECT * FROM api_keys").all() ?? [];
  for (const row of rows) {
    const values = Object.values(row).map((value) => (value === null ? "NULL" : `'${String(value)}'`));
    server.execute(
      `INSERT OR IGNORE INTO api_keys (${Object.keys(row).join(", ")}) VALUES (${values.join(", ")})`,
    );
  }
}

before(async () => {
  login = await platform.start();
  await startEdge();
  platform.onUpload = ({ tag }) => {
    commit = tag?.split("+")[1] ?? "none";
  };
  platform.onQuery = (sql) => {
    if (sql.includes("INSERT INTO api_keys")) shareKeys();
  };
});
after(async () => {
  platform.stop();
  edge?.close();
  await server?.stop();
  server?.dispose();
  for (const file of FILES) rmSync(`${ROOT}/${file}`, { force: true });
});

describe("a first deployment", () => {
  it("[DEPLOY-20] without a setup it says what to do", async () => {
    const { code, said } = await run("deploy");
    assert.equal(code, 1);
    assert.match(said, new RegExp(`^There is no environments/${ENV}.json: npm run setup`));
    assert.deepEqual(platform.changes, []);
  });

  it("[SETUP-3] a dry run of the setup changes nothing, the setup makes everything, and again nothing", async () => {
    const dry = await run("setup", "--domain", DOMAIN, "--dry-run");
    assert.deepEqual([dry.code, platform.changes, existsSync(`${ROOT}/${FILES[0]}`)], [0, [], false]);
    const first = await run("setup", "--domain", DOMAIN);
    assert.equal(first.code, 0, first.said);
    assert.deepEqual(
      [...platform.databases.values()].map(({ name }) => name),
      [`rocket-chat-${ENV}`],
    );
    assert.deepEqual(
      [...platform.buckets].map(([name, { cors }]) => [
        name,
        JSON.stringify(cors).includes(`https://${DOMAIN}`),
      ]),
      [[`rocket-chat-attachments-${ENV}`, true]],
    );
    const secrets = new Map(platform.secrets.get(`rocket-chat-api-${ENV}`));
    assert.deepEqual([...secrets.keys()].sort(), [
      "IDENTITY_SECRET",
      "JWT_SECRET",
      "R2_ACCESS_KEY_ID",
      "R2_SECRET_ACCESS_KEY",
    ]);
    assert.ok(first.said.includes(secrets.get("IDENTITY_SECRET") ?? "none"), "it is shown once");
    const again = await run("setup");
    assert.equal(again.code, 0, again.said);
    assert.deepEqual(new Map(platform.secrets.get(`rocket-chat-api-${ENV}`)), secrets);
    assert.equal(platform.databases.size, 1);
    assert.deepEqual(platform.unknown, []);
  });

  it("[DEPLOY-21] with a secret missing it stops before anything is changed", async () => {
    const secrets = platform.secrets.get(`rocket-chat-api-${ENV}`);
    const kept = secrets?.get("IDENTITY_SECRET") ?? "";
    secrets?.delete("IDENTITY_SECRET");
    platform.changes.length = 0;
    const { code, said } = await run("deploy", "--url", url);
    assert.deepEqual([code, platform.changes], [1, []]);
    assert.match(said, /- no secret IDENTITY_SECRET\n {6}`npm run setup -- --env/);
    secrets?.set("IDENTITY_SECRET", kept);
  });

  it("[DEPLOY-22] a dry run builds, and changes nothing", async () => {
    const { code, said } = await run("deploy", "--url", url, "--dry-run");
    assert.equal(code, 0, said);
    assert.match(said, /apply \d+ migrations to the directory: 0000_initial.sql/);
    assert.match(said, /Total Upload: [\d.]+ KiB/);
    assert.deepEqual([platform.changes, platform.uploads], [[], []]);
  });

  it("[DEPLOY-23] migrates, uploads, waits for the new version, and a message goes through it", async () => {
    const { code, said } = await run("deploy", "--url", url);
    assert.equal(code, 0, said);
    assert.match(said, /canary: sent in \d+ ms, read in \d+ ms\n.* runs 0\.1\.0\+/);
    const [upload] = platform.uploads;
    assert.match(upload?.tag ?? "", /^0\.1\.0\+[0-9a-f]{12}/);
    assert.deepEqual([upload?.bindings.DB, upload?.bindings.ATTACHMENTS], ["d1", "r2_bucket"]);
    assert.equal(upload?.bindings.CONVERSATION, "durable_object_namespace");
    assert.match(readFileSync(`${ROOT}/${FILES[1]}`, "utf8"), /^rck_/);
    assert.deepEqual(platform.unknown, []);
  });
});

describe("an upgrade", () => {
  it("[DEPLOY-24] has nothing to migrate, and says how to go back", async () => {
    const { code, said } = await run("deploy", "--url", url);
    assert.equal(code, 0, said);
    assert.doesNotMatch(said, /apply/);
    assert.match(
      said,
      /to go back: npx wrangler rollback 11111111-1111-4111-8111-000000000001 -c wrangler\./,
    );
  });

  it("[DEPLOY-40] a platform that does not say what runs stops it: a first deployment may drop what an upgrade may not", async () => {
    platform.changes.length = 0;
    platform.fails = (what) =>
      what.endsWith("/deployments")
        ? { status: 500, code: 10013, message: "not found by a passing fault" }
        : undefined;
    const { code, said } = await run("deploy", "--url", url);
    platform.fails = () => undefined;
    assert.equal(code, 1, said);
    assert.match(said, /What runs now cannot be found out/);
    assert.deepEqual(platform.changes, []);
  });

  it("[SETUP-10] a platform that does not list secrets stops the setup: IDENTITY_SECRET can never be another", async () => {
    const before = new Map(platform.secrets.get(`rocket-chat-api-${ENV}`));
    platform.fails = (what) =>
      what.endsWith("/secrets")
        ? { status: 400, code: 7003, message: "Could not route: object not found" }
        : undefined;
    const { code, said } = await run("setup");
    platform.fails = () => undefined;
    assert.equal(code, 1, said);
    assert.match(said, /The secrets of rocket-chat-api-.* cannot be listed/);
    assert.deepEqual(new Map(platform.secrets.get(`rocket-chat-api-${ENV}`)), before);
  });

  it("[DEPLOY-41] an API key goes to no address without https, and none is uploaded to something that is none", async () => {
    for (const address of ["http://chat.example.com", "chat.example.com", "ftp://chat.example.com"]) {
      const { code, said } = await run("deploy", "--url", address);
      assert.notEqual(code, 0);
      assert.match(said, /--url takes an/);
    }
  });

  it("[DEPLOY-42] a directory that was lost knows the key of the check no more: another one is made", async () => {
    const [database] = platform.databases.values();
    const before = readFileSync(`${ROOT}/${FILES[1]}`, "utf8");
    database?.db.exec("DELETE FROM api_keys");
    server.execute("DELETE FROM api_keys");
    const { code, said } = await run("deploy", "--url", url);
    assert.equal(code, 0, said);
    assert.match(said, /make an API key for the check/);
    assert.notEqual(readFileSync(`${ROOT}/${FILES[1]}`, "utf8"), before);
    // What is there is taken again.
    const again = await run("deploy", "--url", url);
    assert.equal(again.code, 0, again.said);
    assert.doesNotMatch(again.said, /make an API key/);
  });

  it("[DEPLOY-25] a version that does not answer is said to run, with the way back", async () => {
    platform.onUpload = () => {
      commit = "of before";
    };
    const { code, said } = await run("deploy", "--url", url, "--wait", "1");
    assert.equal(code, 1);
    assert.match(said, /health failed: .*\/health still answers with 0\.1\.0 of of before/);
    assert.match(said, /The new version runs\. to go back: npx wrangler rollback/);
  });
});
