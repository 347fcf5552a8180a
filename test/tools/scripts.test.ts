import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Modules of the folders that are no commands of their own. */
const MODULES =
  /(arguments|d1|dev-token|dev-vars|operator|page-headers|person|platform|progress|serve|sql|talker|tools|vapid-pair)\.ts$/;
const COMMANDS = [
  ...globSync("scripts/*.ts", { cwd: ROOT }).filter((file) => !MODULES.test(file)),
  "bench/run.ts",
  "bench/filters.ts",
  "bench/retention.ts",
  "packages/build/build.ts",
  ...["kill", "chaos", "deaf", "storm"].map((name) => `test/server/${name}.ts`),
].map((file) => file.replaceAll("\\", "/"));

function run(file: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return { status, stdout, lines: stderr.split("\n").filter((line) => line !== "") };
}

describe("scripts", () => {
  it.each(COMMANDS)(
    "[RUN-1] %s --help prints its usage and does nothing, whatever stands beside it",
    (file) => {
      const hadVars = existsSync(`${ROOT}/.dev.vars`);
      const { status, stdout, lines } = run(file, "--bogus", "1", "--help");
      expect([status, lines]).toEqual([0, []]);
      expect(stdout).toMatch(/^Usage: npm run /);
      expect(existsSync(`${ROOT}/.dev.vars`)).toBe(hadVars);
    },
  );

  // `npm run dev` leaves flags that it does not know to wrangler.
  it.each(COMMANDS.filter((file) => file !== "scripts/dev.ts"))(
    "[RUN-2] %s refuses what it does not know with one line and exit code 2",
    (file) => {
      const { status, lines } = run(file, "--bogus");
      expect([status, lines]).toEqual([2, ["Unknown option '--bogus' (--help shows the usage)"]]);
    },
  );

  it.each([
    ["scripts/dev.ts", ["--port", "x"]],
    ["scripts/demo.ts", ["--port", "-1"]],
    ["scripts/demo.ts", ["--port"]],
    ["scripts/demo.ts", ["--url", "localhost:8787"]],
    ["scripts/fuzz.ts", ["--seeds", "1e3"]],
    ["scripts/token.ts", []],
    ["scripts/token.ts", ["a b"]],
    ["scripts/token.ts", ["alice", "bob"]],
    ["scripts/migrations.ts", ["reactions"]],
    ["scripts/keys.ts", []],
    ["scripts/keys.ts", ["make"]],
    ["scripts/keys.ts", ["create"]],
    ["scripts/keys.ts", ["create", "--scopes", "users,everything"]],
    ["scripts/keys.ts", ["create", "--scopes", "users", "--name", "a'b"]],
    ["scripts/keys.ts", ["revoke", "x"]],
    ["bench/retention.ts", ["--messages", "many"]],
    ["scripts/restore.ts", []],
    ["scripts/restore.ts", ["some.sql"]],
    ["scripts/rebuild.ts", []],
    ["scripts/rebuild.ts", ["--all", "--conversation", "0b7a9169-f508-832f-a371-000000000000"]],
    ["scripts/rebuild.ts", ["--conversation", "x"]],
    ["scripts/push-device.ts", []],
    ["scripts/push-device.ts", ["--provider", "fcm"]],
    ["scripts/push-device.ts", ["--provider", "webpush", "--subscription", "no-such-file"]],
    ["scripts/push-device.ts", ["--provider", "apns", "--token", "ab", "--environment", "moon"]],
    ["bench/run.ts", ["--scenarios", "none"]],
    ["bench/run.ts", ["--sides", "guide,none"]],
    ["bench/run.ts", ["--settle", "soon"]],
    ["bench/run.ts", ["--rooms", "0"]],
    ["bench/run.ts", ["--against", "no-such-folder"]],
    ["bench/run.ts", ["--against", "scripts"]],
    ["bench/run.ts", ["--against", ".", "--scenarios", "search"]],
    ["test/server/kill.ts", ["--kills", "0"]],
    ["test/server/storm.ts", ["--rate", "fast"]],
  ])("[RUN-3] %s %j is refused with one line that says what is wanted", (file, args) => {
    const { status, lines } = run(file, ...args);
    expect([status, lines.length]).toEqual([2, 1]);
    expect(lines[0]).toMatch(/--help/);
  });

  it.each([
    ["--port", "1"],
    ["--url", "http://127.0.0.1:1/"],
    ["--url", "http://no-such-host.invalid"],
  ])("[RUN-4] the demo without a server at %s %s says so in one line", (...args) => {
    const { status, lines } = run("scripts/demo.ts", ...args);
    expect([status, lines]).toEqual([
      1,
      [expect.stringMatching(/^demo: there is no server at http:.*npm run dev/)],
    ]);
  });
});
