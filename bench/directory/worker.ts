/**
 * Stands in for D1, in a process of its own: workerd has the binding, but what is behind it is Cloudflare's. One SQLite
 * object answers the binding's requests, so that the service's own CPU is counted without the database's.
 */
import { DurableObject } from "cloudflare:workers";

interface Env {
  DIRECTORY: DurableObjectNamespace<Directory>;
}

interface Query {
  sql: string;
  params?: unknown[];
}

export class Directory extends DurableObject<Env> {
  override async fetch(request: Request): Promise<Response> {
    const body: Query | Query[] = await request.json();
    try {
      const queries = Array.isArray(body) ? body : [body];
      const answers = this.ctx.storage.transactionSync(() => queries.map((query) => this.#answer(query)));
      return Response.json(answers);
    } catch (error) {
      return Response.json({ success: false, error: error instanceof Error ? error.message : String(error) });
    }
  }

  #answer({ sql, params = [] }: Query) {
    const { sql: database } = this.ctx.storage;
    const cursor = database.exec(sql, ...params);
    const results = { columns: cursor.columnNames, rows: [...cursor.raw()] };
    const meta = { duration: 0, rows_read: cursor.rowsRead, rows_written: cursor.rowsWritten };
    return {
      success: true,
      results,
      meta: { ...meta, size_after: database.databaseSize, changes: meta.rows_written },
    };
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (request.method === "GET") return new Response("ok");
    return await env.DIRECTORY.get(env.DIRECTORY.idFromName("directory")).fetch(request);
  },
};
