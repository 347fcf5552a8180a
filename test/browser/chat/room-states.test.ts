/** What keeps one from writing, and what becomes of messages without a connection. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { Conversation } from "@rocket-chat-api/protocol";
import { z } from "zod";
import { Chat } from "./kit.ts";
import { composer, enter, freshNames, makeRoom, row, say, write } from "./room-kit.ts";

const Anything = z.unknown();

describe("a room in which one cannot write", () => {
  let chat: Chat;
  before(async () => {
    chat = await Chat.open({ MESSAGE_REQUESTS: "on" });
  });
  afterEach(() => chat.clear());
  after(() => chat.close());

  const strangers = async () => {
    const names = freshNames();
    const [ada, ben] = [await chat.person(names.ada), await chat.person(names.ben)];
    for (const one of [ada, ben]) await fetch(`${chat.url}/api/v1/users/me`, { headers: one.headers });
    const { body } = await ada.api(Conversation, "POST", "/conversations/direct", { user_id: ben.user_id });
    return { names, ada, ben, id: body.conversation_id };
  };

  it("[ROOMVIEW-30] muted, frozen, admins alone, slow and removed: each is said in words, and ends by itself", async () => {
    const room = await makeRoom(chat);
    const ben = await enter(chat, room.names.ben, room.id);
    const path = `/conversations/${room.id}`;
    const settings = (patch: object) => room.ada.api(Conversation, "PUT", path, { settings: patch });
    await composer(ben).waitFor();
    await settings({ is_frozen: true });
    await ben.page.getByText("This conversation is frozen").waitFor();
    assert.equal(await composer(ben).count(), 0);
    await settings({ is_frozen: false, only_admins_can_send: true });
    await ben.page.getByText("Only admins can write here").waitFor();
    await settings({ only_admins_can_send: false });
    await composer(ben).waitFor();
    const until = new Date(Date.now() + 4_000).toISOString();
    await room.ada.api(Anything, "PUT", `${path}/participants/${room.ben.user_id}/mute`, { until });
    await ben.page.getByText("A moderator has muted you:").waitFor();
    await composer(ben).waitFor();
    await settings({ slow_mode_seconds: 3 });
    await write(ben, "once");
    await ben.page.getByText(/Slow mode: you can send again in \d second/).waitFor();
    await composer(ben).fill("twice");
    assert.ok(await ben.page.getByRole("button", { name: "Send" }).isDisabled());
    await ben.page.getByText(/Slow mode/).waitFor({ state: "detached" });
    await composer(ben).press("Enter");
    await row(ben, "twice").waitFor();
    await fetch(`${chat.url}/api/v1${path}/participants/${room.ben.user_id}`, {
      method: "DELETE",
      headers: room.ada.headers,
    });
    await ben.page.getByText("You are no longer in this conversation.").waitFor();
  });

  it("[ROOMVIEW-31] a stranger's request is accepted, declined or blocked in the place of the composer", async () => {
    const { names, ada, id } = await strangers();
    await say(ada, id, "Hello, we met at the lake");
    const ben = await enter(chat, names.ben, id);
    const bar = ben.page.getByRole("region", { name: "Message request" });
    await bar.getByText(/wants to write to you/).waitFor();
    assert.equal(await composer(ben).count(), 0);
    await ben.hasNoViolations();
    await bar.getByRole("button", { name: "Accept" }).click();
    await write(ben, "Of course!");
    await row(ben, "Of course!")
      .getByRole("img", { name: /Sent|Delivered|Read/ })
      .waitFor();

    const other = await strangers();
    await say(other.ada, other.id, "Buy now");
    const victim = await enter(chat, other.names.ben, other.id);
    await victim.page.getByRole("button", { name: "Block" }).click();
    await victim.page.getByText("Your conversations").waitFor();
    const pest = await enter(chat, other.names.ada, other.id, { forgives: /403/ });
    await write(pest, "Buy more");
    await row(pest, "Buy more")
      .getByText(/cannot write to each other|not accepted/)
      .waitFor();
    await row(pest, "Buy more").getByRole("img", { name: "Not sent" }).waitFor();
    await row(pest, "Buy more").getByRole("button", { name: "Discard" }).click();
    await row(pest, "Buy more").waitFor({ state: "detached" });
  });

  it("[ROOMVIEW-32] while the server is away messages wait with a clock, can be taken back, and arrive once it is back", async () => {
    const room = await makeRoom(chat);
    const forgives = /ERR_CONNECTION|ERR_EMPTY_RESPONSE|Failed to load resource|WebSocket/;
    const ben = await enter(chat, room.names.ben, room.id, { forgives });
    await write(ben, "before");
    await row(ben, "before")
      .getByRole("img", { name: /Sent|Delivered/ })
      .waitFor();
    // The menu is loaded ahead, so that it is there without a connection.
    await ben.page.waitForFunction(() =>
      performance.getEntriesByType("resource").some(({ name }) => name.includes("MessageMenu")),
    );
    await chat.server.killAll();
    await write(ben, "while away");
    await write(ben, "regretted");
    await row(ben, "while away").getByRole("img", { name: "Waiting to be sent" }).waitFor();
    await row(ben, "regretted").click({ button: "right" });
    await ben.page.getByRole("menuitem", { name: "Discard" }).click();
    await row(ben, "regretted").waitFor({ state: "detached" });
    await chat.server.start();
    await row(ben, "while away")
      .getByRole("img", { name: /Sent|Delivered/ })
      .waitFor({ timeout: 60_000 });
    assert.equal(await row(ben, "while away").count(), 1);
    const ada = await enter(chat, room.names.ada, room.id);
    await row(ada, "while away").waitFor();
    assert.equal(await row(ada, "while away").count(), 1);
    assert.equal(await row(ada, "regretted").count(), 0);
  });

  it("[ROOMVIEW-33] on a phone: back, a long touch, Enter begins a line, and nothing is wider than the screen", async () => {
    const room = await makeRoom(chat);
    await say(room.ben, room.id, "A".repeat(300));
    await say(room.ben, room.id, "short");
    const ada = await enter(chat, room.names.ada, room.id, { isPhone: true });
    await row(ada, "short").waitFor();
    assert.ok(await ada.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
    await composer(ada).fill("one");
    await composer(ada).press("Enter");
    await composer(ada).pressSequentially("two");
    assert.equal(await composer(ada).inputValue(), "one\ntwo");
    await ada.page.getByRole("button", { name: "Send" }).tap();
    await row(ada, "one").waitFor();
    const box = await row(ada, "short").boundingBox();
    const session = await ada.page.context().newCDPSession(ada.page);
    const point = { x: (box?.x ?? 0) + 80, y: (box?.y ?? 0) + 20 };
    await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [point] });
    await ada.page.getByRole("menuitem", { name: "Reply" }).waitFor();
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await ada.page.getByRole("menuitem", { name: "Reply" }).tap();
    await ada.page.getByText("Reply to").first().waitFor();
    await ada.page.getByRole("button", { name: "Back" }).tap();
    await ada.page.getByRole("heading", { name: "Chats" }).waitFor();
  });
});
