/** Health checks of everything the service needs: keys, D1, R2 and Durable Objects. */

import { keysProblem } from "./auth/verify.ts";
import type { EpochMs } from "./domain/time.ts";
import type { Env } from "./env.ts";
import { errorFields, log } from "./log.ts";
import { conversationObject } from "./realtime/objects.ts";
import { within } from "./realtime/within.ts";

const CHECKS = ["keys", "d1", "r2", "objects"] as const;
export type Check = (typeof CHECKS)[number];

/** The result of one check. The cause of a failure is only logged. */
export interface CheckResult {
  ok: boolean;
  ms: number;
}

export type Readiness = Record<Check, CheckResult>;

/** A check fails after this time, in milliseconds. */
const TIMEOUT_MS = 2_000;
/** How long results are cached, in milliseconds, so that frequent polling is cheap. */
const SHARED_MS = 1_000;
/** The name of the object to check. It has no conversation, so it has no rows. */
const OBJECT = "health";

/** Each check throws if there is no answer. A returned sentence describes a configuration error, for the log. */
const TRIES: Record<Check, (env: Env) => Promise<string | undefined>> = {
  keys: keysProblem,
  d1: async ({ DB }) => {
    // Reads a table, so that a database without migrations fails.
    await DB.prepare("SELECT 1 FROM users LIMIT 1").first();
    return undefined;
  },
  r2: async ({ ATTACHMENTS }) => {
    await ATTACHMENTS.head(OBJECT);
    return undefined;
  },
  objects: async (env) => {
    await conversationObject(env, OBJECT).ping();
    return undefined;
  },
};

async function tryOne(env: Env, check: Check, timeoutMs: number): Promise<[Check, CheckResult]> {
  const start = Date.now();
  let fault: object | undefined;
  try {
    const reason = await within(TRIES[check](env), timeoutMs);
    if (reason !== undefined) fault = { reason };
  } catch (error) {
    fault = errorFields(error);
  }
  if (fault) log("error", "health.failed", { check, ...fault });
  return [check, { ok: fault === undefined, ms: Date.now() - start }];
}

async function tryAll(env: Env, timeoutMs: number): Promise<Readiness> {
  const results = await Promise.all(CHECKS.map((check) => tryOne(env, check, timeoutMs)));
  return Object.fromEntries(results) as Readiness;
}

/** The latest result, possibly pending. */
let shared: { at: number; readiness: Promise<Readiness> } | undefined;

/**
 * Runs all checks in parallel.
 * @param waitUntil keeps the checks running if the client disconnects, because other requests share the result.
 */
export async function readiness(
  env: Env,
  now: EpochMs,
  waitUntil: (work: Promise<unknown>) => void,
  timeoutMs = TIMEOUT_MS,
): Promise<Readiness> {
  if (!shared || Math.abs(now - shared.at) >= SHARED_MS) {
    shared = { at: now, readiness: tryAll(env, timeoutMs) };
    waitUntil(shared.readiness);
  }
  return await shared.readiness;
}

/** The checks that failed. */
export function failing(results: Readiness): Check[] {
  return CHECKS.filter((check) => !results[check].ok);
}

/** The commit that a deployed version was made from; null where it has none, as on a developer's machine. */
export function commitOf({ VERSION }: Pick<Env, "VERSION">): string | null {
  const [, commit] = (VERSION?.tag ?? "").split("+");
  return commit || null;
}
