/**
 * The service, whose erasures tell a test of each change that they have made, and go on when it says so: the test can kill the server
 * in between. The service itself knows nothing of it. What the job changes is seen at its bindings; in a conversation that writes its
 * storage anew, where it waits for the disk.
 */
import { Conversation as RealConversation } from "../../../src/conversation/conversation.ts";
import type { ServerRequestName, ServerRequests } from "../../../src/domain/server-requests.ts";
import type { Env } from "../../../src/env.ts";
import service from "../../../src/index.ts";
import { UserHub as RealUserHub } from "../../../src/user-hub/user-hub.ts";

export { Attachments, MetricsStore } from "../../../src/index.ts";

/** Where the test listens (gate.ts). */
type TestEnv = Env & { ERASE_GATE: string };

/** Says what was changed, and waits for the word to go on. @param cursor how far the job has noted to be, if that was the change. */
type Tell = (change: string, cursor?: string) => Promise<void>;

function tellOf({ ERASE_GATE }: TestEnv): Tell {
  return async (change, cursor) => {
    const response = await fetch(ERASE_GATE, { method: "POST", body: JSON.stringify({ change, cursor }) });
    await response.body?.cancel();
  };
}

/** Tells each time that an object has waited for its disk while `isTold`. */
function tellSyncs({ storage }: DurableObjectState, tell: Tell, change: () => string | undefined): void {
  const sync = storage.sync.bind(storage);
  const told = async () => {
    await sync();
    const what = change();
    if (what !== undefined) await tell(what);
  };
  Object.defineProperty(storage, "sync", { value: told });
}

export class Conversation extends RealConversation {
  #asked: ServerRequestName | undefined;
  #syncs = 0;

  constructor(ctx: DurableObjectState, env: TestEnv) {
    super(ctx, env);
    tellSyncs(ctx, tellOf(env), () => {
      if (this.#asked !== "settleErasure") return undefined;
      this.#syncs += 1;
      return `conversation on disk ${this.#syncs}`;
    });
  }

  override async executeForServer<Name extends ServerRequestName>(
    name: Name,
    input: ServerRequests[Name]["input"],
  ) {
    this.#asked = name;
    this.#syncs = 0;
    return await super.executeForServer(name, input);
  }
}

export class UserHub extends RealUserHub {
  #syncs: number | undefined;

  constructor(ctx: DurableObjectState, env: TestEnv) {
    super(ctx, env);
    tellSyncs(ctx, tellOf(env), () => {
      if (this.#syncs === undefined) return undefined;
      this.#syncs += 1;
      return `hub on disk ${this.#syncs}`;
    });
  }

  override async erase(...order: Parameters<RealUserHub["erase"]>): Promise<void> {
    this.#syncs = 0;
    await super.erase(...order);
    this.#syncs = undefined;
  }
}

type Asynchronous = (...args: unknown[]) => Promise<unknown>;

/** A binding whose methods pass through `around`, or are as they are. */
function wrapped<T extends object>(
  binding: T,
  around: (name: string, method: (...args: unknown[]) => unknown) => unknown,
): T {
  return new Proxy(binding, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      const method = (...args: unknown[]) => Reflect.apply(value, target, args);
      return around(String(name), method) ?? method;
    },
  });
}

/** What a statement writes, such as `update jobs`; undefined if it reads. */
function changeOf(sql: string): string | undefined {
  const [, verb, table] = /^\s*(insert into|update|delete from)\s+["`]?(\w+)/i.exec(sql) ?? [];
  return verb && `${verb.toLowerCase()} ${table}`;
}

interface Statement {
  real: D1PreparedStatement;
  sql: string;
  cursor: string | undefined;
}

/** D1: each statement and each batch that writes is told. */
function toldDatabase(db: D1Database, tell: Tell): D1Database {
  const statements = new WeakMap<object, Statement>();
  const of = (statement: Statement): D1PreparedStatement => {
    const proxy = wrapped(statement.real, (name, method) => {
      if (name === "bind") {
        return (...values: unknown[]) => {
          const cursor = values.find((value) => typeof value === "string" && value.startsWith('{"round"'));
          const real = method(...values) as D1PreparedStatement;
          return of({ ...statement, real, cursor: cursor as string | undefined });
        };
      }
      return async (...args: unknown[]) => {
        const result = await (method as Asynchronous)(...args);
        const change = changeOf(statement.sql);
        if (change) await tell(change, statement.cursor);
        return result;
      };
    });
    statements.set(proxy, statement);
    return proxy;
  };
  return wrapped(db, (name, method) => {
    if (name === "prepare") return (sql: string) => of({ real: db.prepare(sql), sql, cursor: undefined });
    if (name !== "batch") return undefined;
    return async (batch: D1PreparedStatement[]) => {
      const known = batch.map((one) => statements.get(one));
      const result = await (method as Asynchronous)(known.map((one, i) => one?.real ?? batch[i]));
      const changes = known.flatMap((one) => changeOf(one?.sql ?? "") ?? []);
      const cursor = known.flatMap((one) => one?.cursor ?? []).at(0);
      if (changes.length > 0) await tell([...new Set(changes)].join(", "), cursor);
      return result;
    };
  });
}

/** What is asked of objects and changes something. */
const CHANGES = new Set(["eraseSome", "settleErasure", "erase", "forgetPerson"]);

function toldNamespace(namespace: DurableObjectNamespace, tell: Tell): DurableObjectNamespace {
  return wrapped(namespace, (name, method) => {
    if (name !== "get") return undefined;
    return (id: unknown) =>
      wrapped(method(id) as object, (called, call) => async (...args: unknown[]) => {
        const result = await (call as Asynchronous)(...args);
        const asked = called === "executeForServer" ? String(args[0]) : called;
        if (CHANGES.has(asked)) await tell(asked);
        return result;
      });
  });
}

function toldBucket(bucket: R2Bucket, tell: Tell): R2Bucket {
  return wrapped(bucket, (name, method) => {
    if (name !== "delete" && name !== "put") return undefined;
    return async (...args: unknown[]) => {
      const result = await (method as Asynchronous)(...args);
      await tell(`bucket ${name}`);
      return result;
    };
  });
}

/** The bindings of a job. */
function told(env: TestEnv): Env {
  const tell = tellOf(env);
  const bindings: Partial<Record<string, unknown>> = {
    DB: toldDatabase(env.DB, tell),
    CONVERSATION: toldNamespace(env.CONVERSATION as unknown as DurableObjectNamespace, tell),
    USER_HUB: toldNamespace(env.USER_HUB as unknown as DurableObjectNamespace, tell),
    ATTACHMENTS: toldBucket(env.ATTACHMENTS, tell),
  };
  return new Proxy(env, {
    get: (target, name) => bindings[String(name)] ?? Reflect.get(target, name),
  });
}

export default {
  async fetch(request: Request, env: TestEnv, context: ExecutionContext): Promise<Response> {
    const isErasure = new URL(request.url).pathname.endsWith("/erase");
    return await service.fetch(request, isErasure ? told(env) : env, context);
  },
  async scheduled(event: ScheduledController, env: TestEnv): Promise<void> {
    await service.scheduled(event, told(env));
  },
};
