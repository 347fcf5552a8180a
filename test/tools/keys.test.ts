import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { programOf } from "../../scripts/tools.ts";
import { parseApiKey } from "../../src/domain/api-key.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DATA = mkdtempSync(join(tmpdir(), "keys-"));

function node(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, CI: "1" },
  });
  expect([status, status === 0 ? "" : stderr + stdout]).toEqual([0, ""]);
  return stdout;
}

const keys = (...args: string[]) => node("scripts/keys.ts", ...args, "--persist-to", DATA);

afterAll(() => rmSync(DATA, { recursive: true, force: true }));

describe("npm run keys", () => {
  it("[R28 KEY-2] makes a key that is shown once, lists it without its secret, and revokes it", () => {
    node(programOf("wrangler"), "d1", "migrations", "apply", "DB", "--local", "--persist-to", DATA);
    expect(keys("list")).toBe("There are no keys.\n");
    const [key = ""] = keys("create", "--scopes", "users, messages", "--name", "the shop").split("\n");
    const parsed = parseApiKey(key);
    if (!parsed) throw new Error("not a key");
    const all = keys("create", "--scopes", "*").split("\n")[0] ?? "";
    const other = parseApiKey(all)?.key_id;
    expect(keys("revoke", key)).toContain(`Revoked ${parsed.key_id}`);
    const listed = keys("list").split("\n");
    expect(listed).toEqual([
      expect.stringMatching(
        new RegExp(`^${parsed.key_id}  [^ ]+  users messages  the shop  revoked 2[^ ]+$`),
      ),
      expect.stringMatching(new RegExp(`^${other}  [^ ]+  \\*$`)),
      "",
    ]);
    expect(listed.join()).not.toContain(parsed.secret);
  });
});
