/** What the contract tests add to the kit: typed casts, strict answers, and sockets that are checked and closed. */

import {
  type ConversationListItem,
  CustomEvent,
  ERRORS,
  ErrorBody,
  type ErrorCode,
  type FetchedMessage,
  type Message,
  MessagePage,
  type Role,
  ServerEvent,
} from "@rocket-chat-api/protocol";
import { expect } from "vitest";
import * as worker from "../worker/kit.ts";
import { type Answer, api, type Person, person, say, type TestSocket } from "../worker/kit.ts";

export const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
export const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** People by name; their tuple is as long as the names. */
export async function cast<Names extends string[]>(
  ...names: Names
): Promise<{ [Index in keyof Names]: Person }> {
  return (await Promise.all(names.map(person))) as { [Index in keyof Names]: Person };
}

/** The body of an answer with this status. */
export async function body<T = unknown>(answer: Promise<Answer>, status: number): Promise<T> {
  const { status: actual, body } = await answer;
  expect([actual, actual === status ? undefined : body]).toEqual([status, undefined]);
  return body;
}

/** Asserts that an answer is this error: its status, and a body with nothing more in it than rule 5 allows. */
export async function refusal(answer: Promise<Answer>, code: ErrorCode): Promise<void> {
  const { status, body } = await answer;
  expect([status, body?.code]).toEqual([ERRORS[code].status, code]);
  expect(ErrorBody.parse(body)).toEqual(body);
}

const opened: TestSocket[] = [];

/** Opens the user's socket; see {@link closeSockets}. */
export async function connect(who: Person): Promise<TestSocket> {
  const socket = await worker.connect(who);
  opened.push(socket);
  return socket;
}

/** Opens the conversation's own socket; see {@link closeSockets}. */
export async function connectTo(who: Person, conversationId: string, query = ""): Promise<TestSocket> {
  const socket = await worker.connectTo(who, conversationId, query);
  opened.push(socket);
  return socket;
}

/** One socket of each kind. */
export async function bothSockets(who: Person, conversationId: string): Promise<[TestSocket, TestSocket]> {
  return [await connect(who), await connectTo(who, conversationId)];
}

/** After each test: all that was heard fits its schema, which has no room for undeclared fields. */
export function closeSockets(): void {
  for (const socket of opened.splice(0)) {
    for (const event of socket.events) {
      const schema = event.type.startsWith("custom.") ? CustomEvent : ServerEvent;
      expect(schema.parse(event)).toEqual(event);
    }
    socket.close();
  }
}

/** Long enough for what was told to be heard, and for what must not be heard to show itself. */
export async function settled(ms = 60): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** One conversation as its member's list shows it. */
export async function item(who: Person, conversationId: string): Promise<ConversationListItem | undefined> {
  const { body } = await api(who, "GET", "/conversations?limit=100");
  const all: ConversationListItem[] = body.conversations;
  return all.find((one) => one.conversation_id === conversationId);
}

/** The newest page of history, newest first. */
export async function history(who: Person, conversationId: string): Promise<FetchedMessage[]> {
  const { body } = await api(who, "GET", `/conversations/${conversationId}/messages?limit=100`);
  return MessagePage.parse(body).messages;
}

/** One message as somebody fetches it. */
export async function fetched(who: Person, message: Pick<Message, "message_id">): Promise<FetchedMessage> {
  return await body(api(who, "GET", `/messages/${message.message_id}`), 200);
}

/** What a search finds. */
export async function search(who: Person, q: string): Promise<string[]> {
  const { body } = await api(who, "GET", `/search/messages?q=${encodeURIComponent(q)}`);
  return body.results.map((result: { content: string }) => result.content);
}

/** Sends a text over REST and returns the message. */
export async function text(who: Person, conversationId: string, content: string, extra: object = {}) {
  return (await say(who, conversationId, content, extra)) as Message;
}

/** The guide's `sender`. */
export function summary(who: Person) {
  return {
    user_id: who.user_id,
    username: who.username,
    display_name: expect.any(String),
    profile_photo_url: null,
  };
}

/** A role as the wire has it: the owner is an admin, with `is_owner` beside it (rule 8). */
export function standing(role: Role) {
  return { role: role === "owner" ? "admin" : role, is_owner: role === "owner" };
}

/** One of the guide's `participants`. */
export function participant(who: Person, role: Role) {
  return {
    ...summary(who),
    ...standing(role),
    mute: null,
    is_online: expect.any(Boolean),
    last_seen_at: null,
  };
}

export { api, direct, group, person } from "../worker/kit.ts";
export type { Answer, Person, TestSocket };
