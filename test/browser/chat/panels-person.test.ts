import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { BlockPage, Conversation, ConversationList, Message } from "@rocket-chat-api/protocol";
import { Chat } from "./kit.ts";
import { becomes, openPanel, panelOf } from "./panels-kit.ts";
import { freshNames, makeRoom, say } from "./room-kit.ts";

describe("people, search and pins", () => {
  let chat: Chat;
  before(async () => {
    chat = await Chat.open();
  });
  afterEach(() => chat.clear());
  after(() => chat.close());

  /** A chat of two, in which something was said. */
  async function makeChat() {
    const names = freshNames();
    const [ada, ben] = [await chat.person(names.ada), await chat.person(names.ben)];
    for (const one of [ada, ben]) await fetch(`${chat.url}/api/v1/users/me`, { headers: one.headers });
    const { body } = await ada.api(Conversation, "POST", "/conversations/direct", { user_id: ben.user_id });
    await say(ada, body.conversation_id, "Hello Ben");
    await say(ben, body.conversation_id, "Hello Ada");
    const title = (name: string) => new RegExp(`^${name}`, "i");
    return { names, ada, ben, id: body.conversation_id, title };
  }

  it("[PANEL-10] who is blocked cannot write and is not told; the settings list and unblock them", async () => {
    const { names, ada, ben, id } = await makeChat();
    const guest = await chat.guest(names.ada);
    const other = await chat.guest(names.ben, { forgives: /403/ });
    for (const one of [guest, other])
      await one.page.getByRole("navigation").getByRole("link").first().click();
    const panel = await openPanel(guest, "details");
    await openPanel(other, "details");
    await panelOf(other).getByText("Online").waitFor();
    await panel.getByRole("button", { name: /^Block/ }).click();
    const question = guest.page.getByRole("alertdialog");
    await question.getByRole("button", { name: "Block", exact: true }).click();
    await panel.getByText("You have blocked this person").waitFor();
    // The other sees that one is gone, and no word of a block.
    await panelOf(other).getByText("Online").waitFor({ state: "detached" });
    assert.equal(await other.page.getByText(/blocked/i).count(), 0);
    await assert.rejects(say(ben, id, "Are you there?"), /BLOCKED/);

    const blocked = await openPanel(guest, "settings/blocked");
    await blocked.getByRole("button", { name: /^Unblock/ }).click();
    await blocked.getByText("You have blocked nobody").waitFor();
    assert.deepEqual((await ada.api(BlockPage, "GET", "/blocks")).body.blocks, []);
    await say(ben, id, "Are you there?");
  });

  it("[PANEL-11] a person is reported with a reason, and blocked if one wants; the focus comes back", async () => {
    const { names, ada, ben } = await makeChat();
    const guest = await chat.guest(names.ada);
    await guest.page.getByRole("navigation").getByRole("link").first().click();
    const panel = await openPanel(guest, "details");
    await panel.getByRole("button", { name: /^Report/ }).click();
    const dialog = guest.page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Report", exact: true }).click();
    await dialog.getByText("Choose a reason.").waitFor();
    await dialog.getByRole("radio", { name: "Spam" }).check();
    await dialog.getByLabel(/A note for the moderators/).fill("Sends links all day");
    await dialog.getByRole("switch", { name: /Also block/ }).check();
    await guest.hasNoViolations('[role="dialog"]');
    const answer = guest.page.waitForResponse((response) => response.url().endsWith("/reports"));
    await dialog.getByRole("button", { name: "Report", exact: true }).click();
    assert.equal((await answer).status(), 202);
    await guest.page.getByText("The moderators will look at it").waitFor();
    await panel.getByText("You have blocked this person").waitFor();
    const { blocks } = (await ada.api(BlockPage, "GET", "/blocks")).body;
    assert.deepEqual(
      blocks.map(({ user }) => user.user_id),
      [ben.user_id],
    );
    await panel.getByRole("button", { name: /^Report/ }).focus();
    await guest.page.keyboard.press("Enter");
    await dialog.waitFor();
    await guest.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await panel
      .getByRole("button", { name: /^Report/, disabled: false })
      .and(guest.page.locator(":focus"))
      .waitFor();
  });

  it("[PANEL-12] a chat is muted for a time, pinned, archived and deleted for oneself", async () => {
    const { names, ada, id } = await makeChat();
    const guest = await chat.guest(names.ada);
    await guest.page.getByRole("navigation").getByRole("link").first().click();
    const panel = await openPanel(guest, "details");
    const item = async () => {
      const { conversations } = (await ada.api(ConversationList, "GET", "/conversations")).body;
      return conversations.find(({ conversation_id }) => conversation_id === id);
    };
    await panel.getByRole("button", { name: "Mute" }).click();
    await guest.page.getByRole("menuitem", { name: "For 8 hours" }).click();
    await panel.getByText(/^Muted until/).waitFor();
    await panel.getByRole("button", { name: "Pin", exact: true }).click();
    await panel.getByRole("button", { name: "Unpin", exact: true }).waitFor();
    await panel.getByLabel("Notifications").selectOption("Only mentions");
    const changed = await becomes(item, (one) => one?.push_level === "mentions");
    assert.equal(changed?.is_pinned, true);
    const hours = (Date.parse(changed?.muted_until ?? "") - Date.now()) / 3_600_000;
    assert.ok(hours > 7.9 && hours <= 8, `muted for ${hours} hours`);
    await panel.getByRole("button", { name: "Unmute" }).click();
    await panel.getByRole("button", { name: "Archive" }).click();
    await panel.getByRole("button", { name: "Unarchive" }).click();
    await panel.getByRole("button", { name: "Archive", exact: true }).waitFor();
    await panel.getByRole("button", { name: "Delete chat" }).click();
    await guest.page.getByRole("alertdialog").getByRole("button", { name: "Delete chat" }).click();
    await guest.page.getByText("No conversations yet").first().waitFor();
    assert.equal(await item(), undefined);
  });

  it("[PANEL-13] a search shows matches as text, narrows by chat and sender, and leads to the message", async () => {
    const { id, title, names, ada, ben } = await makeRoom(chat);
    const word = `kiwi${names.ada.slice(4)}`;
    const first = await say(ben, id, `The <b>${word}</b> & more`);
    for (let at = 0; at < 60; at++) await say(ada, id, `Filler ${at}`);
    const { body } = await ada.api(Conversation, "POST", "/conversations/direct", { user_id: ben.user_id });
    await say(ada, body.conversation_id, `${word} again`);
    const guest = await chat.guest(names.ada);
    await guest.open(title);
    await guest.page.keyboard.press("Control+k");
    const panel = panelOf(guest);
    const field = panel.getByRole("textbox", { name: "Search messages" });
    await field.and(guest.page.locator(":focus")).waitFor();
    await field.fill(word);
    await panel.getByText("2 messages").waitFor();
    await guest.hasNoViolations("#panel");
    assert.deepEqual(await panel.locator("mark").allInnerTexts(), [word, word]);
    await panel.getByText(`<b>${word}</b> & more`).waitFor();
    await panel.getByLabel("Conversation").selectOption(title);
    await panel.getByText("1 message", { exact: true }).waitFor();
    await panel.getByLabel("Sender").selectOption({ index: 1 });
    await panel.getByText("Nothing found").first().waitFor();
    await panel.getByLabel("Sender").selectOption({ index: 2 });
    await panel.getByText("1 message", { exact: true }).waitFor();
    // By keyboard: down from the field to the result, and into the room.
    await field.focus();
    await guest.page.keyboard.press("ArrowDown");
    await guest.page.keyboard.press("Enter");
    await guest.page.getByRole("main").getByText(`<b>${word}</b> & more`).waitFor();
    await panel.getByText("1 message", { exact: true }).waitFor();
    assert.ok(first.seq > 0);
    await panel.getByRole("button", { name: "Clear" }).click();
    await panel.getByText("Find what was said").waitFor();
  });

  it("[PANEL-14] pinned messages are listed, lead to their place, follow others, and are unpinned", async () => {
    const { id, title, names, ada, ben } = await makeRoom(chat);
    const [one, two] = [await say(ada, id, "Bring cups"), await say(ben, id, "Bring plates")];
    await ada.api(Message, "PUT", `/messages/${one.message_id}/pin`);
    const [owner, member] = [await chat.guest(names.ada), await chat.guest(names.ben)];
    await owner.open(title);
    await member.open(title);
    const [own, theirs] = [await openPanel(owner, "pins"), await openPanel(member, "pins")];
    await own.getByText("Bring cups").waitFor();
    await ada.api(Message, "PUT", `/messages/${two.message_id}/pin`);
    await theirs.getByText("Bring plates").waitFor();
    assert.equal(await theirs.getByRole("button", { name: "Unpin" }).count(), 0);
    const plates = own.getByRole("listitem").filter({ hasText: "Bring plates" });
    await plates.getByRole("button", { name: "Unpin" }).click();
    await theirs.getByText("Bring plates").waitFor({ state: "detached" });
    await theirs.getByRole("link", { name: /Bring cups/ }).click();
    await member.page.getByRole("main").getByText("Bring cups").first().waitFor();
  });
});
