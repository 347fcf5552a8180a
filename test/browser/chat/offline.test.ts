import assert from "node:assert/strict";
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

  it("[PAGE-36] reads what was there, writes, and sends it once when the network is back, over reloads", async () => {
    const { page } = await chat.guest("alice", { forgives: /ERR_INTERNET_DISCONNECTED/ });
    await page.getByRole("link", { name: /^Bob/ }).click();
    await page.getByRole("main").getByText("No hurry").waitFor();
    await page.evaluate(async () => await navigator.serviceWorker.ready);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await page.waitForTimeout(SETTLE_MS);
    await page.context().setOffline(true);
    await page.reload();
    await page.getByRole("main").getByText("No hurry").waitFor();
    await page.getByRole("textbox", { name: "Write a message" }).fill("Written on a train");
    await page.keyboard.press("Enter");
    await page.getByRole("main").getByText("Written on a train").waitFor();
    await page.waitForTimeout(SETTLE_MS);
    await page.reload();
    await page.getByRole("main").getByText("Written on a train").waitFor();
    await page.context().setOffline(false);
    const bob = await chat.guest("bob");
    await bob.open("Alice");
    const arrived = bob.page.getByRole("main").getByText("Written on a train");
    await arrived.waitFor();
    await bob.page.waitForTimeout(SETTLE_MS);
    assert.equal(await arrived.count(), 1);
  });

  it("[PAGE-37] two tabs of a person have one socket; when the tab that has it goes, the other goes on", async () => {
    const first = await chat.visitor("alice");
    const context = first.page.context();
    let sockets = 0;
    context.on("page", (page) => page.on("websocket", () => (sockets += 1)));
    first.page.on("websocket", () => (sockets += 1));
    await first.page.goto(`${chat.url}/?as=alice`);
    await first.page.getByRole("link", { name: /^Bob/ }).waitFor();
    const second = await context.newPage();
    await second.goto(`${chat.url}/?as=alice`);
    const row = second.getByRole("link", { name: /^Bob/ });
    await row.waitFor();
    const bob = await chat.guest("bob");
    await bob.open("Alice");
    const say = async (text: string) => {
      await bob.page.getByRole("textbox", { name: "Write a message" }).fill(text);
      await bob.page.keyboard.press("Enter");
    };
    await say("To both of you");
    await row.getByText("To both of you").waitFor();
    await first.page.getByRole("link", { name: /^Bob/ }).getByText("To both of you").waitFor();
    assert.equal(sockets, 1);
    await first.page.close();
    await say("To the one that is left");
    await row.getByText("To the one that is left").waitFor();
    assert.equal(sockets, 2);
    await second.close();
  });
});

/** What is kept on the device is written half a second after a change, in milliseconds; and some time to be sure. */
const SETTLE_MS = 1_500;
