/** What the platform would bill: counted from its own counters, around the service under test. */
import { env as real } from "cloudflare:workers";
import type { Env } from "../../src/env.ts";
import { faults } from "./faults.ts";
import { watchCursor } from "./open-cursors.ts";

/** Counted since the isolate began; take differences. */
export interface Usage {
  /** Calls to Durable Objects: each is billed as a request. */
  object_requests: number;
  /** Alarms set: each is billed as a row written. */
  alarms_set: number;
  object_statements: number;
  object_rows_read: number;
  object_rows_written: number;
  d1_rows_read: number;
  d1_rows_written: number;
}

const counted = { object_requests: 0, alarms_set: 0, d1_rows_read: 0, d1_rows_written: 0 };
/** A cursor's counters are whole once it has been read. */
let cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
/** The object that is counted, and the Worker; objects of other tests may still be at work. */
let watched: string | undefined;

function isCounted(owner: string | undefined): boolean {
  return watched !== undefined && (owner === watched || owner === WORKER);
}

/** The owner of what no object does. */
export const WORKER = "worker";

/** Runs something and tells what one object, and the Worker, used for it. @param name the object's. */
export async function usageOf(name: string, run: () => Promise<void>): Promise<Usage> {
  const before = { ...counted };
  cursors = [];
  watched = name;
  await run();
  watched = undefined;
  const sum = (of: (cursor: (typeof cursors)[number]) => number) => cursors.reduce((n, c) => n + of(c), 0);
  return {
    object_requests: counted.object_requests - before.object_requests,
    alarms_set: counted.alarms_set - before.alarms_set,
    object_statements: cursors.length,
    object_rows_read: sum((cursor) => cursor.rowsRead),
    object_rows_written: sum((cursor) => cursor.rowsWritten),
    d1_rows_read: counted.d1_rows_read - before.d1_rows_read,
    d1_rows_written: counted.d1_rows_written - before.d1_rows_written,
  };
}

/** How much has been counted. */
const sum = () => Object.values(counted).reduce((n, one) => n + one, cursors.length);

/**
 * Waits until the object that is counted has done nothing for `ms` milliseconds. It shares our thread, and what it has asked
 * of D1 is answered before what we ask then: a busy machine delays us as well.
 */
export async function quiet(ms = 80): Promise<void> {
  let before: number;
  do {
    before = sum();
    await new Promise((resolve) => setTimeout(resolve, ms));
    await real.DB.prepare("SELECT 1").first();
  } while (sum() !== before);
}

/** Counts the rows and alarms of an object. */
export function countObject(ctx: DurableObjectState): DurableObjectState {
  const { sql } = ctx.storage;
  const exec = sql.exec.bind(sql);
  const setAlarm = ctx.storage.setAlarm.bind(ctx.storage);
  const counting: SqlStorage["exec"] = (query, ...bindings) => {
    if (faults.storageLocked !== undefined && faults.storageLocked === ctx.id.name)
      throw new Error("database is locked: SQLITE_BUSY");
    const cursor = exec(query, ...bindings);
    watchCursor(query, cursor as (typeof cursors)[number]);
    if (isCounted(ctx.id.name)) cursors.push(cursor as (typeof cursors)[number]);
    return cursor as ReturnType<typeof exec> as never;
  };
  const replaced = new Proxy(sql, {
    get: (target, property) => (property === "exec" ? counting : Reflect.get(target, property, target)),
  });
  Object.defineProperty(ctx.storage, "sql", { value: replaced });
  Object.defineProperty(ctx.storage, "setAlarm", {
    value: (time: number | Date) => {
      if (isCounted(ctx.id.name)) counted.alarms_set += 1;
      return setAlarm(time);
    },
  });
  return ctx;
}

function countNamespace<T extends object>(namespace: T, owner: string | undefined): T {
  return new Proxy(namespace, {
    get(target, property) {
      const value = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      if (property !== "get") return value.bind(target);
      return (id: DurableObjectId) => countStub(Reflect.apply(value, target, [id]), owner);
    },
  });
}

function countStub<T extends object>(stub: T, owner: string | undefined): T {
  return new Proxy(stub, {
    get(target, property) {
      const value = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (isCounted(owner)) counted.object_requests += 1;
        return Reflect.apply(value, target, args);
      };
    },
  });
}

function countDatabase(db: D1Database, owner: string | undefined): D1Database {
  return new Proxy(db, {
    get(target, property) {
      const value = Reflect.get(target, property);
      if (property !== "batch") return typeof value === "function" ? value.bind(target) : value;
      return async (statements: D1PreparedStatement[]) => {
        const results = await target.batch(statements);
        for (const { meta } of isCounted(owner) ? results : []) {
          counted.d1_rows_read += meta.rows_read;
          counted.d1_rows_written += meta.rows_written;
        }
        return results;
      };
    },
  });
}

/** The bindings, counted. @param owner the object that has them, or the Worker. */
export function countEnv(env: Env, owner: string | undefined): Env {
  const replaced: Partial<Env> = {
    CONVERSATION: countNamespace(env.CONVERSATION, owner),
    USER_HUB: countNamespace(env.USER_HUB, owner),
    DB: countDatabase(env.DB, owner),
  };
  return new Proxy(env, {
    get: (target, property) => Reflect.get(property in replaced ? replaced : target, property),
  });
}
