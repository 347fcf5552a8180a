/** The API key of the check after a deployment: in `CANARY_KEY`, or in a file that an earlier deployment made. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { insertOf, keyIdOf, newKey } from "../keys.ts";
import { environmentFile } from "./environment.ts";
import type { Platform } from "./platform.ts";

function keyFile(env: string): string {
  return environmentFile(env).replace(/\.json$/, ".key");
}

/** The key; null: there is none yet. */
export function canaryKey(env: string): string | null {
  if (process.env.CANARY_KEY) return process.env.CANARY_KEY;
  const file = keyFile(env);
  return existsSync(file) ? readFileSync(file, "utf8").trim() : null;
}

/**
 * Whether there is a key that the directory takes. One that was lost, or put back to a time before, does not know the key of the file.
 * @param applied migrations that the directory has.
 */
export function hasCanaryKey(
  platform: Pick<Platform, "query">,
  config: string,
  env: string,
  applied: readonly string[],
): boolean {
  // What the operator has given is theirs to keep.
  if (process.env.CANARY_KEY) return true;
  const id = keyIdOf(canaryKey(env) ?? "");
  if (id === undefined || applied.length === 0) return false;
  const known = `SELECT key_id FROM api_keys WHERE key_id = '${id}' AND revoked_at IS NULL`;
  return platform.query(config, known).length > 0;
}

/** Makes the key, and keeps it in a file that only its owner reads. */
export function makeCanaryKey(platform: Pick<Platform, "query">, config: string, env: string): void {
  const fresh = newKey();
  platform.query(config, insertOf(fresh, ["users", "conversations", "messages"], "deploy check", Date.now()));
  writeFileSync(keyFile(env), `${fresh.key}\n`, { mode: 0o600 });
}
