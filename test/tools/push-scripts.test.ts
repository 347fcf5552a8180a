import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv, promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/tools.ts";
import { configuredProviders } from "../../src/push/credentials.ts";
import { selfSigned } from "../push/certificate.ts";
import { PushControl } from "../push/control.ts";
import { apnsToken } from "../push/samples.ts";
import { type PushStandIns, startPushStandIns } from "../push/start.ts";

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), "push-scripts-"));
const file = (name: string, text: string) => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};
let standIns: PushStandIns;
let env: Record<string, string | undefined> = {};

beforeAll(async () => {
  const certificate = selfSigned();
  standIns = await startPushStandIns(certificate);
  env = { ...process.env, ...standIns.settings, NODE_EXTRA_CA_CERTS: file("ca.pem", certificate.cert) };
});
afterAll(async () => {
  await standIns.stop();
  rmSync(directory, { recursive: true });
});

/** What the script printed, as JSON, and how it ended. */
async function pushDevice(...args: string[]): Promise<{ code: number; said: Record<string, unknown> }> {
  const command = ["scripts/push-device.ts", ...args];
  try {
    const { stdout } = await run(process.execPath, command, { cwd: ROOT, env, timeout: 20_000 });
    return { code: 0, said: JSON.parse(stdout) };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, said: JSON.parse(stdout) };
  }
}

describe("scripts for push", () => {
  it("[PUSH-P27] a notification goes out by each provider, over HTTP/2, and the answer is said", async () => {
    const control = new PushControl(standIns.control);
    const subscription = file("subscription.json", JSON.stringify(await control.subscribe()));
    const token = apnsToken();
    const calls = [
      ["--provider", "fcm", "--token", "a-token-of-fcm"],
      ["--provider", "apns", "--token", token, "--locale", "de", "--text", "Hallo"],
      ["--provider", "webpush", "--subscription", subscription],
    ];
    for (const args of calls) {
      expect(await pushDevice(...args)).toMatchObject({ code: 0, said: { result: "sent" } });
    }
    const pushes = await control.pushes();
    expect(pushes.flatMap(({ problems }) => problems)).toEqual([]);
    expect(new Set(pushes.map(({ http_version }) => http_version))).toEqual(new Set(["2.0"]));
    expect(pushes.find((push) => push.token === token)?.payload).toMatchObject({
      aps: { alert: { body: "Hallo" } },
    });
    await control.answer({ provider: "apns", answer: { reason: "Unregistered" } });
    expect(await pushDevice("--provider", "apns", "--token", token)).toMatchObject({
      code: 1,
      said: { result: "token_dead", status: 410 },
    });
  });

  it("[PUSH-P27] a new pair of keys can be used as it is printed", async () => {
    const { stdout } = await run(process.execPath, ["scripts/vapid-keys.ts"], { cwd: ROOT });
    expect(configuredProviders(parseEnv(stdout))).toMatchObject({ providers: ["webpush"] });
  });
});
