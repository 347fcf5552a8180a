/** What the tests of search share. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { Flush } from "../../src/directory/projection.ts";
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

/** A flush as a conversation of one member makes it. */
export function flushOf(
  id: string,
  who: Person,
  texts: { seq: number; changed_seq: number; content: string; deleted_at?: number }[],
): Flush {
  const seq = Math.max(...texts.map((text) => text.changed_seq));
  return {
    conversation: {
      conversation_id: id,
      type: "group",
      name: "Projected",
      description: null,
      photo_url: null,
      created_by: who.user_id,
      created_at: 1,
      member_count: 1,
      seq,
      message_no: texts.length,
      last_message_seq: seq,
      last_activity_at: 1,
      sent_counts: null,
    },
    members: [
      {
        user_id: who.user_id,
        role: "owner",
        joined_seq: 1,
        left_seq: null,
        last_read_seq: 1,
        read_no: 0,
        read_sent_no: 0,
        unread_deleted: 0,
        unread_mentions: 0,
        hidden_seq: null,
        visible_from: null,
        request: null,
        blocked: null,
        read_blocked_no: 0,
        muted_until: null,
        sent_no: 0,
        rev: 1,
      },
    ],
    messages: texts.map((text) => ({
      sender_id: who.user_id,
      type: "text",
      created_at: 1000 + text.seq,
      edited_at: null,
      deleted_at: null,
      expires_at: null,
      ...text,
    })),
    hidden: [],
    sent: [],
    isMarked: false,
  };
}
