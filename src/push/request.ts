/** A request to a provider: with an end, without redirects, and once more if the connection broke. */
import type { EpochMs } from "../domain/time.ts";

/** What a provider answered, or why there is no answer. */
export type Answer =
  | { status: number; headers: Headers; text: string }
  | { status: 0; failure: "timeout" | "network" };

/** Characters of an answer that are read. Errors of providers are far shorter. */
const MAX_ANSWER_LENGTH = 8192;
/** A provider that asks for more is asked again after this. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * Runs something that must end. The timer is cleared in any case: one that stays keeps an object awake, and billed.
 * @param ms after which the signal aborts.
 */
export async function withDeadline<T>(ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Sends a request. If the connection breaks, as after a GOAWAY of APNs, it is sent once more: what providers get twice
 * replaces itself.
 */
export async function ask(url: string, init: RequestInit, signal: AbortSignal): Promise<Answer> {
  const first = await askOnce(url, init, signal);
  const isBroken = first.status === 0 && "failure" in first && first.failure === "network";
  return isBroken ? await askOnce(url, init, signal) : first;
}

async function askOnce(url: string, init: RequestInit, signal: AbortSignal): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, redirect: "manual", signal });
    return { status: response.status, headers: response.headers, text: await readText(response) };
  } catch {
    // Errors of fetch name the address, and with it the token: none is kept.
    return { status: 0, failure: signal.aborted ? "timeout" : "network" };
  }
}

async function readText(response: Response): Promise<string> {
  if (!response.body) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (text.length < MAX_ANSWER_LENGTH) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}

/** What of JSON an answer has; an empty object if it has none. */
export function jsonOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/**
 * `Retry-After` in milliseconds, an hour at most (RFC 9110, section 10.2.3: seconds, or a date). Undefined if there is
 * none, or it cannot be read.
 */
export function retryAfterMs(header: string | null, now: EpochMs): number | undefined {
  if (header === null) return undefined;
  const value = header.trim();
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS);
}
