/** The local secret: made on first use, never committed, known to nobody else. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const PATH = new URL("../.dev.vars", import.meta.url);

/** Creates `.dev.vars` with a random secret if there is none, and returns the secret. */
export function ensureDevVars(): string {
  if (!existsSync(PATH)) {
    const secret = randomBytes(32).toString("base64url");
    writeFileSync(PATH, `JWT_SECRET="${secret}"\n`, { mode: 0o600 });
  }
  const secret = /^JWT_SECRET\s*=\s*"?([^"\n]+)"?/m.exec(readFileSync(PATH, "utf8"))?.[1];
  if (!secret)
    throw new Error(".dev.vars holds no JWT_SECRET: add one of at least 32 bytes, or delete the file");
  return secret;
}
