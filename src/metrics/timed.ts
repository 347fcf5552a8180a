/** Counts and times what D1 and R2 are asked. */
import { metrics } from "./metrics.ts";

type Store = "d1" | "r2";

/** Asks, and notes how long the answer took or that there was none. */
export async function timed<T>(store: Store, ask: () => Promise<T>): Promise<T> {
  const begun = Date.now();
  try {
    const answer = await ask();
    metrics.observe("store_seconds", (Date.now() - begun) / 1_000, store);
    return answer;
  } catch (error) {
    metrics.add("store_errors", 1, store);
    throw error;
  }
}

/** Methods of a statement that ask the database. */
const ASKS = new Set(["all", "first", "raw", "run"]);

/** The statement that the platform knows, behind one that is timed: `batch` takes no others. */
const originals = new WeakMap<D1PreparedStatement, D1PreparedStatement>();

function timedStatement(statement: D1PreparedStatement): D1PreparedStatement {
  const shown = new Proxy(statement, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args);
      if (name === "bind")
        return (...args: unknown[]) => timedStatement(call(...args) as D1PreparedStatement);
      return ASKS.has(String(name))
        ? (...args: unknown[]) => timed("d1", () => call(...args) as Promise<unknown>)
        : call;
    },
  });
  originals.set(shown, statement);
  return shown;
}

/** A database whose queries are timed. */
export function timedDatabase(db: D1Database): D1Database {
  return new Proxy(db, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (name === "prepare") return (sql: string) => timedStatement(target.prepare(sql));
      if (name === "batch")
        return (statements: D1PreparedStatement[]) =>
          timed("d1", () => target.batch(statements.map((one) => originals.get(one) ?? one)));
      return (...args: unknown[]): unknown => Reflect.apply(value, target, args);
    },
  });
}

/** Methods of a bucket that ask it. */
const BUCKET_ASKS = new Set(["head", "get", "put", "delete", "list"]);

/** A bucket whose requests are timed. Of a file that is read, it is the time until its bytes begin. */
export function timedBucket(bucket: R2Bucket): R2Bucket {
  return new Proxy(bucket, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args);
      return BUCKET_ASKS.has(String(name))
        ? (...args: unknown[]) => timed("r2", () => call(...args) as Promise<unknown>)
        : call;
    },
  });
}
