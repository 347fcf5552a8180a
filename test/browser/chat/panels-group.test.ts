import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { BanPage, Conversation, Participant, Privacy } from "@rocket-chat-api/protocol";
import type { Person } from "../../../scripts/person.ts";
import { Chat } from "./kit.ts";
import { becomes, memberLine, openMemberMenu, openPanel, panelOf } from "./panels-kit.ts";
import { makeRoom } from "./room-kit.ts";

describe("the details of a group", () => {
  let chat: Chat;
  before(async () => {
    chat = await Chat.open();
  });
  afterEach(() => chat.clear());
  after(() => chat.close());

  const groupOf = async (who: Person, id: string) =>
    (await who.api(Conversation, "GET", `/conversations/${id}`)).body;
  /** Somebody whom the server knows. */
  const newcomer = async (name: string): Promise<Person> => {
    const person = await chat.person(name);
    await fetch(`${chat.url}/api/v1/users/me`, { headers: person.headers });
    return person;
  };

  it("[PANEL-1] its owner changes name, description and picture, and others see it at once; members cannot", async () => {
    const { title, names, ada, id } = await makeRoom(chat);
    const [owner, member] = [await chat.guest(names.ada), await chat.guest(names.ben)];
    await owner.open(title);
    await member.open(title);
    const [own, theirs] = [await openPanel(owner, "details"), await openPanel(member, "details")];
    assert.equal(await theirs.getByRole("button", { name: "Edit group" }).count(), 0);
    await own.getByRole("button", { name: "Edit group" }).click();
    await own.getByLabel("Name").fill(" ");
    await own.getByLabel("Address of the picture").fill("ftp://example.com/a.png");
    await own.getByRole("button", { name: "Save" }).click();
    await own.getByText("A name is needed.").waitFor();
    await own.getByText("This is no address that begins with https://").waitFor();
    await own.getByLabel("Name").fill(`Choir of ${names.ada}`);
    await own.getByLabel("Description").fill("Tuesdays at eight");
    await own.getByLabel("Address of the picture").fill(`${chat.url}/icon.svg`);
    await own.getByRole("button", { name: "Save" }).click();
    await own.getByRole("heading", { name: "Details" }).waitFor();
    // The focus is where it came from.
    await own.locator('[data-page="edit"]:focus').waitFor();
    await theirs.getByText(`Choir of ${names.ada}`).waitFor();
    await theirs.getByText("Tuesdays at eight").waitFor();
    await theirs.locator(`img[src$="/icon.svg"]`).waitFor();
    await own.getByRole("button", { name: "Edit group" }).click();
    await own.getByRole("button", { name: "Remove picture" }).click();
    await own.getByRole("button", { name: "Save" }).click();
    await theirs.locator("img").waitFor({ state: "detached" });
    assert.equal((await groupOf(ada, id)).photo_url, null);
  });

  it("[PANEL-2] people are found and added, get roles, and are removed; who does not let others add them is named", async () => {
    const { title, names, ada, id } = await makeRoom(chat);
    const [cleo, dan] = [
      await newcomer(`cleo${names.ada.slice(4)}`),
      await newcomer(`dan${names.ada.slice(4)}`),
    ];
    await dan.api(Privacy, "PATCH", "/users/me/privacy", {
      who_can_add: "nobody",
    });
    // The first attempt is refused.
    const owner = await chat.guest(names.ada, { forgives: /403 .*participants/ });
    const member = await chat.guest(names.ben);
    await owner.open(title);
    await member.open(title);
    const [own, theirs] = [await openPanel(owner, "details"), await openPanel(member, "details")];
    assert.equal(await theirs.getByRole("button", { name: "Add people" }).count(), 0);
    await own.getByRole("button", { name: "Add people" }).click();
    const dialog = owner.page.getByRole("dialog");
    for (const { name } of [cleo, dan]) {
      await dialog.getByRole("textbox", { name: "Search people" }).fill(name);
      await dialog.getByRole("button", { name: new RegExp(`@${name}`) }).click();
    }
    await dialog.getByRole("button", { name: "Add 2 people" }).click();
    await dialog.getByText(/Dan.* cannot be added/).waitFor();
    await dialog.getByRole("button", { name: /Dan/ }).first().click();
    await dialog.getByRole("button", { name: "Add 1 person" }).click();
    await dialog.waitFor({ state: "detached" });
    await memberLine(member, "Cleo").waitFor();
    await theirs.getByText("3 members").first().waitFor();

    const menu = await openMemberMenu(owner, "Cleo");
    await menu.getByRole("menuitem", { name: "Change role" }).click();
    await owner.page.getByRole("menuitem", { name: "Make admin" }).click();
    await memberLine(member, "Cleo").getByText("Admin", { exact: true }).waitFor();
    const plain = await openMemberMenu(member, "Cleo");
    assert.equal(await plain.getByRole("menuitem", { name: "Change role" }).count(), 0);
    assert.equal(await plain.getByRole("menuitem", { name: /Remove|Ban|Mute/ }).count(), 0);
    await member.page.keyboard.press("Escape");

    await (await openMemberMenu(owner, "Cleo")).getByRole("menuitem", { name: "Remove" }).click();
    const question = owner.page.getByRole("alertdialog");
    await question.getByRole("button", { name: "Remove from group" }).click();
    await memberLine(member, "Cleo").waitFor({ state: "detached" });
    assert.equal((await groupOf(ada, id)).participant_count, 2);
  });

  it("[PANEL-3] a moderator mutes for a time and bans; the list of bans takes one back", async () => {
    const { title, names, ada, ben, id } = await makeRoom(chat);
    const cleo = await newcomer(`cleo${names.ada.slice(4)}`);
    await ada.api(Conversation, "POST", `/conversations/${id}/participants`, { user_id: cleo.user_id });
    await ada.api(Participant, "PATCH", `/conversations/${id}/participants/${ben.user_id}`, {
      role: "moderator",
    });
    const moderator = await chat.guest(names.ben);
    await moderator.open(title);
    const panel = await openPanel(moderator, "details");
    assert.equal(await panel.getByRole("button", { name: "Group settings" }).count(), 0);
    const above = await openMemberMenu(moderator, names.ada);
    assert.equal(await above.getByRole("menuitem", { name: /Ban|Mute in/ }).count(), 0);
    await moderator.page.keyboard.press("Escape");

    await (await openMemberMenu(moderator, "Cleo"))
      .getByRole("menuitem", { name: "Mute in this group" })
      .click();
    const dialog = moderator.page.getByRole("dialog");
    await dialog.getByLabel("For how long").selectOption("An hour");
    await dialog.getByLabel("Reason").fill("Calm down");
    await dialog.getByRole("button", { name: "Mute", exact: true }).click();
    await memberLine(moderator, "Cleo").getByText("Muted in this group until").waitFor();
    const muted = (await groupOf(ada, id)).participants.find(({ user_id }) => user_id === cleo.user_id)?.mute;
    const minutes = (Date.parse(muted?.until ?? "") - Date.now()) / 60_000;
    assert.ok(minutes > 55 && minutes <= 60, `muted for ${minutes} minutes`);

    await (await openMemberMenu(moderator, "Cleo")).getByRole("menuitem", { name: "Ban from group" }).click();
    await dialog.getByRole("button", { name: "Ban", exact: true }).click();
    await memberLine(moderator, "Cleo").waitFor({ state: "detached" });
    await panel.getByRole("button", { name: "Banned people" }).click();
    await panel.getByRole("button", { name: /Unban Cleo/ }).click();
    await panel.getByText("Nobody is banned").waitFor();
    assert.deepEqual((await ada.api(BanPage, "GET", `/conversations/${id}/bans`)).body.bans, []);
  });

  it("[PANEL-4] managers set who may write and what is seen; each change holds on the server", async () => {
    const { title, names, ada, id } = await makeRoom(chat);
    const owner = await chat.guest(names.ada);
    await owner.open(title);
    const panel = await openPanel(owner, "details");
    await panel.getByRole("button", { name: "Group settings" }).click();
    await panel.getByRole("switch", { name: "Announcements only" }).check();
    await panel.getByRole("switch", { name: "Freeze the group" }).check();
    await panel.getByLabel("Slow mode").selectOption("30 seconds");
    await panel.getByLabel("Who can pin messages").selectOption("All members");
    await panel.getByLabel("What new members see").selectOption("Everything from the beginning");
    await panel.getByLabel("Disappearing messages").selectOption("7 days");
    const settings = await becomes(
      async () => (await groupOf(ada, id)).settings,
      ({ disappearing_messages_enabled, history }) => disappearing_messages_enabled && history === "all",
    );
    assert.deepEqual(settings, {
      only_admins_can_send: true,
      is_frozen: true,
      slow_mode_seconds: 30,
      who_can_pin: "everyone",
      history: "all",
      disappearing_messages_enabled: true,
      disappearing_ttl_seconds: 7 * 24 * 3600,
      retention_days: null,
    });
  });

  it("[PANEL-5] the owner hands the group over and leaves, each after a question", async () => {
    const { title, names } = await makeRoom(chat);
    const [owner, member] = [await chat.guest(names.ada), await chat.guest(names.ben)];
    await owner.open(title);
    await member.open(title);
    const own = await openPanel(owner, "details");
    await openPanel(member, "details");
    await (await openMemberMenu(owner, names.ben)).getByRole("menuitem", { name: "Change role" }).click();
    await owner.page.getByRole("menuitem", { name: "Hand over the group" }).click();
    const question = owner.page.getByRole("alertdialog");
    await question.getByRole("button", { name: "Hand over the group" }).click();
    await memberLine(member, names.ben).getByText("Owner").waitFor();
    await own.getByRole("button", { name: "Leave group" }).click();
    await question.getByRole("button", { name: "Cancel" }).click();
    await own.getByRole("button", { name: "Leave group" }).click();
    await question.getByRole("button", { name: "Leave group" }).click();
    await owner.page.getByText("No conversations yet").first().waitFor();
    await panelOf(member).getByText("1 member").first().waitFor();
  });
});
