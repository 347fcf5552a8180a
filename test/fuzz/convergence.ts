/** Every client holds what a new one would be given, and so does the directory. */

import { env } from "cloudflare:workers";
import { apply, type ConversationState, emptyState, seqOf } from "@rocket-chat-api/client";
import { view, viewOfNewest } from "../worker/state-kit.ts";
import type { Actor } from "./actor.ts";
import type { Rows } from "./rows.ts";
import type { World } from "./world.ts";

/** What new clients know: `conversation user` -> state; undefined for who is not in. */
export type Truth = Map<string, ConversationState | undefined>;

/** Holds a client's states against those of new ones. */
export function checkClient(world: World, actor: Actor, truth: Truth): string[] {
  const ids = actor.only === undefined ? world.conversations : [actor.only];
  return ids.flatMap((id) => {
    const fresh = truth.get(`${id} ${actor.who.user_id}`);
    const held = actor.client.conversations.get(id);
    const place = `${actor.who.username} ${actor.only ? "(tablet) " : ""}in ${world.conversations.indexOf(id)}`;
    if (!fresh) return held?.membership !== "member" ? [] : [`${place}: believes to be in`];
    if (!held) return [`${place}: knows nothing`];
    const { user_id = "" } = world.ledger.erased ?? {};
    const erasedId = held.watermarks.has(user_id) ? user_id : undefined;
    return differences(
      withoutErased(viewFor(actor, withoutForgottenIds(held, fresh), held), erasedId),
      withoutErased(viewFor(actor, fresh, held), erasedId),
    ).map((what) => `${place}: ${what}`);
  });
}

/**
 * Of a message that was deleted before its sender was erased, the server forgets how its client has called it: a random id, so that nobody
 * is told.
 */
function withoutForgottenIds(held: ConversationState, fresh: ConversationState): ConversationState {
  const isForgotten = ({ is_deleted, client_message_id }: ConversationState["messages"][number]) =>
    is_deleted && client_message_id === null;
  const forgotten = new Set(fresh.messages.filter(isForgotten).map(({ seq }) => seq));
  const messages = held.messages.map((one) =>
    one.is_deleted && forgotten.has(one.seq) ? { ...one, client_message_id: null } : one,
  );
  return { ...held, messages };
}

/**
 * In a direct chat an erased person stays a member. How far they had received and read is forgotten, and a device that has known it is
 * not told.
 */
function withoutErased(view: Record<string, unknown>, erasedId: string | undefined): Record<string, unknown> {
  if (erasedId === undefined) return view;
  const { watermarks, messages } = view as { watermarks?: object; messages: object[] };
  return {
    ...view,
    ...(watermarks && { watermarks: { ...watermarks, [erasedId]: null } }),
    messages: messages.map((message) => ({ ...message, status: null })),
  };
}

/** A device that keeps only the newest messages is compared in those. */
function viewFor(actor: Actor, state: ConversationState, held: ConversationState): Record<string, unknown> {
  return actor.keep === undefined && held.loaded_from === 0
    ? view(state)
    : viewOfNewest(state, Math.min(held.messages.length, actor.keep ?? held.messages.length));
}

/** The fields in which two values differ, down to the ones that do. */
export function differences(held: unknown, fresh: unknown, path = ""): string[] {
  if (canonical(held) === canonical(fresh)) return [];
  if (!isObject(held) || !isObject(fresh))
    return [`${path} is ${canonical(held)}, should be ${canonical(fresh)}`];
  const keys = new Set([...Object.keys(fresh), ...Object.keys(held)]);
  return [...keys].flatMap((key) => differences(held[key], fresh[key], `${path}/${key}`));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** JSON in which the order of keys makes no difference. */
function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/**
 * D1 has what the object has.
 * @param isKeeper whether the conversation has ever kept messages for some days only: D1 forgets those that are gone then.
 */
export async function checkProjection(id: string, rows: Rows, isKeeper: boolean): Promise<string[]> {
  const [messages, members, hidden] = await env.DB.batch([
    env.DB.prepare(
      "SELECT seq, changed_seq, sender_id, type, content, edited_at, deleted_at, expires_at FROM messages WHERE conversation_id = ? ORDER BY seq",
    ).bind(id),
    env.DB.prepare(
      "SELECT user_id, role, joined_seq, left_seq, last_read_seq, unread_mentions FROM members WHERE conversation_id = ? ORDER BY user_id",
    ).bind(id),
    env.DB.prepare("SELECT user_id, seq FROM hidden WHERE conversation_id = ? ORDER BY seq, user_id").bind(
      id,
    ),
  ]);
  const shaped = <T extends object>(list: T[], like: object | undefined) =>
    list.map((row) => Object.fromEntries(Object.keys(like ?? {}).map((key) => [key, row[key as keyof T]])));
  const isCompared = (row: unknown) => !isKeeper || (row as { deleted_at: unknown }).deleted_at === null;
  const sorted = [...rows.members].sort((a, b) => (a.user_id < b.user_id ? -1 : 1));
  const hid = [...rows.hidden].sort((a, b) => a.seq - b.seq || (a.user_id < b.user_id ? -1 : 1));
  return differences(
    { messages: messages?.results.filter(isCompared), members: members?.results, hidden: hidden?.results },
    {
      messages: shaped(rows.messages.filter(isCompared), messages?.results[0] as object),
      members: shaped(sorted, members?.results[0] as object),
      hidden: shaped(hid, { user_id: 0, seq: 0 }),
    },
  ).map((what) => `D1: ${what}`);
}

/**
 * The newest messages of a view, as if what was delivered were only sent: each `/sync` of the members before has delivered
 * what it fetched (rule 19), since the other view was taken.
 */
function beforeDelivery(state: ConversationState, newest: number) {
  const { messages, ...rest } = viewOfNewest(state, newest);
  const undelivered = messages.map((message) =>
    message.status === "delivered" ? { ...message, status: "sent" } : message,
  );
  return { ...rest, messages: undelivered };
}

/** The list of conversations, and a first `GET /sync`. */
export async function checkLists(world: World, actor: Actor, truth: Truth): Promise<string[]> {
  const { rest } = actor.client;
  const [list, sync] = await Promise.all([rest.conversations({ limit: 100 }), rest.sync(undefined, 100)]);
  const wrong: string[] = [];
  for (const id of world.conversations) {
    const fresh = truth.get(`${id} ${actor.who.user_id}`);
    const place = `${actor.who.username}'s list, ${world.conversations.indexOf(id)}`;
    const item = list.conversations.find((one) => one.conversation_id === id);
    const synced = sync.conversations.find((one) => one.conversation.conversation_id === id);
    if (!fresh || fresh.is_hidden) {
      if (item || synced) wrong.push(`${place}: shows what they are not in, or have left`);
      continue;
    }
    if (!item || !synced) {
      wrong.push(`${place}: is not there`);
      continue;
    }
    const last = fresh.messages.at(-1);
    const shown = (one: typeof item) => ({
      unread: [one.unread_count, one.unread_mentions],
      count: one.participant_count,
      name: one.name,
      is_request: one.is_request,
      last: one.last_message && [seqOf(one.last_message.message_id), one.last_message.content],
    });
    const wanted = {
      unread: [fresh.unread_count, fresh.unread_mentions],
      count: fresh.info?.participant_count,
      name: fresh.info?.name,
      is_request: fresh.is_request,
      last: last ? [last.seq, last.content] : null,
    };
    wrong.push(...differences(shown(item), wanted).map((what) => `${place}: ${what}`));
    const event = { type: "conversation.sync" as const, conversation_id: id, data: synced.changes };
    const { state } = apply(emptyState(id, actor.who.user_id), event);
    const newest = state.messages.length;
    wrong.push(
      ...differences(beforeDelivery(state, newest), beforeDelivery(fresh, newest)).map(
        (what) => `${place} /sync: ${what}`,
      ),
    );
  }
  return wrong;
}
