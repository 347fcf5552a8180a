/** Nobody hears what is said outside their membership, and what is deleted is nowhere. */
import { env } from "cloudflare:workers";
import { messageIdAt, seqOf } from "@rocket-chat-api/client";
import type { ServerEvent } from "@rocket-chat-api/protocol";
import type { Actor } from "./actor.ts";
import type { Truth } from "./convergence.ts";
import type { Rows } from "./rows.ts";
import type { World } from "./world.ts";

const WORD = /zq\d+qz/g;

/** From and to which number somebody was in. */
type Stretch = { from: number; to: number };

/** When each person was in a conversation, as its own history tells. `user` -> stretches. */
export function stretchesOf(rows: Rows): Map<string, Stretch[]> {
  const stretches = new Map<string, Stretch[]>();
  const enter = (userId: string, from: number) => {
    stretches.set(userId, [...(stretches.get(userId) ?? []), { from, to: Number.POSITIVE_INFINITY }]);
  };
  const notes = rows.messages.flatMap(({ seq, system }) =>
    system === null ? [] : [{ seq, ...(JSON.parse(system) as Record<string, unknown>) }],
  );
  const comers = new Set(notes.flatMap((note) => ("user_ids" in note ? (note.user_ids as string[]) : [])));
  for (const { user_id, joined_seq } of rows.members) {
    if (joined_seq === 1 || !comers.has(user_id) || wasRemovedFirst(notes, user_id)) enter(user_id, 1);
  }
  for (const note of notes as { seq: number; event: string; user_ids?: string[]; user_id?: string }[]) {
    if (note.event === "participant.added") for (const id of note.user_ids ?? []) enter(id, note.seq - 1);
    const last = isRemoval(note) && stretches.get(note.user_id ?? "")?.at(-1);
    if (last) last.to = Math.min(last.to, note.seq - 1);
  }
  return stretches;
}

/** Whether a note says that somebody is out: who is banned may have been out before. */
function isRemoval({ event }: { event: string }): boolean {
  return event === "participant.removed" || event === "participant.banned";
}

/** Whether somebody was removed before they were ever added: then they were in from the beginning. */
function wasRemovedFirst(notes: { seq: number }[], userId: string): boolean {
  const about = notes.find(
    (note) =>
      ("user_ids" in note && (note.user_ids as string[]).includes(userId)) ||
      ("user_id" in note &&
        note.user_id === userId &&
        "event" in note &&
        isRemoval({ event: String(note.event) })),
  );
  return about !== undefined && !("user_ids" in about);
}

/** Every word and every number that a device heard was its owner's to hear: said while they were in, and not hidden by them. */
export function checkHeard(world: World, actor: Actor, rows: Map<string, Rows>): string[] {
  const wrong: string[] = [];
  const stretches = new Map(
    [...rows].map(([id, one]) => [id, stretchesOf(one).get(actor.who.user_id) ?? []]),
  );
  const mayHear = (id: string, seq: number) =>
    (stretches.get(id) ?? []).some(({ from, to }) => from <= seq && seq <= to);
  const hidden = new Set<string>();
  for (const event of actor.heard) {
    for (const id of hiddenBy(event)) hidden.add(id);
    if ("seq" in event && event.seq !== undefined && !mayHear(event.conversation_id, event.seq)) {
      wrong.push(`${actor.who.username} heard ${event.type} ${event.seq}`);
    }
    if (event.type === "ack" || event.type === "error") continue;
    if (event.type === "message.updated") {
      const maySee = maySeeOf(stretches.get(event.conversation_id) ?? [], event.seq);
      const hasBlocked = [...world.ledger.blocks.keys()].some((key) =>
        key.startsWith(`${actor.who.user_id} `),
      );
      const found = checkPatch(actor, event, maySee, hidden, rows.get(event.conversation_id));
      // Who has blocked somebody hears of what these say and do by number alone: blocks.ts.
      if (!hasBlocked || Object.keys(event.data.patch).length > 0) wrong.push(...found);
    }
    for (const word of JSON.stringify(event).match(WORD) ?? []) {
      const said = world.ledger.words.get(word);
      if (said?.message && !mayHear(said.conversation_id, said.message.seq)) {
        wrong.push(`${actor.who.username} heard ${word} of ${said.message.seq} in ${event.type}`);
      }
      if (said?.message && hidden.has(messageIdAt(said.conversation_id, said.message.seq))) {
        wrong.push(`${actor.who.username} heard ${word} of ${said.message.seq}, hidden, in ${event.type}`);
      }
    }
  }
  return wrong;
}

/** Whether a message was said in the membership that somebody had at a number. */
function maySeeOf(stretches: Stretch[], at: number): (seq: number) => boolean {
  const current = stretches.findLast(({ from, to }) => from <= at && at <= to);
  return (seq) => current !== undefined && current.from <= seq;
}

/** `message.updated` tells what has changed to those who may see the message, and nothing to others. */
function checkPatch(
  { who }: Actor,
  { data, seq }: Extract<ServerEvent, { type: "message.updated" }>,
  maySee: (seq: number) => boolean,
  hidden: ReadonlySet<string>,
  rows: Rows | undefined,
): string[] {
  const of = seqOf(data.message_id);
  const isEmpty = Object.keys(data.patch).length === 0;
  const isHiddenInTheEnd = rows?.hidden.some((one) => one.user_id === who.user_id && one.seq === of);
  if (data.changed_seq !== seq) return [`message.updated ${seq} says that it is ${data.changed_seq}`];
  if (isEmpty && maySee(of) && !isHiddenInTheEnd) return [`${who.username} heard nothing of ${of} in ${seq}`];
  if (isEmpty || (maySee(of) && !hidden.has(data.message_id))) return [];
  return [`${who.username} heard of ${of} in ${seq}, and may not see it`];
}

/** The messages that its owner has deleted for themselves, as an event tells. */
function hiddenBy(event: ServerEvent): string[] {
  if (event.type === "message.deleted" && !event.data.for_everyone) return [event.data.message_id];
  return event.type === "conversation.sync" ? event.data.hidden_message_ids : [];
}

/** Words that only deleted or earlier versions said. */
export function deadWords(world: World, rows: Map<string, Rows>): { deleted: string[]; replaced: string[] } {
  const deleted: string[] = [];
  const replaced: string[] = [];
  for (const [word, { message, conversation_id }] of world.ledger.words) {
    const row = rows.get(conversation_id)?.messages.find((one) => one.seq === message?.seq);
    if (!row) continue;
    if (row.deleted_at !== null) deleted.push(word);
    else if (!row.content.includes(word)) replaced.push(word);
  }
  return { deleted, replaced };
}

/** Deleted words are stored nowhere, and shown to nobody; replaced ones are in the edit history alone. */
export async function checkDeleted(world: World, rows: Map<string, Rows>, truth: Truth): Promise<string[]> {
  const { deleted, replaced } = deadWords(world, rows);
  const wrong: string[] = [];
  const ids = JSON.stringify(world.conversations);
  const { results } = await env.DB.prepare(
    "SELECT content FROM messages WHERE conversation_id IN (SELECT value FROM json_each(?))",
  )
    .bind(ids)
    .all<{ content: string }>();
  const stored = [...rows.values()].map((one) => one.dump).join("\n");
  const projected = results.map((row) => row.content).join("\n");
  const shown = [...truth.values()].map((state) => JSON.stringify(state?.messages ?? [])).join("\n");
  for (const word of deleted) {
    if (stored.includes(word)) wrong.push(`${word} is deleted, and stored`);
  }
  for (const word of [...deleted, ...replaced]) {
    if (projected.includes(word)) wrong.push(`${word} is gone, and in D1`);
    if (shown.includes(word)) wrong.push(`${word} is gone, and shown`);
  }
  return wrong;
}

/** Somebody finds a word where they may see it and it is still said, and nowhere else. */
export async function checkSearch(
  world: World,
  actor: Actor,
  words: string[],
  truth: Truth,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const word of words) {
    const said = world.ledger.words.get(word);
    const id = said?.conversation_id ?? "";
    const state = truth.get(`${id} ${actor.who.user_id}`);
    const visible = state?.messages.find((message) => message.content.includes(word));
    const wanted = visible ? [messageIdAt(id, visible.seq)] : [];
    const { results } = await actor.client.rest.searchMessages({ q: word });
    const found = results.map((result) => result.message_id);
    if (found.join() !== wanted.join()) {
      wrong.push(
        `${actor.who.username} finds ${word} at [${found.map(seqOf)}], should at [${wanted.map(seqOf)}]`,
      );
    }
  }
  return wrong;
}
