/** Rooms for the tests of the conversation view: people of their own, so that tests of one server do not meet. */
import { randomUUID } from "node:crypto";
import { Conversation, Message } from "@rocket-chat-api/protocol";
import type { Locator } from "playwright-core";
import type { Person } from "../../../scripts/person.ts";
import type { Chat, Guest, Look } from "./kit.ts";

/** A group with people of its own. */
export interface TestRoom {
  id: string;
  title: string;
  /** Ada owns the group; the others are members. */
  ada: Person;
  ben: Person;
  names: { ada: string; ben: string };
}

/** Makes people of their own. @returns names that no other test has. */
export function freshNames(): { ada: string; ben: string } {
  const mark = randomUUID().slice(0, 6);
  return { ada: `ada-${mark}`, ben: `ben-${mark}` };
}

/** A group of two. @param settings of the group. */
export async function makeRoom(chat: Chat, settings?: object): Promise<TestRoom> {
  const names = freshNames();
  const [ada, ben] = [await chat.person(names.ada), await chat.person(names.ben)];
  // Who has never asked anything is unknown to others.
  for (const one of [ada, ben]) await fetch(`${chat.url}/api/v1/users/me`, { headers: one.headers });
  const title = `Room ${names.ada}`;
  const { body } = await ada.api(Conversation, "POST", "/conversations/group", {
    name: title,
    participant_ids: [ben.user_id],
  });
  if (settings) await ada.api(Conversation, "PUT", `/conversations/${body.conversation_id}`, { settings });
  return { id: body.conversation_id, title, ada, ben, names };
}

/** Says something. */
export async function say(
  who: Person,
  conversationId: string,
  content: string,
  more: object = {},
): Promise<Message> {
  const body = { type: "text", content, ...more };
  return (await who.api(Message, "POST", `/conversations/${conversationId}/messages`, body)).body;
}

/** Says many things over a socket, in order: a hundred at a time. */
export async function sayMany(
  who: Person,
  conversationId: string,
  count: number,
  text: (i: number) => string,
) {
  const ear = await who.connect("/ws");
  for (let from = 0; from < count; from += 100) {
    const batch = Array.from({ length: Math.min(100, count - from) }, (_, i) => from + i);
    await Promise.all(
      batch.map((i) =>
        ear.ask({
          type: "message.send",
          conversation_id: conversationId,
          data: { type: "text", content: text(i), client_message_id: randomUUID() },
        }),
      ),
    );
  }
  ear.drop();
}

/** Opens the page of a person at a room. */
export async function enter(
  chat: Chat,
  name: string,
  conversationId: string,
  look: Look = {},
): Promise<Guest> {
  const guest = await chat.guest(name, look);
  await guest.page.evaluate((hash) => location.assign(hash), `#/c/${conversationId}`);
  await guest.page.getByRole("main").getByRole("heading").waitFor();
  return guest;
}

/** The message with this text. */
export function row(guest: Guest, text: string): Locator {
  return guest.page.getByRole("article").filter({ hasText: text });
}

/** Where one writes. */
export function composer(guest: Guest): Locator {
  return guest.page.getByRole("textbox", { name: "Write a message" });
}

/** Writes a message and sends it with Enter. */
export async function write(guest: Guest, text: string): Promise<void> {
  await composer(guest).fill(text);
  await composer(guest).press("Enter");
}

/** Chooses a line of a message's menu, by the keyboard. */
export async function choose(guest: Guest, text: string, line: string): Promise<void> {
  await row(guest, text).last().click({ button: "right" });
  await guest.page.getByRole("menuitem", { name: line }).click();
}
