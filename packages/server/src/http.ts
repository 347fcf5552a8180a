/** Requests to the service: a credential, JSON both ways, errors as {@link ApiError}. */
import type { ErrorBody } from "@rocket-chat-api/protocol";
import { ACT_AS_HEADER } from "@rocket-chat-api/protocol/facts";
import { ApiError, ConnectionLost } from "./errors.ts";

/** The part of `fetch` that is used, so that any can be given. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface RequestOptions {
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  /** The user in whose name to ask: a user id, or `ext:` and the id of your identity provider. */
  actAs?: string | undefined;
}

/** An answer takes no longer than this, in milliseconds. */
const TIMEOUT_MS = 30_000;

export class Http {
  readonly #base: string;
  readonly #credential: () => Promise<string>;
  readonly #fetch: Fetch;

  /** @param url of the service, without a path. @param credential an API key, or a server token. */
  constructor(url: string, credential: () => Promise<string>, fetcher?: Fetch) {
    this.#base = `${url.replace(/\/+$/, "")}/api/v1`;
    this.#credential = credential;
    this.#fetch = fetcher ?? ((target, init) => fetch(target, init));
  }

  /** A request under `/api/v1`. @throws ApiError when the answer is an error. @throws ConnectionLost when there is none. */
  async request<T>(method: string, path: string, { query, body, actAs }: RequestOptions = {}): Promise<T> {
    const headers: Record<string, string> = { authorization: `Bearer ${await this.#credential()}` };
    if (actAs !== undefined) headers[ACT_AS_HEADER] = encodeURIComponent(actAs);
    if (body !== undefined) headers["content-type"] = "application/json";
    const init = { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const url = `${this.#base}${path}${search(query)}`;
    let response: Response;
    try {
      response = await this.#fetch(url, body === undefined ? init : { ...init, body: JSON.stringify(body) });
    } catch (error) {
      throw new ConnectionLost(`${method} ${path} was not answered: ${String(error)}`, { cause: error });
    }
    return await read<T>(response);
  }
}

function search(query: RequestOptions["query"] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return "";
  return `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`;
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

function refusal({ status, headers }: Response, value: unknown): Error {
  const isOurs = typeof value === "object" && value !== null && "code" in value && "message" in value;
  // Something between us and the service has answered.
  if (!isOurs) return new ConnectionLost(`answered ${status} without an error of the service`);
  const body = value as ErrorBody;
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  const retry_after_ms = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  return new ApiError(body, { status, request_id: body.request_id, retry_after_ms });
}

/**
 * A value as one segment of a path.
 * @throws TypeError if it cannot be one: an empty segment, or dots, would make the path of another route.
 */
export function segment(value: unknown): string {
  if (typeof value !== "string" || /^\.{0,2}$/.test(value)) {
    throw new TypeError(`a text is needed that can stand in a path, not ${JSON.stringify(value)}`);
  }
  return encodeURIComponent(value);
}
