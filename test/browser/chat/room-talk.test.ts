/** Two people in a room: what each does shows at the other. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { Chat } from "./kit.ts";
import { choose, composer, enter, makeRoom, row, say, write } from "./room-kit.ts";

describe("two people in a room", () => {
  let chat: Chat;
  before(async () => {
    chat = await Chat.open();
  });
  afterEach(() => chat.clear());
  after(() => chat.close());

  const both = async () => {
    const room = await makeRoom(chat);
    const ada = await enter(chat, room.names.ada, room.id);
    const ben = await enter(chat, room.names.ben, room.id);
    return { room, ada, ben };
  };

  it("[ROOMVIEW-1] a message shows at once with a tick, and the tick turns when it is read", async () => {
    const { ada, ben } = await both();
    await write(ada, "Are you there?");
    await row(ben, "Are you there?").waitFor();
    await row(ada, "Are you there?").getByRole("img", { name: "Read" }).waitFor();
    assert.equal(await composer(ada).inputValue(), "");
  });

  it("[ROOMVIEW-2] typing shows in the head, and ends with the message", async () => {
    const { ada, ben } = await both();
    await composer(ada).pressSequentially("Hm");
    const head = ben.page.getByRole("banner").or(ben.page.locator("main header"));
    await head.getByText(/is typing/).waitFor();
    await composer(ada).press("Enter");
    await head.getByText("2 members").waitFor();
  });

  it("[ROOMVIEW-3] a reply quotes, and a press on the quote shows the quoted message", async () => {
    const { ada, ben } = await both();
    await write(ada, "Who brings the map?");
    await row(ben, "Who brings the map?").waitFor();
    await choose(ben, "Who brings the map?", "Reply");
    await ben.page.getByText("Reply to").first().waitFor();
    await write(ben, "I do");
    const quote = row(ada, "I do").getByRole("button", { name: /Who brings the map/ });
    await quote.click();
    assert.equal(await ada.page.locator("[class*=flashed]").count(), 1);
  });

  it("[ROOMVIEW-4] an edit shows as edited, with its earlier versions; ArrowUp edits the last, Escape ends it", async () => {
    const { ada, ben } = await both();
    await write(ada, "At nien");
    await row(ben, "At nien").waitFor();
    await composer(ada).press("ArrowUp");
    await ada.page.getByText("Edit message").waitFor();
    await composer(ada).press("Escape");
    assert.equal(await composer(ada).inputValue(), "");
    await composer(ada).press("ArrowUp");
    await composer(ada).fill("At nine");
    await composer(ada).press("Enter");
    await row(ben, "At nine").getByRole("button", { name: "edited" }).click();
    await ben.page.getByRole("dialog").getByText("At nien").waitFor();
  });

  it("[ROOMVIEW-5] a message is deleted for everyone, and another only for oneself", async () => {
    const { ada, ben } = await both();
    await write(ada, "Wrong room");
    await write(ada, "Also wrong");
    await row(ben, "Also wrong").waitFor();
    await choose(ada, "Wrong room", "Delete");
    await ada.page.getByRole("button", { name: "Delete for everyone" }).click();
    await row(ben, "This message was deleted").waitFor();
    await choose(ben, "Also wrong", "Delete");
    assert.equal(await ben.page.getByRole("button", { name: "Delete for everyone" }).count(), 0);
    await ben.page.getByRole("button", { name: "Delete for me" }).click();
    await row(ben, "Also wrong").waitFor({ state: "detached" });
    assert.equal(await row(ada, "Also wrong").count(), 1);
  });

  it("[ROOMVIEW-6] reactions: the quick row, the picker with its search, and taking one back", async () => {
    const { ada, ben } = await both();
    await write(ada, "We have a date");
    await row(ben, "We have a date").click({ button: "right" });
    await ben.page.getByRole("button", { name: "React with 👍" }).click();
    await row(ada, "We have a date").getByRole("button", { name: "👍, 1 person" }).click();
    await row(ben, "We have a date").getByRole("button", { name: "👍, 2 people" }).waitFor();
    await row(ben, "We have a date").click({ button: "right" });
    await ben.page.getByRole("button", { name: "More reactions" }).click();
    await ben.page.getByRole("searchbox").fill("party popper");
    await ben.page.getByRole("gridcell", { name: /Party popper/ }).click();
    await row(ada, "We have a date").getByRole("button", { name: "🎉, 1 person" }).waitFor();
    await row(ben, "We have a date").getByRole("button", { name: "👍, 2 people" }).click();
    await row(ada, "We have a date").getByRole("button", { name: "👍, 1 person" }).waitFor();
  });

  it("[ROOMVIEW-7] who has read a message, and when; a pin shows on it, for those who may pin", async () => {
    const { ada, ben } = await both();
    await write(ada, "Meet at the station");
    await row(ada, "Meet at the station").getByRole("img", { name: "Read" }).waitFor();
    await choose(ada, "Meet at the station", "Who has read it");
    await ada.page.getByRole("dialog").getByText("Read by 1").waitFor();
    await ada.page.keyboard.press("Escape");
    await choose(ada, "Meet at the station", "Pin");
    await row(ben, "Meet at the station").getByRole("img", { name: "Pinned" }).waitFor();
    await ben.page
      .getByRole("main")
      .getByText(/pinned a message/)
      .waitFor();
    await row(ben, "Meet at the station").click({ button: "right" });
    await ben.page.getByRole("menuitem", { name: "Reply" }).waitFor();
    assert.equal(await ben.page.getByRole("menuitem", { name: "Unpin" }).count(), 0);
  });

  it("[ROOMVIEW-8] mentions complete by keyboard, and stand out; links are links, and markup is text", async () => {
    const { room, ada, ben } = await both();
    await composer(ada).pressSequentially("Hello @ben");
    await ada.page.getByRole("option", { name: new RegExp(room.names.ben) }).waitFor();
    await composer(ada).press("Enter");
    assert.equal(await composer(ada).inputValue(), `Hello @${room.names.ben} `);
    await composer(ada).pressSequentially("see https://example.com/a?b=1, <b>really</b>");
    await composer(ada).press("Enter");
    const said = row(ben, "Hello");
    await said
      .locator("span", { hasText: `@${room.names.ben}` })
      .last()
      .waitFor();
    const link = said.getByRole("link");
    assert.equal(await link.getAttribute("href"), "https://example.com/a?b=1");
    assert.equal(await link.getAttribute("rel"), "noopener noreferrer");
    await said.getByText("<b>really</b>").waitFor();
    assert.equal((await say(room.ada, room.id, "x")).mentions.length, 0);
  });
});
