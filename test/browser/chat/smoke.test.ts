import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { Chat } from "./kit.ts";

describe("the chat page", () => {
  let chat: Chat;
  before(async () => {
    chat = await Chat.open();
  });
  afterEach(() => chat.clear());
  after(() => chat.close());

  it("[PAGE-1] one signs in as one of three people, and talks with another window, without typing a token", async () => {
    const { page } = await chat.visitor("somebody");
    await page.goto(chat.url);
    const link = page.getByRole("link", { name: "Open Bob in another window" });
    const [other] = await Promise.all([page.waitForEvent("popup"), link.click()]);
    await page.getByRole("button", { name: "Sign in as Alice" }).click();
    await page.getByRole("link", { name: /^Bob/ }).click();
    await page.getByRole("textbox", { name: "Write a message" }).fill("Hello from the other window");
    await page.keyboard.press("Enter");
    await other.getByRole("link", { name: /^Alice/ }).click();
    await other.getByRole("main").getByText("Hello from the other window").waitFor();
    assert.equal(new URL(other.url()).search, "");
    await other.close();
  });

  it("[PAGE-2] a token in the fragment signs in, and is out of the address at once", async () => {
    const { page } = await chat.guest("dora");
    assert.equal(new URL(page.url()).hash, "");
    await page.getByText("No conversations yet").waitFor();
    await page.reload();
    await page.getByText("No conversations yet").waitFor();
  });
});
