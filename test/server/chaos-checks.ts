/** What must be true when the storm is over. */

import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { ConversationState } from "@rocket-chat-api/client";
import type { Message } from "@rocket-chat-api/protocol";
import { statusOf } from "@rocket-chat-api/protocol/facts";
import { ChaosClient, type Log } from "./chaos-clients.ts";

/** A conversation, who is in, which of them follow it, and its history as it is stored. */
export interface Room {
  id: string;
  members: string[];
  followers: ChaosClient[];
  history: Message[];
}

/** The whole history over REST, oldest first. */
export async function historyOf(client: ChaosClient, conversationId: string): Promise<Message[]> {
  const messages: Message[] = [];
  for (let more = true; more; ) {
    const oldest = messages.at(-1)?.message_id;
    const page = await client.client.rest.listMessages({
      conversation_id: conversationId,
      before_id: oldest,
      limit: 100,
    });
    messages.push(...page.messages);
    more = page.has_more;
  }
  return messages.reverse();
}

/** Every acknowledged message is stored, once, as it was acknowledged, and in the order in which it was sent. */
export function checkHistory(room: Room): string[] {
  const wrong: string[] = [];
  const stored = new Map<string, Message>();
  const lanes = new Map<string, number>();
  let before = 0;
  for (const message of room.history) {
    if (message.seq <= before) wrong.push(`out of order: ${message.seq} after ${before}`);
    before = message.seq;
    if (message.client_message_id === null) continue;
    const twin = stored.get(message.client_message_id);
    if (twin) wrong.push(`doubled: "${message.content}" is ${twin.seq} and ${message.seq}`);
    stored.set(message.client_message_id, message);
    const [name = "", lane = "", n = ""] = message.content.split(" ");
    if (Number(n) <= (lanes.get(name + lane) ?? 0)) wrong.push(`out of order: "${message.content}"`);
    lanes.set(name + lane, Number(n));
  }
  for (const { acknowledged } of room.followers) {
    for (const [id, { content, message }] of acknowledged) {
      if (message.conversation_id !== room.id) continue;
      const there = stored.get(id);
      if (!there) wrong.push(`lost: "${content}", acknowledged as ${message.seq}`);
      else if (there.seq !== message.seq || there.content !== content) wrong.push(`changed: "${content}"`);
      stored.delete(id);
    }
  }
  // Everybody has waited for the end of every message, so nothing is left that nobody was told of.
  for (const { content } of stored.values()) wrong.push(`stored, and never acknowledged: "${content}"`);
  return wrong;
}

/** A client came to know every message, each once, in order. */
export function checkLog(client: ChaosClient, room: Room): string[] {
  const log = client.log(room.id);
  const wanted = room.history.filter(({ seq }) => !isSkipped(log, seq));
  const isSame =
    log.seqs.length === wanted.length &&
    wanted.every(({ seq, content }, i) => log.seqs[i] === seq && log.contents[i] === content);
  if (isSame) return [];
  const known = new Set(log.seqs);
  const missing = wanted.filter(({ seq }) => !known.has(seq)).map(({ seq }) => seq);
  return [
    `${client.name} knows ${log.seqs.length} of ${wanted.length} messages; missing: ${missing.slice(0, 10).join(", ")}`,
  ];
}

function isSkipped({ skipped }: Log, seq: number): boolean {
  return skipped.some(({ after, before }) => after < seq && seq < before);
}

/** What two clients must agree on. Receipts are not in it: a delivery is told to the senders alone (rule 33). */
function shared(state: ConversationState): Record<string, unknown> {
  const { seq, membership, info, members, messages } = state;
  return {
    seq,
    membership,
    info,
    members: [...members.keys()].sort(),
    newest: messages.slice(-50).map((message) => [message.seq, message.content, message.sender_id]),
  };
}

/** @returns what differs between two clients, with the first 300 characters of both; undefined when nothing does. */
function difference(one: ConversationState, other: ConversationState): string | undefined {
  const mine = shared(one);
  for (const [field, theirs] of Object.entries(shared(other))) {
    // Not as texts: what a client restores from the short form has its fields in another order.
    if (isDeepStrictEqual(mine[field], theirs)) continue;
    const [here, there] = [mine[field], theirs].map((value) => JSON.stringify(value).slice(0, 300));
    return `${field}: ${here} and ${there}`;
  }
  return undefined;
}

/** A client's newest message in a conversation, as far as it has it. */
function newestOwn(state: ConversationState): Message | undefined {
  return state.messages.findLast(({ sender_id, type }) => sender_id === state.viewer_id && type === "text");
}

/** Whether all followers hold the same, and know that the others have their messages. @returns what is wrong. */
export function checkEqual(room: Room): string[] {
  const states = room.followers.map((follower) => follower.client.conversations.get(room.id));
  const [first] = states;
  if (!first) return ["a client knows nothing of a conversation"];
  const users = states.flatMap((state) => state?.viewer_id ?? []);
  return room.followers.flatMap(({ name }, i) => {
    const state = states[i];
    if (!state) return [`${name} knows nothing of ${room.id}`];
    const differs = difference(state, first);
    const missing = undeliveredTo(state, users);
    const wrong = differs === undefined ? [] : [`${name} holds something else in ${room.id}, ${differs}`];
    if (missing > 0) wrong.push(`${name}'s newest in ${room.id} is not delivered to ${missing} others`);
    return wrong;
  });
}

/** How many of these users have not received a client's newest message, as far as it knows. */
function undeliveredTo(state: ConversationState, users: string[]): number {
  const seq = newestOwn(state)?.seq ?? 0;
  const others = users.filter((userId) => userId !== state.viewer_id);
  return others.filter((userId) => (state.watermarks.get(userId)?.last_delivered_seq ?? 0) < seq).length;
}

/** What a client knows of the receipts of its newest message is what the server says of them. */
export async function checkReceipts(room: Room, url: string, secret: string): Promise<string[]> {
  const wrong: string[] = [];
  for (const { name, client } of room.followers) {
    const state = client.conversations.get(room.id);
    const message = state && newestOwn(state);
    if (!message) continue;
    const witness = new ChaosClient(name, url, secret);
    const { receipts } = await witness.client.rest.listReceipts({ message_id: message.message_id });
    for (const { user_id, status } of receipts) {
      const mark = state.watermarks.get(user_id);
      const known = statusOf(message.seq, mark?.last_read_seq ?? 0, mark?.last_delivered_seq ?? 0);
      const what = `${name} takes ${message.seq} in ${room.id} for ${known}; for ${user_id} it is ${status}`;
      if (known !== status) wrong.push(what);
    }
  }
  return wrong;
}

/** Waits until a check finds nothing. @returns what it found last. */
export async function settled(check: () => string[], timeoutMs: number): Promise<string[]> {
  for (const end = Date.now() + timeoutMs; ; await sleep(200)) {
    const wrong = check();
    if (wrong.length === 0 || Date.now() > end) return wrong;
  }
}
