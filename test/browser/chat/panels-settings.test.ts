import assert from "node:assert/strict";
import { createECDH } from "node:crypto";
import { after, afterEach, before, describe, it } from "node:test";
import { DeviceList, Privacy, PushPreferences } from "@rocket-chat-api/protocol";
import { newVapidPair } from "../../../scripts/vapid-pair.ts";
import { Chat, type Guest } from "./kit.ts";
import { becomes, openPanel, panelOf } from "./panels-kit.ts";
import { freshNames, makeRoom } from "./room-kit.ts";

describe("the settings", () => {
  let chat: Chat;
  before(async () => {
    chat = await Chat.open({ ...newVapidPair(), VAPID_SUBJECT: "mailto:dev@example.com" });
  });
  afterEach(() => chat.clear());
  after(() => chat.close());

  it("[PANEL-20] one changes one's name and picture, and others see it", async () => {
    const { title, names } = await makeRoom(chat);
    const [guest, other] = [await chat.guest(names.ada), await chat.guest(names.ben)];
    await other.open(title);
    const theirs = await openPanel(other, "details");
    const panel = await openPanel(guest, "settings");
    await panel.getByRole("button", { name: /Edit profile/ }).click();
    assert.equal(await panel.getByLabel("Username").isEditable(), false);
    await panel.getByLabel("Name", { exact: true }).fill("");
    await panel.getByRole("button", { name: "Save" }).click();
    await panel.getByText("A name is needed.").waitFor();
    await panel.getByLabel("Name", { exact: true }).fill("Ada Lovelace");
    await panel.getByLabel("Address of the picture").fill(`${chat.url}/icon.svg`);
    await panel.getByRole("button", { name: "Save" }).click();
    await panel.getByRole("button", { name: /Ada Lovelace/ }).waitFor();
    await theirs.getByRole("listitem").filter({ hasText: "Ada Lovelace" }).locator("img").waitFor();
  });

  it("[PANEL-21] levels, previews, pauses and quiet hours with their time zone are kept by the server", async () => {
    const { ada: name } = freshNames();
    const guest = await chat.guest(name);
    const person = await chat.person(name);
    const panel = await openPanel(guest, "settings/notifications");
    await panel.getByLabel("Notify me about").selectOption("Only mentions");
    await panel.getByLabel("A notification shows").selectOption("Only who wrote");
    await panel.getByLabel("Pause all notifications").selectOption("For a day");
    await panel.getByRole("switch", { name: "Do not disturb" }).check();
    await panel.getByLabel("From").fill("21:30");
    await panel.getByLabel("Saturday").uncheck();
    await panel.getByLabel("Time zone").selectOption("Europe/Istanbul");
    const kept = await becomes(
      async () => (await person.api(PushPreferences, "GET", "/push-preferences")).body,
      ({ timezone }) => timezone === "Europe/Istanbul",
    );
    const { snooze_until, ...rest } = kept;
    assert.deepEqual(rest, {
      level: "mentions",
      preview: "sender",
      do_not_disturb: [{ days: ["mon", "tue", "wed", "thu", "fri", "sun"], from: "21:30", to: "07:00" }],
      timezone: "Europe/Istanbul",
    });
    assert.ok(Date.parse(snooze_until ?? "") > Date.now() + 23 * 3_600_000);
    await guest.page.reload();
    assert.equal(await panel.getByLabel("From").inputValue(), "21:30");
    await panel.getByLabel("Pause all notifications").selectOption("Not paused");
    await panel.getByRole("switch", { name: "Do not disturb" }).uncheck();
    await becomes(
      async () => (await person.api(PushPreferences, "GET", "/push-preferences")).body,
      (one) => one.do_not_disturb.length === 0 && one.snooze_until === null,
    );
  });

  it("[PANEL-22] this browser is subscribed and listed among the devices, again after a reload, and is removed", async () => {
    const { ada: name } = freshNames();
    const guest = await chat.guest(name);
    const person = await chat.person(name);
    const devices = async () => (await person.api(DeviceList, "GET", "/devices")).body.devices;
    await givePushService(guest, chat.url);
    const panel = await openPanel(guest, "settings/notifications");
    const push = panel.getByRole("switch", { name: "Notify me in this browser" });
    await push.check();
    const [device] = await becomes(devices, ({ length }) => length === 1);
    assert.deepEqual([device?.platform, device?.provider, device?.is_active], ["web", "webpush", true]);
    assert.ok(await guest.page.evaluate(() => navigator.serviceWorker.controller !== undefined));
    await guest.page.reload();
    await push.and(guest.page.locator(":checked")).waitFor();
    const list = await openPanel(guest, "settings/devices");
    await list.getByText("Browser (this one)").waitFor();
    await list.getByRole("button", { name: /^Remove/ }).click();
    await guest.page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await list.getByText("No device gets notifications").waitFor();
    assert.deepEqual(await devices(), []);
    // It does not come back by itself.
    await guest.page.reload();
    const again = await openPanel(guest, "settings/notifications");
    await again
      .getByRole("switch", { name: "Notify me in this browser" })
      .and(again.locator(":enabled"))
      .waitFor();
    assert.equal(await push.isChecked(), false);
    assert.deepEqual(await devices(), []);
  });

  it("[PANEL-23] a browser that blocks notifications says so, and how to allow them", async () => {
    const { ada: name } = freshNames();
    const guest = await chat.guest(name);
    await guest.page.addInitScript(() => {
      Object.defineProperty(Notification, "permission", { get: () => "denied" });
    });
    await guest.page.reload();
    const panel = await openPanel(guest, "settings/notifications");
    await panel.getByText("This browser blocks notifications of this page.").waitFor();
    const push = panel.getByRole("switch", { name: "Notify me in this browser" });
    assert.equal(await push.isDisabled(), true);
    await guest.hasNoViolations("#panel");
  });

  it("[PANEL-24] privacy holds on the server, and follows what another device changes", async () => {
    const { ada: name } = freshNames();
    const guest = await chat.guest(name);
    const person = await chat.person(name);
    const panel = await openPanel(guest, "settings/privacy");
    await panel.getByLabel("Who can start a chat with you").selectOption("People from my groups");
    await panel.getByLabel("Who can add you to groups").selectOption("My contacts");
    await panel.getByRole("switch", { name: "Read receipts" }).uncheck();
    const kept = await becomes(
      async () => (await person.api(Privacy, "GET", "/users/me/privacy")).body,
      ({ read_receipts }) => !read_receipts,
    );
    assert.deepEqual(kept, {
      who_can_message: "shared_conversation",
      who_can_add: "contacts",
      read_receipts: false,
      last_seen: true,
    });
    await person.api(Privacy, "PATCH", "/users/me/privacy", { last_seen: false });
    await panel
      .getByRole("switch", { name: "Last seen" })
      .and(guest.page.locator(":not(:checked)"))
      .waitFor();
  });

  it("[PANEL-25] theme and language change at once, and stay; signing out shows the sign-in", async () => {
    const guest = await chat.guest("alice");
    const { page } = guest;
    const panel = await openPanel(guest, "settings/appearance");
    await panel.getByRole("radio", { name: "Dark" }).check();
    await page.locator('html[data-theme="dark"]').waitFor();
    await panel.getByRole("radio", { name: "العربية" }).click();
    await page.locator('html[dir="rtl"]').waitFor();
    await page.reload();
    await page.locator('html[data-theme="dark"][lang="ar"]').waitFor();
    await panel.getByRole("radio", { name: "English" }).click();
    await page.locator('html[dir="ltr"]').waitFor();
    await panel.getByRole("button", { name: "Back" }).click();
    await panel.locator('[data-page="appearance"]:focus').waitFor();
    await panel.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in as Alice" }).waitFor();
  });

  it("[PANEL-26] the focus goes into a panel and comes back; Escape goes back a page, then closes", async () => {
    const guest = await chat.guest("alice");
    const { page } = guest;
    await guest.open("Weekend hike");
    const opener = page.getByRole("main").getByRole("button", { name: "Details" }).first();
    await opener.focus();
    await page.keyboard.press("Enter");
    const panel = panelOf(guest);
    await panel.locator("h2:focus").waitFor();
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
    await opener.and(page.locator(":focus")).waitFor();
    await openPanel(guest, "settings");
    await panel.getByRole("button", { name: "Privacy" }).click();
    await panel.getByRole("heading", { name: "Privacy" }).waitFor();
    await page.keyboard.press("Escape");
    await panel.locator('[data-page="privacy"]:focus').waitFor();
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
  });
});

/** A push service for the browser, which reaches none in a test: it grants and subscribes as a browser does, with real keys. */
async function givePushService({ page }: Guest, origin: string): Promise<void> {
  await page.context().grantPermissions(["notifications"], { origin });
  const pair = createECDH("prime256v1");
  pair.generateKeys();
  const keys = { p256dh: pair.getPublicKey("base64url"), auth: Buffer.alloc(16, 7).toString("base64url") };
  await page.addInitScript((given) => {
    const isOn = () => localStorage.getItem("test.subscribed") === "yes";
    const subscription = (applicationServerKey: ArrayBuffer | null) => ({
      options: { applicationServerKey },
      toJSON: () => ({
        endpoint: "https://fcm.googleapis.com/fcm/send/test",
        expirationTime: null,
        keys: given,
      }),
      unsubscribe: async () => {
        localStorage.removeItem("test.subscribed");
        return true;
      },
    });
    let key: ArrayBuffer | null = null;
    Object.assign(PushManager.prototype, {
      getSubscription: async () => (isOn() ? subscription(key) : null),
      subscribe: async (options: { applicationServerKey: ArrayBuffer }) => {
        key = options.applicationServerKey;
        localStorage.setItem("test.subscribed", "yes");
        return subscription(key);
      },
    });
    // Without a screen the browser asks nobody.
    Object.defineProperty(Notification, "permission", { get: () => "granted" });
    Notification.requestPermission = async () => "granted";
  }, keys);
  await page.reload();
  await page.getByRole("navigation").waitFor();
}
