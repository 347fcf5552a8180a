/** Filters for tests. All tests share one deployment, so each uses words of its own and takes its filters away. */
import { runInDurableObject } from "cloudflare:test";
import type { ModerationNote } from "../../src/domain/moderation-note.ts";
import { type Answer, api, conversationObject } from "./kit.ts";
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

/** The notes that a conversation has written and not handed over, oldest first. */
export async function notesOf(conversationId: string): Promise<ModerationNote[]> {
  return await runInDurableObject(conversationObject(conversationId), (_, { storage }) =>
    storage.sql
      .exec<{ note: string }>("SELECT note FROM moderation_notes ORDER BY id")
      .toArray()
      .map(({ note }) => JSON.parse(note) as ModerationNote),
  );
}

/** The same, in short: what was done by which filter to which text. */
export async function notedIn(conversationId: string): Promise<unknown[]> {
  return (await notesOf(conversationId)).map(({ action, details }) => [
    action,
    details.filter,
    details.field,
    details.original,
  ]);
}
