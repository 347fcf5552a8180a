/**
 * A stand-in for the platform's API, as far as `npm run setup` and `npm run deploy` use it through the real wrangler: accounts,
 * D1 (a real SQLite), R2, secrets, files and Workers. What it does not know is answered with 404, and listed.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";

/** An uploaded Worker. */
interface Upload {
  tag: string | null;
  /** Names of its bindings, with their types. */
  bindings: Record<string, string>;
}

interface Failure {
  status: number;
  code: number;
  message: string;
}

export const ACCOUNT = "stand-in-account";
/** Requests that change something, in their order: `PUT /workers/scripts/...`. */
type Change = string;

export class PlatformStandIn {
  readonly databases = new Map<string, { name: string; db: DatabaseSync }>();
  readonly buckets = new Map<string, { cors: unknown }>();
  readonly secrets = new Map<string, Map<string, string>>();
  readonly uploads: Upload[] = [];
  readonly changes: Change[] = [];
  /** What was asked and is not known here. */
  readonly unknown: string[] = [];
  /** What a request fails with, if it does: `GET /workers/scripts/...`. */
  fails: (what: string) => Failure | undefined = () => undefined;
  /** Called when a Worker was uploaded. */
  onUpload: (upload: Upload) => void = () => undefined;
  /** Called when a statement has changed a database. */
  onQuery: (sql: string) => void = () => undefined;
  #server: Server | undefined;

  /** Starts it. @returns what wrangler needs in its environment. */
  async start(): Promise<Record<string, string>> {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    return {
      CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}/client/v4`,
      CLOUDFLARE_API_TOKEN: "of the stand-in",
    };
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", "http://stand-in");
    const path = url.pathname.replace("/client/v4", "").replace(`/accounts/${ACCOUNT}/`, "/");
    const what = `${request.method} ${path}`;
    const body = Buffer.concat(chunks);
    const result =
      this.fails(what) ?? this.#result(what, body, request.headers["content-type"] ?? "", url.searchParams);
    if (result === undefined) {
      this.unknown.push(what);
      return failed({ status: 404, code: 7003, message: `the stand-in does not know ${what}` });
    }
    if (request.method !== "GET" && !what.includes("/query")) this.changes.push(what);
    if (isFailure(result)) return failed(result);
    return { status: 200, body: { success: true, errors: [], messages: [], result, result_info: PAGE } };
  }

  #result(what: string, body: Buffer, type: string, query: URLSearchParams): unknown {
    return (
      this.#account(what, query) ??
      this.#d1(what, body) ??
      this.#r2(what, body) ??
      this.#worker(what, body, type)
    );
  }

  #account(what: string, query: URLSearchParams): unknown {
    const hasMore = (query.get("page") ?? "1") === "1";
    if (what === "GET /accounts") return hasMore ? [{ id: ACCOUNT, name: "Stand-in" }] : [];
    if (what === "GET /memberships") return [{ id: "m", account: { id: ACCOUNT } }];
    if (what === "GET /user") return { id: "u", email: "operator@example.com" };
    if (what === "GET /user/tokens/verify") return { id: "t", status: "active" };
    return undefined;
  }

  #d1(what: string, body: Buffer): unknown {
    const list = [...this.databases].map(([uuid, { name }]) => ({ uuid, name }));
    if (what === "GET /d1/database") return list;
    if (what === "POST /d1/database") {
      const { name } = JSON.parse(body.toString()) as { name: string };
      const uuid = `00000000-0000-4000-8000-${String(this.databases.size + 1).padStart(12, "0")}`;
      this.databases.set(uuid, { name, db: new DatabaseSync(":memory:") });
      return { uuid, name, created_in_region: "WEUR" };
    }
    const [, id, rest] = /^\w+ \/d1\/database\/([^/]+)(.*)$/.exec(what) ?? [];
    const database = id === undefined ? undefined : this.databases.get(id);
    if (id === undefined) return undefined;
    if (database === undefined) return { status: 404, code: 7404, message: "The database does not exist" };
    if (rest === "") return { uuid: id, name: database.name, version: "production" };
    if (rest?.startsWith("/time_travel")) return { bookmark: "00000001-00000001-00000001" };
    if (rest !== "/query") return undefined;
    const query = JSON.parse(body.toString()) as { sql: string; params?: string[] };
    const result = queried(database.db, query);
    this.onQuery(query.sql);
    return result;
  }

  #r2(what: string, body: Buffer): unknown {
    if (what === "GET /r2/buckets") {
      return {
        buckets: [...this.buckets.keys()].map((name) => ({ name, creation_date: "2026-01-01T00:00:00Z" })),
      };
    }
    if (what === "POST /r2/buckets") {
      const { name } = JSON.parse(body.toString()) as { name: string };
      this.buckets.set(name, { cors: null });
      return { name };
    }
    const [, name, rest] = /^\w+ \/r2\/buckets\/([^/]+)(.*)$/.exec(what) ?? [];
    const bucket = name === undefined ? undefined : this.buckets.get(name);
    if (bucket === undefined) return undefined;
    if (what.startsWith("PUT") && rest === "/cors") {
      bucket.cors = JSON.parse(body.toString());
      return {};
    }
    return rest === "" ? { name } : undefined;
  }

  #worker(what: string, body: Buffer, type: string): unknown {
    const [, method, name, rest = ""] = /^(\w+) \/workers\/scripts\/([^/]+)(.*)$/.exec(what) ?? [];
    if (name === undefined) return this.#service(what);
    if (rest.startsWith("/secrets")) return this.#secrets(method ?? "", name, body);
    if (rest === "/assets-upload-session") return { jwt: "of-the-stand-in", buckets: [] };
    if (rest === "/deployments" && method === "GET") return { deployments: this.#deployments() };
    if (rest === "/subdomain") return { enabled: false, previews_enabled: false };
    if (rest === "/domains/changeset") return { added: [], removed: [], updated: [], conflicting: [] };
    if (rest === "/domains/records") return [];
    if (rest === "/schedules") return { schedules: [] };
    if (rest === "/settings" || rest === "/script-settings")
      return { bindings: [], tags: null, tail_consumers: [] };
    return rest === "" && method === "PUT" ? this.#upload(name, body, type) : undefined;
  }

  /** What is asked of Workers by their older name. */
  #service(what: string): unknown {
    if (what === "GET /workers/subdomain") return { subdomain: "stand-in" };
    if (what.startsWith("GET /workers/workers/"))
      return { id: "w", subdomain: { enabled: false, previews_enabled: false } };
    if (what.startsWith("GET /workers/domains")) return [];
    if (!what.startsWith("GET /workers/services/")) return undefined;
    if (!this.secrets.has(what.split("/")[3] ?? "")) return { ...NO_WORKER, code: 10090 };
    return { default_environment: { script: { last_deployed_from: "wrangler", tag: null, tags: null } } };
  }

  #deployments(): object[] {
    return this.uploads.map((_, index) => ({
      id: `d${index}`,
      created_on: new Date(index * 1_000).toISOString(),
      versions: [{ version_id: versionOf(index), percentage: 100 }],
    }));
  }

  #secrets(method: string, worker: string, body: Buffer): unknown {
    const there = this.secrets.get(worker);
    if (method === "GET") {
      if (there === undefined) return NO_WORKER;
      return [...there.keys()].map((name) => ({ name, type: "secret_text" }));
    }
    const { secrets } = JSON.parse(body.toString()) as {
      secrets: Record<string, { name: string; text: string }>;
    };
    if (there === undefined) return NO_WORKER;
    for (const { name, text } of Object.values(secrets)) there.set(name, text);
    return {};
  }

  #upload(worker: string, body: Buffer, type: string): unknown {
    const metadata = metadataIn(body, type);
    const bindings = Object.fromEntries(metadata.bindings.map((binding) => [binding.name, binding.type]));
    const there = this.secrets.get(worker) ?? new Map<string, string>();
    for (const { name, type: kind, text } of metadata.bindings)
      if (kind === "secret_text") there.set(name, text ?? "");
    this.secrets.set(worker, there);
    const tag = metadata.annotations?.["workers/tag"] ?? null;
    const upload = { tag, bindings };
    // An empty Worker, which wrangler makes to have a place for secrets.
    if (metadata.bindings.length === 0) return { id: worker, etag: "e" };
    this.uploads.push(upload);
    this.onUpload(upload);
    return { id: worker, etag: "e", deployment_id: versionOf(this.uploads.length - 1), startup_time_ms: 20 };
  }
}

const PAGE = { page: 1, per_page: 50, count: 1, total_count: 1, total_pages: 1 };

const NO_WORKER: Failure = {
  status: 404,
  code: 10007,
  message: "This Worker does not exist on your account.",
};

function versionOf(index: number): string {
  return `11111111-1111-4111-8111-${String(index + 1).padStart(12, "0")}`;
}

function isFailure(result: unknown): result is Failure {
  return typeof result === "object" && result !== null && "status" in result && "message" in result;
}

function failed({ status, code, message }: Failure) {
  return { status, body: { success: false, errors: [{ code, message }], messages: [], result: null } };
}

function queried(db: DatabaseSync, { sql, params = [] }: { sql: string; params?: string[] }): unknown {
  try {
    const isOne = sql.trim().replace(/;\s*$/, "").includes(";") === false;
    if (isOne) return [{ results: db.prepare(sql).all(...params), success: true, meta: { duration: 1 } }];
    db.exec(sql);
    return [{ results: [], success: true, meta: { duration: 1 } }];
  } catch (error) {
    return { status: 400, code: 7500, message: error instanceof Error ? error.message : String(error) };
  }
}

interface Metadata {
  bindings: { name: string; type: string; text?: string }[];
  annotations?: Record<string, string>;
}

/** The part named `metadata` of an upload. */
function metadataIn(body: Buffer, type: string): Metadata {
  const [, boundary = ""] = /boundary="?([^";]+)/.exec(type) ?? [];
  for (const part of body.toString("latin1").split(`--${boundary}`)) {
    if (!/name="metadata"/.test(part)) continue;
    return JSON.parse(part.slice(part.indexOf("\r\n\r\n") + 4).trim()) as Metadata;
  }
  return { bindings: [] };
}
