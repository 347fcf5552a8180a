/** What the service needs to work, tried: keys, D1, R2 and an object. */
import { keysProblem } from "./auth/verify.ts";
import type { Env } from "./env.ts";
import { errorFields, log } from "./log.ts";
import { conversationObject } from "./realtime/objects.ts";

/** What is checked. */
export const CHECKS = ["keys", "d1", "r2", "objects"] as const;
export type Check = (typeof CHECKS)[number];

/** How one check went. Why it failed is in the log alone. */
export interface CheckResult {
  ok: boolean;
  ms: number;
}

export type Readiness = Record<Check, CheckResult>;

/** What does not answer within this time is not ready, in milliseconds. */
const TIMEOUT_MS = 2_000;
/** Results are shared for so long, so that asking often costs no more than asking once a second. In milliseconds. */
const SHARED_MS = 1_000;
/** The object that is asked. It has no conversation, and so no rows. */
const OBJECT = "health";

/** Each throws while there is no answer; what is set up wrong is a sentence for the log. */
const TRIES: Record<Check, (env: Env) => Promise<string | undefined>> = {
  keys: keysProblem,
  d1: async ({ DB }) => {
    // A table, so that a database without its migrations fails.
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

/** Settles as `work` does, or fails when the time is over. */
async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("timed out")), ms);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function tryOne(env: Env, check: Check, timeoutMs: number): Promise<[Check, CheckResult]> {
  const start = Date.now();
  let fault: object | undefined;
  try {
    const reason = await withTimeout(TRIES[check](env), timeoutMs);
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

/** The last answer, or the one that is on its way. */
let shared: { at: number; readiness: Promise<Readiness> } | undefined;

/**
 * Tries everything that the service needs, at the same time.
 * @param waitUntil keeps the checks going when the client that started them hangs up, for the others who wait.
 */
export async function readiness(
  env: Env,
  now: number,
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
