/** The local settings: made on first use, never committed. The secrets among them are known to nobody else. */
import { randomBytes } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";

import { newVapidPair } from "./vapid-pair.ts";

const PATH = new URL("../.dev.vars", import.meta.url);
const CONFIGURATION = new URL("../wrangler.toml", import.meta.url);
/** Where `wrangler dev` serves its buckets by the S3 protocol, on whatever host and port it is reached. */
const LOCAL_S3_PATH = "/cdn-cgi/local/r2/s3";

/** Whom the push services of browsers can write to about this machine: nobody. */
const DEV_SUBJECT = "mailto:developer@example.com";

/** Settings that make uploads go to the bucket of `wrangler dev`, whose key is in wrangler.toml. */
export function localStorageVars(): Record<string, string> {
  const credentials =
    /experimental_s3_credentials\s*=\s*\{\s*accessKeyId\s*=\s*"([^"]+)",\s*secretAccessKey\s*=\s*"([^"]+)"/;
  const [, id, secret] = credentials.exec(readFileSync(CONFIGURATION, "utf8")) ?? [];
  if (!id || !secret) throw new Error("wrangler.toml gives the local bucket no experimental_s3_credentials");
  return { R2_S3_ENDPOINT: LOCAL_S3_PATH, R2_ACCESS_KEY_ID: id, R2_SECRET_ACCESS_KEY: secret };
}

/** The lines that a `.dev.vars` lacks: random secrets above all. What is there stays as it is. */
export function missingVars(text: string): string {
  const secret = () => randomBytes(32).toString("base64url");
  const isThere = (name: string) => new RegExp(`^${name}\\s*=`, "m").test(text);
  const secrets = { JWT_SECRET: secret(), IDENTITY_SECRET: secret() };
  // A pair belongs together: beside a key of one's own there is no other.
  const vapid = isThere("VAPID_PRIVATE_KEY") ? {} : { ...newVapidPair(), VAPID_SUBJECT: DEV_SUBJECT };
  const wanted = { ...secrets, ...localStorageVars(), ...vapid };
  const missing = Object.entries(wanted).filter(([name]) => !isThere(name));
  const lines = missing.map(([name, value]) => `${name}="${value}"\n`).join("");
  const separator = text === "" || text.endsWith("\n") || lines === "" ? "" : "\n";
  return separator + lines;
}

/** A setting of `.dev.vars`; undefined if it has none. */
export function devVar(name: string): string | undefined {
  const text = existsSync(PATH) ? readFileSync(PATH, "utf8") : "";
  return new RegExp(`^${name}\\s*=\\s*"?([^"\\n]+)"?`, "m").exec(text)?.[1];
}

/** Completes `.dev.vars`, and returns the secret that signs tokens. */
export function ensureDevVars(): string {
  const text = existsSync(PATH) ? readFileSync(PATH, "utf8") : "";
  const missing = missingVars(text);
  if (missing) appendFileSync(PATH, missing, { mode: 0o600 });
  const jwtSecret = /^JWT_SECRET\s*=\s*"?([^"\n]+)"?/m.exec(text + missing)?.[1];
  if (!jwtSecret)
    throw new Error(".dev.vars has an empty JWT_SECRET: give it at least 32 bytes, or delete it");
  return jwtSecret;
}
