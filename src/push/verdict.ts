/** What the answer of a provider means, as far as it is the same for all. */
import type { PushProvider } from "@rocket-chat-api/protocol";
import type { EpochMs } from "../domain/time.ts";
import { log } from "../log.ts";
import type { PushResult } from "./notification.ts";
import { type Answer, retryAfterMs } from "./request.ts";

/** Words of a provider that may stand in a log: names of errors, never texts. */
const REASON = /^[\w.-]{1,64}$/;

/** A reason if it is a name, else undefined. */
export function reasonOf(value: unknown): string | undefined {
  return typeof value === "string" && REASON.test(value) ? value : undefined;
}

/** Try later. */
export function retry(answer: Answer, now: EpochMs, reason?: string): PushResult {
  if ("failure" in answer) return { result: "retry", status: 0, detail: answer.failure };
  const after = retryAfterMs(answer.headers.get("retry-after"), now);
  const detail = reason ?? `status ${answer.status}`;
  const known = { result: "retry", status: answer.status, detail } as const;
  return after === undefined ? known : { ...known, after_ms: after };
}

/** The token will never work again. */
export function dead(status: number, detail: string): PushResult {
  return { result: "token_dead", status, detail };
}

/**
 * Nothing that waiting mends. It goes to the log as an error, for an operator.
 * @param detail says what to do about it. No tokens and no secrets: users see it too.
 */
export function refused(provider: PushProvider, status: number, detail: string): PushResult {
  log("error", "push.refused", { provider, status, detail });
  return { result: "failed", status, detail };
}

/** Statuses after which every provider wants to be asked again. */
export function isTemporary(status: number): boolean {
  return status === 0 || status === 429 || status >= 500;
}
