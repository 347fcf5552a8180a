import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { z } from "zod";
import { Chat } from "./kit.ts";

describe("a new conversation", () => {
  let chat: Chat;
  before(async () => {
    chat = await Chat.open({ MESSAGE_REQUESTS: "on" });
  });
  afterEach(() => chat.clear());
  after(() => chat.close());

  it("[PAGE-21] finds a person by their name, and opens the chat with them", async () => {
    await (await chat.person("zoe")).api(z.unknown(), "GET", "/users/me");
    const { page } = await chat.guest("pam");
    await page.getByRole("button", { name: "New chat" }).click();
    const dialog = page.getByRole("dialog", { name: "New chat" });
    await dialog.getByText("Type at least two letters").waitFor();
    await dialog.getByRole("textbox").fill("nobody has this");
    await dialog.getByText("Nobody of that name").waitFor();
    await dialog.getByRole("textbox").fill("zo");
    await dialog.getByRole("button", { name: /Zoe/ }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("link", { name: /^Zoe/ }).waitFor();
    await page.getByRole("textbox", { name: "Write a message" }).fill("Hello Zoe");
    await page.keyboard.press("Enter");
    await page.getByRole("main").getByText("Hello Zoe").waitFor();
  });

  it("[PAGE-22] a stranger's chat is a request, in a filter of its own that says how many there are", async () => {
    const zoe = await chat.guest("zoe");
    await zoe.page.getByText("No conversations yet").first().waitFor();
    await zoe.page.getByRole("button", { name: "Requests" }).click();
    await zoe.page.getByRole("link", { name: /^Pam/ }).waitFor();
    await zoe.hasNoViolations();
  });

  it("[PAGE-23] makes a group with a name, a picture and people; what is missing is said at its field", async () => {
    const alice = await chat.guest("alice");
    const { page } = alice;
    await page.getByRole("button", { name: "New conversation" }).click();
    await page.getByRole("menuitem", { name: "New group" }).click();
    const dialog = page.getByRole("dialog", { name: "New group" });
    await dialog.getByRole("button", { name: "Create" }).click();
    await dialog.getByText("A group needs a name.").waitFor();
    await dialog.getByRole("textbox", { name: "Name of the group" }).fill("Choir");
    await dialog.getByRole("textbox", { name: "Picture" }).fill("http://example.com/a.png");
    await dialog.getByRole("button", { name: "Create" }).click();
    await dialog.getByText("This is no https address.").waitFor();
    await dialog.getByRole("textbox", { name: "Picture" }).fill("");
    for (const name of ["Bob", "Carol"]) {
      await dialog.getByRole("textbox", { name: "Search people" }).fill(name);
      await dialog.getByRole("button", { name: new RegExp(`@${name}`, "i") }).click();
    }
    await alice.hasNoViolations();
    await dialog.getByRole("button", { name: "Take out Carol" }).click();
    await dialog.getByRole("button", { name: "Create with 1 person" }).click();
    await dialog.waitFor({ state: "detached" });
    const bob = await chat.guest("bob");
    await bob.page.getByRole("link", { name: /^Choir/ }).waitFor();
    await bob.open("Choir");
    const carol = await chat.guest("carol");
    await carol.page.getByRole("link", { name: /^Weekend hike/ }).waitFor();
    assert.equal(await carol.page.getByRole("link", { name: /^Choir/ }).count(), 0);
  });
});
