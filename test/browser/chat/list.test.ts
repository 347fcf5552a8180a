import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { Conversation, Message } from "@rocket-chat-api/protocol";
import { z } from "zod";
import { devUserId } from "../../../scripts/dev-token.ts";
import { eventually } from "../stage.ts";
import { Chat } from "./kit.ts";

describe("the conversation list", () => {
  let chat: Chat;
  before(async () => {
    chat = await Chat.open();
  });
  afterEach(() => chat.clear());
  after(() => chat.close());

  /** A group of people who have nothing else, so that a test has a list of its own. */
  async function group(name: string, owner: string, ...others: string[]): Promise<string> {
    for (const other of others) await (await chat.person(other)).api(z.unknown(), "GET", "/users/me");
    const participant_ids = others.map(devUserId);
    const { body } = await (await chat.person(owner)).api(Conversation, "POST", "/conversations/group", {
      name,
      participant_ids,
    });
    return body.conversation_id;
  }

  async function say(from: string, conversationId: string, content: string): Promise<Message> {
    const path = `/conversations/${conversationId}/messages`;
    return (await (await chat.person(from)).api(Message, "POST", path, { type: "text", content })).body;
  }

  it("[PAGE-13] what comes in moves up, with its text and a badge; the title counts; reading ends both", async () => {
    const dan = await chat.guest("dan");
    const old = await group("Older", "eve", "dan");
    await group("Newer", "eve", "dan");
    const rows = dan.page.getByRole("navigation").getByRole("link");
    await rows.nth(1).waitFor();
    assert.match((await rows.nth(0).textContent()) ?? "", /Newer/);
    await say("eve", old, "First");
    await say("eve", old, "Second");
    await rows
      .filter({ hasText: /Eve: .?Second/ })
      .getByText("2 unread messages")
      .waitFor();
    assert.match((await rows.nth(0).textContent()) ?? "", /Older/);
    await dan.page.waitForFunction(() => document.title === "(2) Chat");
    await dan.open("Older");
    await dan.page.waitForFunction(() => document.title === "Chat");
    await rows.nth(0).getByText("unread").waitFor({ state: "detached" });
    assert.equal(await rows.nth(0).getAttribute("aria-current"), "page");
  });

  it("[PAGE-14] the row says who types, that the other is there, and that one is mentioned", async () => {
    const alice = await chat.guest("alice");
    const row = alice.page.getByRole("link", { name: /^Bob/ });
    await row.waitFor();
    await chat.guest("bob");
    await row.getByText("online").waitFor();
    const bob = await chat.person("bob");
    const direct = { user_id: devUserId("alice") };
    const { body } = await bob.api(Conversation, "POST", "/conversations/direct", direct);
    const socket = await bob.connect("/ws");
    await socket.ask({ type: "typing.start", conversation_id: body.conversation_id });
    await row.getByText("typing…").waitFor();
    socket.drop();
    await say("bob", body.conversation_id, "Well, yes");
    await row.getByText("Well, yes").waitFor();
    await alice.page
      .getByRole("link", { name: /^Weekend hike/ })
      .getByRole("img", { name: "mentioned" })
      .waitFor();
  });

  it("[PAGE-15] pins, mutes for a time, archives and takes back, by the mouse", async () => {
    const { page } = await chat.guest("fay");
    await group("First", "gus", "fay");
    await group("Last", "gus", "fay");
    const rows = page.getByRole("navigation").getByRole("link");
    const choose = async (title: string, ...names: string[]) => {
      await rows.filter({ hasText: title }).click({ button: "right" });
      for (const name of names) await page.getByRole("menuitem", { name, exact: true }).click();
      await page.getByRole("menu").first().waitFor({ state: "detached" });
    };
    await rows.filter({ hasText: "First" }).waitFor();
    await choose("First", "Pin to the top");
    await eventually(async () => /First/.test((await rows.nth(0).textContent()) ?? ""));
    await choose("Last", "Mute", "For an hour");
    await rows.filter({ hasText: "Last" }).getByRole("img", { name: "muted" }).waitFor();
    await choose("Last", "Unmute");
    await rows.filter({ hasText: "Last" }).getByRole("img", { name: "muted" }).waitFor({ state: "detached" });
    await choose("Last", "Archive");
    await rows.filter({ hasText: "Last" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Archived" }).click();
    await rows.filter({ hasText: "Last" }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Nothing archived").first().waitFor();
    await page.getByRole("button", { name: "All" }).click();
    await rows.filter({ hasText: "Last" }).waitFor();
  });

  it("[PAGE-16] the list works by the keyboard alone", async () => {
    const { page } = await chat.guest("hal");
    const ids = [
      await group("One", "ida", "hal"),
      await group("Two", "ida", "hal"),
      await group("Three", "ida", "hal"),
    ];
    await say("ida", ids[0] ?? "", "Hello");
    const rows = page.getByRole("navigation").getByRole("link");
    await rows.filter({ hasText: "Hello" }).waitFor();
    const focused = async () => await page.evaluate(() => document.activeElement?.textContent ?? "");
    await rows.nth(0).focus();
    await page.keyboard.press("ArrowDown");
    await eventually(async () => /Three/.test(await focused()));
    await page.keyboard.press("End");
    await eventually(async () => /Two/.test(await focused()));
    await page.keyboard.press("Home");
    await eventually(async () => /One/.test(await focused()));
    await page.keyboard.press("Shift+F10");
    await page.getByRole("menuitem", { name: "Mark as read" }).waitFor();
    await page.keyboard.press("Enter");
    await rows.nth(0).getByText("unread").waitFor({ state: "detached" });
    await eventually(async () => /One/.test(await focused()));
    await page.keyboard.press("Enter");
    await page.waitForFunction((id) => location.hash === `#/c/${id}`, ids[0]);
    await page.keyboard.press("Alt+ArrowDown");
    await page.waitForFunction((id) => location.hash === `#/c/${id}`, ids[2]);
    await page.keyboard.press("Alt+ArrowUp");
    await page.waitForFunction((id) => location.hash === `#/c/${id}`, ids[0]);
    await page.keyboard.press("Control+/");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => location.hash === "#/");
  });

  it("[PAGE-17] filters show what they say, and say what is missing", async () => {
    const { page } = await chat.guest("alice");
    const rows = page.getByRole("navigation").getByRole("link");
    await rows.filter({ hasText: "Weekend hike" }).waitFor();
    await page.getByRole("button", { name: "Groups" }).click();
    await rows.filter({ hasText: "Carol" }).nth(1).waitFor({ state: "detached" });
    assert.equal(await rows.filter({ hasText: "Weekend hike" }).count(), 1);
    await page.getByRole("button", { name: "Archived" }).click();
    await page.getByText("Nothing archived").first().waitFor();
    assert.equal(await rows.count(), 0);
  });

  it("[PAGE-18] deletes a chat and leaves a group, and asks before", async () => {
    const { page } = await chat.guest("jim");
    await group("Book club", "kim", "jim");
    const row = page.getByRole("link", { name: /^Book club/ });
    const menu = async (name: string) => {
      await row.click({ button: "right" });
      await page.getByRole("menuitem", { name }).click();
    };
    await row.waitFor();
    await menu("Leave group");
    const question = page.getByRole("alertdialog", { name: "Leave Book club?" });
    await question.getByRole("button", { name: "Cancel" }).click();
    await question.waitFor({ state: "detached" });
    assert.equal(await row.count(), 1);
    await menu("Leave group");
    await question.getByRole("button", { name: "Leave group" }).click();
    await row.waitFor({ state: "detached" });
  });

  it("[PAGE-19] of a long list only what is in view is in the page, and the last row can be reached", async () => {
    const COUNT = 120;
    for (let number = COUNT; number >= 1; number -= 1) await group(`Group ${number}`, "liz", "max");
    const { page } = await chat.guest("max");
    const rows = page.getByRole("navigation").getByRole("link");
    await rows.first().focus();
    assert.ok((await rows.count()) < 40, `${await rows.count()} rows are in the page`);
    // The list comes in pages.
    await eventually(async () => {
      await page.keyboard.press("End");
      return (await page.getByRole("link", { name: `Group ${COUNT} ` }).count()) === 1;
    });
    await eventually(async () =>
      (await page.evaluate(() => document.activeElement?.textContent ?? "")).includes(`Group ${COUNT}`),
    );
  });

  it("[PAGE-34] a row that moves keeps the focus", async () => {
    const { page } = await chat.guest("una");
    const low = await group("Low", "vic", "una");
    const high = await group("High", "vic", "una");
    const rows = page.getByRole("navigation").getByRole("link");
    const focused = async () => await page.evaluate(() => document.activeElement?.textContent ?? "");
    await rows.filter({ hasText: "Low" }).focus();
    await say("vic", low, "One");
    await rows.nth(0).filter({ hasText: "One" }).waitFor();
    await eventually(async () => (await focused()).includes("Low"));
    await say("vic", high, "Two");
    await rows.nth(0).filter({ hasText: "Two" }).waitFor();
    await eventually(async () => (await focused()).includes("Low"));
    await page.keyboard.press("ArrowUp");
    await eventually(async () => (await focused()).includes("High"));
  });

  it("[PAGE-20] a screen reader hears what comes in, but nothing of a muted conversation", async () => {
    const nat = await chat.guest("nat");
    const loud = await group("Loud", "oli", "nat");
    const quiet = await group("Quiet", "oli", "nat");
    await nat.page.getByRole("link", { name: /^Quiet/ }).waitFor();
    await (await chat.person("nat")).api(z.unknown(), "PATCH", `/conversations/${quiet}/preferences`, {
      is_muted: true,
    });
    await nat.page.getByRole("img", { name: "muted" }).waitFor();
    await say("oli", quiet, "Psst");
    await say("oli", loud, "Can you hear me?");
    const log = nat.page.getByRole("log", { name: "Chats" });
    await log.getByText("Oli: Can you hear me?").waitFor();
    assert.equal(await log.getByText("Psst").count(), 0);
  });
});
