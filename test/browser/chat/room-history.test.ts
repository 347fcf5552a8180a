/** The list of a room: history, jumps, the unread line, the keyboard, screen readers. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Locator } from "playwright-core";
import { Chat, type Guest } from "./kit.ts";
import { choose, composer, enter, makeRoom, row, say, sayMany, write } from "./room-kit.ts";

const scroller = (guest: Guest) => guest.page.locator('#room [class*="_scroller"]');
const toTop = (guest: Guest) => scroller(guest).evaluate((box) => box.scrollTo(0, 0));
const isInView = (guest: Guest, text: string) =>
  row(guest, text)
    .first()
    .evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return top >= 0 && bottom <= window.innerHeight;
    });

/** Waits until an element has kept its place for so many frames. */
const atRest = (element: Locator, frames = 30) =>
  element.evaluate(
    (shown, wanted) =>
      new Promise<void>((resolve) => {
        let [top, left] = [Number.NaN, wanted];
        const look = () => {
          const now = shown.getBoundingClientRect().top;
          left = now === top ? left - 1 : wanted;
          top = now;
          if (left === 0 || !shown.isConnected) resolve();
          else requestAnimationFrame(look);
        };
        look();
      }),
    frames,
  );

describe("the history of a room", () => {
  let chat: Chat;
  before(async () => {
    chat = await Chat.open();
  });
  afterEach(() => chat.clear());
  after(() => chat.close());

  it("[ROOMVIEW-10] opens at the first unread message, also where it is not loaded, and reads what was shown", async () => {
    const room = await makeRoom(chat);
    await sayMany(room.ada, room.id, 120, (i) => `line ${i};`);
    const ben = await enter(chat, room.names.ben, room.id);
    await ben.page.getByText("New messages", { exact: true }).waitFor();
    await row(ben, "line 0;").waitFor();
    assert.ok(await isInView(ben, "line 0;"), "the first unread message is in view");
    const newest = ben.page.getByRole("button", { name: "To the newest message" });
    await newest.getByText(/\d+ new messages/).waitFor();
    await newest.click();
    await row(ben, "line 119;").waitFor();
    await newest.waitFor({ state: "detached" });
  });

  it("[ROOMVIEW-11] older messages come while one scrolls up, and what one reads stays in its place", async () => {
    const room = await makeRoom(chat);
    await sayMany(room.ada, room.id, 200, (i) => `line ${i};`);
    const ada = await enter(chat, room.names.ada, room.id);
    await row(ada, "line 199;").waitFor();
    for (let i = 0; i < 40 && (await row(ada, "line 0;").count()) === 0; i++) {
      await toTop(ada);
      await ada.page.waitForTimeout(150);
    }
    await row(ada, "line 0;").waitFor();
    const place = () =>
      row(ada, "line 3;")
        .first()
        .evaluate((element) => Math.round(element.getBoundingClientRect().top));
    // The last page has just come, and its rows are being measured: in frames, however long one takes here.
    await atRest(row(ada, "line 3;").first());
    const before = await place();
    await say(room.ben, room.id, "new below");
    await ada.page
      .getByRole("button", { name: "To the newest message" })
      .getByText("1 new message")
      .waitFor();
    const moved = (await place()) - before;
    assert.ok(Math.abs(moved) <= 2, `it has moved by ${moved}px`);
    await ada.page.getByRole("button", { name: "To the newest message" }).click();
    await row(ada, "new below").waitFor();
  });

  it("[ROOMVIEW-12] a message in the address, and a quote, are shown in their place, loaded or not; newer ones follow", async () => {
    const room = await makeRoom(chat);
    const old = await say(room.ada, room.id, "the old plan");
    await sayMany(room.ada, room.id, 150, (i) => `line ${i};`);
    await say(room.ben, room.id, "about that", { reply_to_message_id: old.message_id });
    const ada = await enter(chat, room.names.ada, room.id);
    await ada.page.getByRole("button", { name: /the old plan/ }).click();
    await row(ada, "the old plan").first().waitFor();
    assert.ok(await isInView(ada, "the old plan"));
    for (let i = 0; i < 60 && (await row(ada, "line 149;").count()) === 0; i++) {
      await scroller(ada).evaluate((box) => box.scrollBy(0, 2_000));
      await ada.page.waitForTimeout(100);
    }
    await row(ada, "line 149;").waitFor();
    await ada.page.evaluate((hash) => location.assign(hash), `#/c/${room.id}?m=${old.message_id}`);
    await row(ada, "the old plan").first().waitFor();
    assert.equal(new URL(ada.page.url()).hash, `#/c/${room.id}`);
  });

  it("[ROOMVIEW-13] arrow keys move through messages, Enter opens the menu, Escape goes back to the text", async () => {
    const room = await makeRoom(chat);
    await sayMany(room.ben, room.id, 60, (i) => `line ${i};`);
    await say(room.ada, room.id, "mine");
    const ada = await enter(chat, room.names.ada, room.id);
    await row(ada, "mine").waitFor();
    await row(ada, "mine").focus();
    const focused = () => ada.page.evaluate(() => document.activeElement?.textContent ?? "");
    await ada.page.keyboard.press("ArrowUp");
    assert.match(await focused(), /line 59;/);
    await ada.page.keyboard.press("PageUp");
    assert.match(await focused(), /line 49;/);
    await ada.page.keyboard.press("End");
    assert.match(await focused(), /mine/);
    await ada.page.keyboard.press("Enter");
    await ada.page.getByRole("menuitem", { name: "Reply" }).waitFor();
    await ada.page.keyboard.press("Escape");
    await ada.page.getByRole("menuitem").first().waitFor({ state: "detached" });
    assert.match(await focused(), /mine/);
    await ada.page.keyboard.press("Escape");
    await ada.page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
    assert.equal(await ada.page.locator('article[tabindex="0"]').count(), 1);
  });

  it("[ROOMVIEW-14] a new message is announced politely, many at once together", async () => {
    const room = await makeRoom(chat);
    const ada = await enter(chat, room.names.ada, room.id);
    await say(room.ben, room.id, "psst");
    const live = ada.page.locator('main [aria-live="polite"]');
    await live.getByText(/: psst$/).waitFor({ state: "attached" });
    await sayMany(room.ben, room.id, 20, (i) => `burst ${i};`);
    await live.getByText(/new messages\. .*burst/).waitFor({ state: "attached" });
  });

  it("[ROOMVIEW-15] a draft is kept for each conversation, also through a reload, and an edit does not touch it", async () => {
    const [one, two] = [await makeRoom(chat), await makeRoom(chat)];
    const { body: _ } = { body: await say(two.ada, two.id, "elsewhere") };
    const ada = await enter(chat, one.names.ada, one.id);
    await write(ada, "said");
    await row(ada, "said").waitFor();
    await composer(ada).fill("not yet");
    await choose(ada, "said", "Edit");
    await ada.page.getByText("Edit message").waitFor();
    assert.equal(await composer(ada).inputValue(), "said");
    await composer(ada).press("Escape");
    assert.equal(await composer(ada).inputValue(), "not yet");
    await ada.page.waitForTimeout(400);
    await ada.page.reload();
    await row(ada, "said").waitFor();
    assert.equal(await composer(ada).inputValue(), "not yet");
  });

  for (const look of [{}, { theme: "dark" as const }, { language: "ar" as const }, { isPhone: true }]) {
    it(`[ROOMVIEW-16] axe finds nothing in a room, its menu and its dialogs (${JSON.stringify(look)})`, async () => {
      const room = await makeRoom(chat);
      const first = await say(room.ben, room.id, "See https://example.com");
      await say(room.ada, room.id, "Yes", { reply_to_message_id: first.message_id });
      await say(room.ada, room.id, "🎉");
      const ada = await enter(chat, room.names.ada, room.id, look);
      await row(ada, "🎉").waitFor();
      await ada.hasNoViolations();
      await row(ada, "See").first().focus();
      await ada.page.keyboard.press("Enter");
      await ada.page.getByRole("menuitem").first().waitFor();
      await ada.hasNoViolations();
      await ada.page.getByRole("menuitem").last().click();
      await ada.page.getByRole("alertdialog").waitFor();
      await ada.hasNoViolations();
    });
  }
});
