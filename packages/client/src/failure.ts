/** Why there is no connection, in words that say what to do about it. */
import { ApiError, ConnectionLost, isRetryable } from "./errors.ts";
import type { Fetch } from "./http.ts";

/** What keeps the client from connecting. */
export interface ClientError {
  /**
   * A code of the service (`UNAUTHORIZED`, `FORBIDDEN`, ...), or one of the client:
   * - `UNREACHABLE`: nothing answers. In a browser a refusal by CORS can look the same; the message then names both.
   * - `ORIGIN_REFUSED`: the service answers, but not to pages of this origin.
   * - `SOCKET_FAILED`: requests are answered, but the WebSocket does not open.
   * - `TOKEN_FAILED`: the application's own `token` function threw.
   * - `CLIENT_FAULT`: the client itself failed: a bug, or an option that cannot work.
   */
  code: string;
  message: string;
  /** Whether waiting can help. If not, a setting, the token or code must change. */
  retryable: boolean;
  /** What was thrown. */
  cause?: unknown;
}

/** The answer to a probe takes no longer than this, in milliseconds. */
const PROBE_TIMEOUT_MS = 5_000;

/** What the explanation of a failure is read from. */
export interface FailureContext {
  /** The service, without a path. */
  url: string;
  fetch: Fetch;
  /** Any request that needs a token. */
  request(): Promise<unknown>;
  /** What the `token` function threw last. */
  tokenFailure(): unknown;
  /** The origin of this page; undefined outside of browsers. */
  origin: string | undefined;
}

/**
 * What an attempt to connect failed with, as far as the error says it. Undefined where the network, or a browser's
 * refusal, is behind it: {@link probe} finds out more.
 */
export function explain(error: unknown, tokenFailure: unknown): ClientError | undefined {
  if (error === undefined || error instanceof ConnectionLost) return undefined;
  const { code, message, retryable } = described(error, tokenFailure);
  return { code, message, retryable, cause: error };
}

function described(error: unknown, tokenFailure: unknown): ClientError {
  if (error instanceof ApiError) {
    const { code, message } = error;
    if (isOriginRefusal(error)) return { code: "ORIGIN_REFUSED", message, retryable: false };
    return { code, message, retryable: isRetryable(error) };
  }
  if (error === tokenFailure) {
    return { code: "TOKEN_FAILED", message: `The token function threw: ${String(error)}`, retryable: true };
  }
  return { code: "CLIENT_FAULT", message: `The client failed: ${String(error)}`, retryable: false };
}

/** Whether another attempt is pointless until the application or the service is changed. */
export function isFinal({ code }: ClientError): boolean {
  return ["CLIENT_FAULT", "ORIGIN_REFUSED", "USER_DEACTIVATED", "BANNED"].includes(code);
}

/**
 * Finds out why nothing came of an attempt.
 * @param error of the attempt; undefined where a socket did not open, which never says why.
 */
export async function probe(error: unknown, context: FailureContext): Promise<ClientError> {
  if (error !== undefined) return await unanswered(error, context);
  try {
    await context.request();
  } catch (failure) {
    return explain(failure, context.tokenFailure()) ?? (await unanswered(failure, context));
  }
  const message = `${context.url} answers requests, but does not open a WebSocket: does something between drop it?`;
  return { code: "SOCKET_FAILED", message, retryable: true };
}

/**
 * A browser does not say whether a request was blocked or got lost. One that asks for no CORS (`no-cors`) arrives where
 * only the origin is in the way.
 */
async function unanswered(error: unknown, { url, fetch, origin }: FailureContext): Promise<ClientError> {
  const mayBeBlocked = error instanceof Error && error.cause instanceof TypeError && origin !== undefined;
  if (mayBeBlocked && (await arrives(fetch, url))) {
    const message = `${url} answers, but not to pages of ${origin}: its setting ALLOWED_ORIGINS must name this origin`;
    return { code: "ORIGIN_REFUSED", message, retryable: false, cause: error };
  }
  return {
    code: "UNREACHABLE",
    message: String(error instanceof Error ? error.message : error),
    retryable: true,
    cause: error,
  };
}

function isOriginRefusal({ code, details }: ApiError): boolean {
  return code === "FORBIDDEN" && details?.reason === "origin";
}

/** Whether a request comes through when the answer need not be readable. */
async function arrives(fetcher: Fetch, url: string): Promise<boolean> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PROBE_TIMEOUT_MS);
  try {
    await fetcher(`${url.replace(/\/+$/, "")}/health`, {
      signal: abort.signal,
      mode: "no-cors",
    } as RequestInit);
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
