/** Filters for tests. All tests share one deployment, so each uses words of its own and takes its filters away. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { type Answer, api, conversationObject, type Person } from "./kit.ts";
import { type Backend, serverToken } from "./server-kit.ts";

const made = new Set<string>();
let backend: Backend | undefined;

/** A credential for filters alone. */
export async function moderator(): Promise<Backend> {
  backend ??= await serverToken("moderation");
  return backend;
}

/** Makes or replaces a filter. */
export async function putFilter(name: string, body: object): Promise<Answer> {
  made.add(name);
  return await api(await moderator(), "PUT", `/server/moderation/filters/${name}`, body);
}

/** A filter of whole words. */
export async function words(name: string, action: string, ...entries: string[]): Promise<Answer> {
  return await putFilter(name, { type: "words", action, entries });
}

/** Takes away what the tests have made. */
export async function takeFiltersAway(): Promise<void> {
  for (const name of made) await api(await moderator(), "DELETE", `/server/moderation/filters/${name}`);
  made.clear();
}

/** What a conversation or a person has in the log of moderation, in its order. */
interface Note {
  action: string;
  actor_id: string | null;
  target_id: string | null;
  conversation_id: string | null;
  message_id: string | null;
  details: Record<string, string>;
}

async function logged(where: string, id: string): Promise<Note[]> {
  const { results } = await env.DB.prepare(
    `SELECT action, actor_id, target_id, conversation_id, message_id, details FROM moderation_log
      WHERE ${where} = ? ORDER BY at, CAST(substr(log_id, instr(log_id, ':') + 1) AS INTEGER)`,
  )
    .bind(id)
    .all<Omit<Note, "details"> & { details: string }>();
  return results.map((row) => ({ ...row, details: JSON.parse(row.details) }));
}

/** The notes of a conversation, once it has handed all of them over. */
export async function notesOf(conversationId: string): Promise<Note[]> {
  const waiting = async () =>
    await runInDurableObject(conversationObject(conversationId), (_, { storage }) =>
      storage.sql.exec("SELECT 1 FROM moderation_notes").toArray(),
    );
  await expect.poll(waiting).toEqual([]);
  return await logged("conversation_id", conversationId);
}

/** The same, in short: what was done by which filter to which text. */
export async function notedIn(conversationId: string): Promise<unknown[]> {
  return (await notesOf(conversationId)).map(inShort);
}

/** What was done to a person's display names, in short. */
export async function notedOf({ user_id }: Person): Promise<unknown[]> {
  return (await logged("conversation_id IS NULL AND target_id", user_id)).map(inShort);
}

function inShort({ action, details }: Note): unknown[] {
  return [action, details.filter, details.field, details.original];
}
