/** Erasures and exports in tests: running their jobs to the end, and looking for a word in everything that is stored. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import { resumeJobs } from "../../src/jobs.ts";
import { withFaults } from "./faults.ts";
import { api, conversationObject, hubObject, type Person } from "./kit.ts";
import type { Backend } from "./server-kit.ts";

/** Starts an erasure. @returns the job's id. */
export async function erase(
  backend: Backend,
  who: Pick<Person, "user_id">,
  messages: "erase" | "anonymise" = "erase",
): Promise<string> {
  const { status, body } = await api(backend, "POST", `/server/users/${who.user_id}/erase`, { messages });
  expect([status, body]).toEqual([202, { job_id: expect.any(String) }]);
  return body.job_id;
}

/** Makes the first round of an erasure as long ago as the second one needs. */
export async function letTimePass({ user_id }: Pick<Person, "user_id">): Promise<void> {
  await env.DB.prepare("UPDATE users SET erased_at = erased_at - 100000 WHERE user_id = ?")
    .bind(user_id)
    .run();
}

/**
 * Runs the cron trigger until a job has ended. A run that still goes on is left alone: of two at once each counts only what it has
 * done itself. @returns the job.
 */
export async function finished(backend: Backend, job_id: string, who?: Pick<Person, "user_id">) {
  let seen: number | undefined;
  return await vi.waitFor(async () => {
    if (who) await letTimePass(who);
    const now = await movedAt(job_id);
    if (now === seen) await makeDue(job_id);
    if (now === seen) await resumeJobs(withFaults(env), Date.now() + 120_000);
    seen = now;
    const { body } = await api(backend, "GET", `/server/jobs/${job_id}`);
    expect(body.status).not.toBe("running");
    return body;
  }, 20_000);
}

/** Makes what is late in a job due now, as if time had passed. */
export async function makeDue(job_id: string): Promise<void> {
  await env.DB.prepare(
    `UPDATE jobs SET cursor = json_set(cursor, '$.late',
      (SELECT json_group_array(json_set(value, '$.due_at', 0)) FROM json_each(cursor, '$.late')))
    WHERE job_id = ? AND json_valid(cursor) AND json_type(cursor, '$.late') = 'array'`,
  )
    .bind(job_id)
    .run();
}

/** When a job last came further. */
async function movedAt(job_id: string): Promise<number | undefined> {
  const row = await env.DB.prepare("SELECT updated_at FROM jobs WHERE job_id = ?").bind(job_id).first();
  return row?.updated_at as number | undefined;
}

/** Every row of every table of an object, or of D1, as text. */
function dump(exec: (query: string) => Record<string, unknown>[]): string {
  const tables = exec("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => String(name));
  const own = tables.filter((name) => !/^(?:_cf_|__miniflare|sqlite_)/.test(name));
  return own.map((name) => `${name}: ${JSON.stringify(exec(`SELECT * FROM "${name}"`))}`).join("\n");
}

/** Everything that a conversation stores. */
export async function storedIn(conversationId: string): Promise<string> {
  return await runInDurableObject(conversationObject(conversationId), (_, { storage }) =>
    dump((query) => storage.sql.exec(query).toArray()),
  );
}

/** Everything that a user's hub stores. */
export async function storedAt({ user_id }: Pick<Person, "user_id">): Promise<string> {
  return await runInDurableObject(hubObject(user_id), (_, { storage }) => {
    const kept = JSON.stringify([...storage.kv.list()]);
    return `${kept}\n${dump((query) => storage.sql.exec(query).toArray())}`;
  });
}

/** Everything that D1 has, but for the search index, which is asked with a search. */
export async function storedInDirectory(): Promise<string> {
  const { results } = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  const names = results
    .map(({ name }) => String(name))
    .filter((name) => !/^(?:_cf_|sqlite_|search_index)/.test(name));
  const rows = await env.DB.batch(names.map((name) => env.DB.prepare(`SELECT * FROM "${name}"`)));
  return names.map((name, i) => `${name}: ${JSON.stringify(rows[i]?.results)}`).join("\n");
}

/** The places in a text where a word stands, with what is around it. */
export function found(text: string, word: string): string[] {
  return [...text.matchAll(new RegExp(word, "gi"))].map(({ index }) =>
    text.slice(Math.max(0, index - 80), index + 80),
  );
}
