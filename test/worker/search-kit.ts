/** What the tests of search share. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { api, group, type Person, people } from "./kit.ts";

/** Searches; the answer whole. */
export async function ask(who: Person | undefined, q: string, filters: Record<string, string> = {}) {
  return await api(who, "GET", `/search/messages?${new URLSearchParams({ q, ...filters })}`);
}

/** Searches; the contents found, newest first. */
export async function find(who: Person, q: string, filters: Record<string, string> = {}): Promise<string[]> {
  const { status, body } = await ask(who, q, filters);
  expect(status).toBe(200);
  expect(body.total).toBeGreaterThanOrEqual(body.results.length);
  return body.results.map((result: { content: string }) => result.content);
}

/** Two people in a group. */
export async function pair(name?: string): Promise<{ ann: Person; bob: Person; id: string }> {
  const [ann, bob] = (await people("ann", "bob")) as [Person, Person];
  return { ann, bob, id: await group(ann, [bob], name) };
}

/** Rows of the index that hold a word of a conversation. */
export async function indexed(conversationId: string, word: string): Promise<number> {
  const row = await env.DB.prepare("SELECT count(*) AS n FROM search_index WHERE search_index MATCH ?")
    .bind(`"${conversationId.slice(0, 8)}${word}"`)
    .first<{ n: number }>();
  return row?.n ?? 0;
}
