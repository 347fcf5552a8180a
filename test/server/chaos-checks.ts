/** What must be true when the storm is over. */
import { setTimeout as sleep } from "node:timers/promises";
import { type ConversationState, receiptStatus } from "@rocket-chat-api/client";
import type { Message } from "@rocket-chat-api/protocol";
import type { ChaosClient, Log } from "./chaos-clients.ts";

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

/** What two clients must agree on: everything but their own read state. */
function shared(state: ConversationState): string {
  const { seq, membership, info, members, watermarks, messages } = state;
  const marks = [...watermarks].map(([userId, mark]) => [userId, mark.last_delivered_seq]).sort();
  const newest = messages.slice(-50).map((message) => [message.seq, message.content, message.sender_id]);
  return JSON.stringify([seq, membership, info, [...members.keys()].sort(), marks, newest]);
}

/** Whether all followers hold the same, and have received each other's messages. @returns what differs. */
export function checkEqual(room: Room): string[] {
  const states = room.followers.map((follower) => follower.client.conversations.get(room.id));
  const [first] = states;
  if (!first) return ["a client knows nothing of a conversation"];
  const wrong = room.followers.flatMap((follower, i) => {
    const state = states[i];
    return state && shared(state) === shared(first) ? [] : [`${follower.name} holds something else`];
  });
  for (const state of room.followers.length === room.members.length ? states : []) {
    const own = state?.messages.filter(
      ({ sender_id, type }) => sender_id === state.viewer_id && type === "text",
    );
    const undelivered = own?.filter((message) => state && receiptStatus(state, message) === "sent") ?? [];
    if (undelivered.length > 0) wrong.push(`${undelivered.length} messages count as not delivered`);
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
