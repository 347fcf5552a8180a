/** Requests: a bearer token, JSON both ways, errors as {@link ApiError}. */
import type { ErrorBody } from "@rocket-chat-api/protocol";
import { ApiError, ConnectionLost, pageOrigin, unanswerable } from "./errors.ts";
import { deadline } from "./portable.ts";
import type { Tokens } from "./tokens.ts";

export type Query = Record<string, string | number | boolean | undefined>;

export interface RequestOptions {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
}

/** The part of `fetch` that is used, so that any can be given. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A request takes no longer than this with all that it needs, a new token too, in milliseconds. */
const TIMEOUT_MS = 30_000;

export class Http {
  readonly #base: string;
  readonly #tokens: Tokens;
  readonly #fetch: Fetch;

  /** @param url of the service, without a path. */
  constructor(url: string, tokens: Tokens, fetcher: Fetch = (target, init) => fetch(target, init)) {
    this.#base = `${url.replace(/\/+$/, "")}/api/v1`;
    this.#tokens = tokens;
    this.#fetch = fetcher;
  }

  /**
   * A request under `/api/v1`; a token that the server refuses is replaced once.
   * @throws ApiError when the answer is an error. @throws ConnectionLost when there is none.
   */
  async request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    const { signal, done } = deadline(TIMEOUT_MS, options.signal);
    const attempt = (token: string) => this.#attempt(method, path, { ...options, signal }, token);
    try {
      const first = await attempt(await this.#tokens.get());
      if (first.status !== 401) return await read<T>(first);
      await first.body?.cancel();
      return await read<T>(await attempt(await this.#tokens.renew()));
    } finally {
      done();
    }
  }

  async #attempt(
    method: string,
    path: string,
    { query, body, signal }: RequestOptions,
    token: string,
  ): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (body !== undefined) headers["content-type"] = "application/json";
    const url = this.#base + path + search(query);
    checkRequest(url, headers);
    try {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      return await this.#fetch(url, { method, headers, signal: signal ?? null, ...sent });
    } catch (error) {
      throw new ConnectionLost(whyUnanswered(`${method} ${path}`, error), { cause: error });
    }
  }
}

/** Finds bugs early: `fetch` throws the same TypeError for an invalid request and for a network that is down. */
function checkRequest(url: string, headers: Record<string, string>): void {
  const { location } = globalThis as { location?: { href?: string } };
  void new URL(url, location?.href);
  void new Headers(headers);
}

function whyUnanswered(request: string, error: unknown): string {
  const isNetwork = error instanceof TypeError;
  return isNetwork ? unanswerable(request, pageOrigin()) : `${request} was not answered: ${String(error)}`;
}

function search(query: Query | undefined): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value != null);
  if (given.length === 0) return "";
  return `?${new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)]))}`;
}

async function read<T>(response: Response): Promise<T> {
  let value: unknown;
  try {
    const text = await response.text();
    value = text === "" ? undefined : JSON.parse(text);
  } catch (error) {
    throw new ConnectionLost("the answer did not arrive whole", { cause: error });
  }
  if (response.ok) return value as T;
  throw refusal(response, value);
}

function refusal(response: Response, value: unknown): Error {
  const { status } = response;
  const isOurs = typeof value === "object" && value !== null && "code" in value && "message" in value;
  // Something between us and the service has answered.
  if (!isOurs) return new ConnectionLost(`answered ${status} without an error of the service`);
  const body = value as ErrorBody;
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retry_after_ms = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  return new ApiError(body, { status, request_id: body.request_id, retry_after_ms });
}
