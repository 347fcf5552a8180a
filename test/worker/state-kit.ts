/**
 * State plus events equals a fresh fetch.
 *
 * `verify` runs an action while followers listen, each with the client library's `apply` and nothing else. Afterwards
 * what a follower holds, what a client holds that was away meanwhile and resumed, what a new client is given, and what
 * REST answers must all be the same.
 */

import type { Conversation, FetchedMessage } from "@rocket-chat-api/protocol";
import { expect } from "vitest";
import { apply } from "../../packages/client/src/apply.ts";
import { blank } from "../../packages/client/src/apply-sync.ts";
import { trim } from "../../packages/client/src/history.ts";
import { receiptStatus } from "../../packages/client/src/receipts.ts";
import { type Applied, type ConversationState, emptyState } from "../../packages/client/src/state.ts";
import { api, connect, connectTo, type Person, type TestSocket } from "./kit.ts";

/** Receipts are gathered for a while, and hubs are called after the sender's answer. A busy machine compares once in seconds. */
const CONVERGENCE_MS = 20_000;

/** A socket, and the state that follows from what it hears. */
export class Follower {
  readonly who: Person;
  readonly path: "user" | "conversation";
  state: ConversationState;
  /** How often something was missing. */
  gaps = 0;
  /** Whether it was told to begin again, and has not asked yet. */
  isReset = false;
  /** Whether an event about many messages has said too little of those that it holds, and it has not asked yet. */
  mustAsk = false;
  readonly #socket: TestSocket;
  #applied = 0;

  private constructor(who: Person, id: string, socket: TestSocket, path: "user" | "conversation") {
    this.who = who;
    this.path = path;
    this.state = emptyState(id, who.user_id);
    this.#socket = socket;
  }

  /** Follows a conversation from where it is now. @param path of the socket. */
  static async start(who: Person, id: string, path: "user" | "conversation"): Promise<Follower> {
    const socket = path === "user" ? await connect(who) : await connectTo(who, id);
    const follower = new Follower(who, id, socket, path);
    await follower.sync(0);
    return follower;
  }

  /** Asks for everything after a position, or after the own one. */
  async sync(since = this.state.seq): Promise<void> {
    await this.#socket.ask({ type: "sync", conversations: { [this.state.conversation_id]: since } });
    this.catchUp();
  }

  /** Applies what was heard since the last time. */
  catchUp(): void {
    for (const event of this.#socket.events.slice(this.#applied)) {
      this.#applied += 1;
      if (event.type === "sync.required" && event.reset) {
        this.state = blank(this.state);
        this.isReset = true;
      }
      if (!("conversation_id" in event) || event.type === "sync.required") continue;
      const { state, outcome }: Applied = apply(this.state, event);
      this.state = state;
      const isMeant = event.type === "messages.deleted" || event.type === "person.erased";
      if (outcome === "gap" && isMeant) this.mustAsk = true;
      if (outcome === "gap" && !this.isReset && !this.mustAsk) this.gaps += 1;
      if (event.type === "conversation.sync") this.isReset = this.mustAsk = false;
    }
  }

  async stop(): Promise<void> {
    this.#socket.close();
    await this.#socket.closed;
  }
}

/** What a client sees of a conversation, in a form in which two of them can be compared. */
export function view(state: ConversationState) {
  const { seq, membership, info, unread_count, unread_mentions } = state;
  // A watermark counts in messages: whether it stands on one or just above makes no difference.
  const place = (mark: number) => state.messages.findLast((message) => message.seq <= mark)?.seq ?? 0;
  // What was delivered is told to its sender alone.
  const ownPlace = (mark: number) =>
    state.messages.findLast(({ seq, sender_id }) => seq <= mark && sender_id === state.viewer_id)?.seq ?? 0;
  return {
    seq,
    membership,
    info,
    unread_count,
    unread_mentions,
    is_hidden: state.is_hidden,
    members: [...state.members.values()].sort((a, b) => (a.user_id < b.user_id ? -1 : 1)),
    messages: state.messages.map((message) => ({ ...message, status: receiptStatus(state, message) })),
    watermarks: Object.fromEntries(
      [...state.watermarks].map(([userId, mark]) => [
        userId,
        [
          mark.joined_seq,
          place(mark.last_read_seq),
          userId === state.viewer_id ? 0 : ownPlace(mark.last_delivered_seq),
        ],
      ]),
    ),
    hidden: [...state.hidden].sort((a, b) => a - b),
  };
}

/** What a new client is given. */
export async function freshState(who: Person, id: string): Promise<ConversationState> {
  const follower = await Follower.start(who, id, "conversation");
  await follower.stop();
  return follower.state;
}

/** What a client holds that comes back with what it had. */
async function resumed(who: Person, before: ConversationState): Promise<ConversationState> {
  const follower = await Follower.start(who, before.conversation_id, "user");
  follower.state = before;
  await follower.sync();
  await follower.stop();
  return follower.state;
}

/** Holds a state against what REST answers. */
async function matchesRest(who: Person, state: ConversationState): Promise<void> {
  const id = state.conversation_id;
  const details = (await api(who, "GET", `/conversations/${id}`)).body;
  const { is_request, seq } = state;
  expect({ ...details, participants: undefined }).toEqual({ ...state.info, is_request, seq });
  const byId = (a: { user_id: string }, b: { user_id: string }) => (a.user_id < b.user_id ? -1 : 1);
  const members = (details as Conversation).participants.map(
    ({ is_online: _, last_seen_at: __, ...member }) => member,
  );
  expect(members.sort(byId)).toEqual(view(state).members);
  const page = (await api(who, "GET", `/conversations/${id}/messages?limit=100`)).body;
  const messages = page.messages.map(({ receipt_status: _, ...message }: FetchedMessage) => message);
  expect(messages.reverse()).toEqual(view(state).messages);
  const list = (await api(who, "GET", "/conversations?limit=100")).body;
  const item = list.conversations.find((one: { conversation_id: string }) => one.conversation_id === id);
  const { unread_count, unread_mentions } = state;
  expect(item).toMatchObject({ unread_count, unread_mentions });
}

/** Tries again until it holds, and says why it does not in the end. */
export async function eventually(check: () => Promise<void>, timeoutMs = CONVERGENCE_MS): Promise<void> {
  for (const end = Date.now() + timeoutMs; ; ) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/**
 * Runs an action; afterwards everybody who is in must hold the same, however they came to it.
 * @param people who are in before or after.
 * @returns what the action returned.
 */
export async function verify<T>(id: string, people: Person[], action: () => Promise<T>): Promise<T> {
  const members = await membersAmong(id, people);
  const followers = await Promise.all(
    members.flatMap((who) => [Follower.start(who, id, "user"), Follower.start(who, id, "conversation")]),
  );
  const before = new Map(followers.map((follower) => [follower.who, follower.state]));
  const result = await action();
  const after = await membersAmong(id, people);
  await eventually(async () => {
    for (const who of after) {
      const fresh = await freshState(who, id);
      await matchesRest(who, fresh);
      for (const follower of followers.filter((one) => one.who === who)) {
        follower.catchUp();
        if (follower.isReset || follower.mustAsk) await follower.sync();
        if (follower.state.membership === "removed" && !(await cameBack(follower))) continue;
        expect(view(follower.state), `${who.username} followed`).toEqual(view(fresh));
      }
      const known = before.get(who);
      if (known) expect(view(await resumed(who, known)), `${who.username} resumed`).toEqual(view(fresh));
    }
  });
  for (const follower of followers) {
    follower.catchUp();
    expect(follower.gaps, `gaps that ${follower.who.username} saw`).toBe(0);
    if (!after.includes(follower.who)) expect(follower.state.membership).toBe("removed");
  }
  await Promise.all(followers.map((follower) => follower.stop()));
  return result;
}

/**
 * Who was removed and added again asks for what is new, for they were not told what was said before.
 * @returns whether that can be asked here: the conversation's own socket has closed.
 */
async function cameBack(follower: Follower): Promise<boolean> {
  if (follower.path === "conversation") return false;
  expect(follower.gaps).toBeGreaterThan(0);
  await follower.sync();
  follower.gaps = 0;
  return true;
}

async function membersAmong(id: string, people: Person[]): Promise<Person[]> {
  const statuses = await Promise.all(
    people.map(async (who) => (await api(who, "GET", `/conversations/${id}`)).status),
  );
  return people.filter((_, index) => statuses[index] === 200);
}

/** What is left of a view when only the newest messages are loaded. */
export function viewOfNewest(state: ConversationState, keep: number) {
  const { hidden: _, watermarks: __, ...rest } = view(trim(state, keep));
  return rest;
}
