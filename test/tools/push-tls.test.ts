/**
 * Settings from a file, a real runtime with its own TLS, and providers that speak HTTP/2 and HTTP/1.1 on one port, as a
 * person has it who runs `wrangler dev` beside a relay of their own.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort, isUp } from "../../scripts/serve.ts";
import { programOf, ROOT } from "../../scripts/tools.ts";
import { selfSigned } from "../push/certificate.ts";
import { PushControl } from "../push/control.ts";
import { apnsToken, notification, target } from "../push/samples.ts";
import { type PushStandIns, startPushStandIns } from "../push/start.ts";

const START_TIMEOUT_MS = 50_000;
const directory = mkdtempSync(join(tmpdir(), "push-tls-"));
const file = (name: string) => join(directory, name);
let standIns: PushStandIns;
let server: ChildProcess | undefined;
let url = "";
let said = "";

/** A line of a settings file. In single quotes nothing has a meaning, and a line break is written as `\n`. */
const line = ([name, value]: [string, string]) => `${name}='${value.replaceAll("\n", "\\n")}'`;

beforeAll(async () => {
  const certificate = selfSigned();
  standIns = await startPushStandIns(certificate);
  writeFileSync(file("ca.pem"), certificate.cert);
  writeFileSync(file("vars.env"), Object.entries(standIns.settings).map(line).join("\n"));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const flags = [
    ...["--port", String(port), "--ip", "127.0.0.1", "--inspector-port", "0"],
    ...[
      "--persist-to",
      file("state"),
      "--env-file",
      file("vars.env"),
      "--show-interactive-dev-session=false",
    ],
    ...["--name", "sender", "--compatibility-date", "2026-11-01", "--compatibility-flags", "nodejs_compat"],
    // Not the configuration of the service, whose bindings are not needed.
    ...["--config", file("wrangler.toml")],
  ];
  writeFileSync(file("wrangler.toml"), "");
  server = spawn(process.execPath, [programOf("wrangler"), "dev", `${ROOT}/test/push/sender.ts`, ...flags], {
    cwd: ROOT,
    env: { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false", NODE_EXTRA_CA_CERTS: file("ca.pem") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [server.stdout, server.stderr]) {
    stream?.on("data", (part) => {
      said += String(part);
    });
  }
  const end = Date.now() + START_TIMEOUT_MS;
  while (!(await isUp(url, "/"))) {
    if (Date.now() > end || server.exitCode !== null) throw new Error(`wrangler dev did not start:\n${said}`);
    await sleep(100);
  }
});

afterAll(async () => {
  server?.kill();
  await standIns.stop();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

it("[PUSH-P26] workerd with settings from a file reaches all three over TLS", async () => {
  const control = new PushControl(standIns.control);
  const { endpoint, keys } = await control.subscribe();
  const to = [
    target({ token: crypto.randomUUID() }),
    target({ provider: "apns", token: apnsToken() }),
    target({ provider: "webpush", token: endpoint, keys }),
  ];
  for (const one of to) {
    const body = JSON.stringify({ target: one, push: notification() });
    const response = await fetch(url, { method: "POST", body });
    expect(await response.json(), said).toMatchObject({ result: "sent" });
  }
  const pushes = await control.pushes();
  expect(pushes.flatMap(({ problems }) => problems)).toEqual([]);
  expect(pushes.map(({ provider, http_version }) => [provider, http_version])).toEqual([
    ["fcm_oauth", "1.1"],
    ["fcm", "1.1"],
    ["apns", "1.1"],
    ["webpush", "1.1"],
  ]);
});
