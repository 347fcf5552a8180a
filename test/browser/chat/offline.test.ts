import { after, afterEach, before, describe, it } from "node:test";
import { Chat } from "./kit.ts";

describe("the chat page without a network", () => {
  let chat: Chat;
  before(async () => {
    chat = await Chat.open();
  });
  afterEach(() => chat.clear());
  after(() => chat.close());

  it("[PAGE-35] starts without a network, from what its worker has kept", async () => {
    const { page } = await chat.guest("alice", { forgives: /ERR_INTERNET_DISCONNECTED/ });
    await page.getByRole("link", { name: /^Bob/ }).waitFor();
    await page.evaluate(async () => await navigator.serviceWorker.ready);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await page.context().setOffline(true);
    await page.reload();
    await page.getByText("You are offline").waitFor();
    // What was never opened is there as well.
    await page.getByRole("button", { name: "New conversation" }).click();
    await page.getByRole("menuitem", { name: "New group" }).click();
    await page.getByRole("dialog", { name: "New group" }).waitFor();
    await page.keyboard.press("Escape");
    await page.context().setOffline(false);
    await page.getByText("You are offline").waitFor({ state: "detached" });
    await page.getByRole("link", { name: /^Bob/ }).waitFor();
  });
});
