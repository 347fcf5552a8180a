/** The pictures of the chat page in docs/screenshots: a line for each. */
import type { Page } from "playwright-core";
import { z } from "zod";
import type { Chat, Guest, Look } from "./kit.ts";

/** A picture. */
export interface Picture {
  /** The file's name, without its ending. */
  name: string;
  look?: Look;
  /** Who looks; alice unless it is said. */
  who?: string;
  /** Brings the page to what the picture shows. */
  show: (guest: Guest, chat: Chat) => Promise<void>;
}

const hasNoNetwork = /ERR_INTERNET_DISCONNECTED/;

/** Somebody whom alice has never talked to writes to her, so that she has a request. */
async function writeAsStranger(chat: Chat): Promise<void> {
  const alice = await chat.person("alice");
  const { body: me } = await alice.api(z.looseObject({ user_id: z.string() }), "GET", "/users/me");
  const stranger = await chat.person("mallory");
  const Direct = z.looseObject({ conversation_id: z.string() });
  const { body } = await stranger.api(Direct, "POST", "/conversations/direct", { user_id: me.user_id });
  const content = "Hi! I saw your talk about durable objects. May I ask a question?";
  await stranger.api(z.unknown(), "POST", `/conversations/${body.conversation_id}/messages`, {
    type: "text",
    content,
    client_message_id: "the-question",
  });
}

async function openPanel({ page }: Guest, name: string): Promise<void> {
  await page.evaluate((panel) => {
    location.hash = `${location.hash || "#/"}?panel=${panel}`;
  }, name);
}

/** How fast the upload of a picture is, and how long one looks at it, so that it is seen half done. */
const UPLOAD_BYTES_PER_S = 60_000;
const UPLOAD_MS = 4_000;

/** A painted picture of hills, as a PNG of some hundred kilobytes. */
async function paint(page: Page): Promise<Buffer> {
  const address = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 900, height: 600 });
    const brush = canvas.getContext("2d");
    if (!brush) throw new Error("there is nothing to paint with");
    const sky = brush.createLinearGradient(0, 0, 0, 600);
    for (const [at, colour] of [
      [0, "#7fb2e5"],
      [0.6, "#fbe3c0"],
      [1, "#f3b98d"],
    ] as const)
      sky.addColorStop(at, colour);
    brush.fillStyle = sky;
    brush.fillRect(0, 0, 900, 600);
    for (const [height, colour] of [
      [300, "#7d8fb3"],
      [380, "#566a8f"],
      [470, "#2f4466"],
    ] as const) {
      brush.fillStyle = colour;
      brush.beginPath();
      brush.moveTo(0, 600);
      for (let x = 0; x <= 900; x += 6)
        brush.lineTo(x, height + 60 * Math.sin(x / (height / 3)) + 24 * Math.sin(x / 31 + height));
      brush.lineTo(900, 600);
      brush.fill();
    }
    // Grain, as a camera has it, so that the file is not too small.
    const image = brush.getImageData(0, 0, 900, 600);
    for (let at = 0; at < image.data.length; at += 4) {
      const grain = Math.random() * 10 - 5;
      for (let part = 0; part < 3; part += 1) image.data[at + part] = (image.data[at + part] ?? 0) + grain;
    }
    brush.putImageData(image, 0, 0);
    return canvas.toDataURL("image/png");
  });
  return Buffer.from(address.split(",")[1] ?? "", "base64");
}

/** All pictures. */
export const PICTURES: readonly Picture[] = [
  {
    name: "list",
    show: async ({ page }) => await page.getByRole("link", { name: /^Weekend hike/ }).waitFor(),
  },
  { name: "room", show: async (guest) => await guest.open("Weekend hike") },
  {
    name: "new-group",
    async show({ page }) {
      await page.getByRole("button", { name: "New conversation" }).click();
      await page.getByRole("menuitem", { name: "New group" }).click();
      await page.getByRole("textbox", { name: "Name of the group" }).fill("Choir");
      for (const name of ["Bob", "Carol"]) {
        await page.getByRole("textbox", { name: "Search people" }).fill(name);
        await page.getByRole("button", { name: new RegExp(`@${name}`, "i") }).click();
      }
    },
  },
  {
    name: "menu",
    async show({ page }) {
      await page.getByRole("link", { name: /^Weekend hike/ }).click({ button: "right" });
      await page.getByRole("menuitem", { name: "Mute" }).click();
      await page.getByRole("menuitem", { name: "For an hour" }).waitFor();
    },
  },
  {
    name: "requests",
    async show({ page }, chat) {
      await writeAsStranger(chat);
      await page.getByRole("button", { name: "Requests" }).click();
      await page.getByRole("link", { name: /^Mallory/ }).click();
      await page.getByText("May I ask a question").last().waitFor();
    },
  },
  {
    name: "group-settings",
    async show(guest) {
      await guest.open("Weekend hike");
      await openPanel(guest, "details");
      await guest.page.getByRole("complementary").getByText("Bob").first().waitFor();
    },
  },
  {
    name: "search",
    async show(guest) {
      await guest.open("Weekend hike");
      await openPanel(guest, "search");
      await guest.page
        .getByRole("complementary")
        .getByRole("searchbox")
        .or(guest.page.getByRole("complementary").getByRole("textbox"))
        .first()
        .fill("walk");
      await guest.page.getByRole("complementary").getByText("ridge").first().waitFor();
    },
  },
  {
    name: "settings",
    async show(guest) {
      await openPanel(guest, "settings");
      await guest.page.getByRole("complementary").getByRole("heading").first().waitFor();
    },
  },
  {
    name: "upload",
    async show(guest) {
      await guest.open("Bob");
      const cdp = await guest.page.context().newCDPSession(guest.page);
      await cdp.send("Network.emulateNetworkConditions", {
        ...{ offline: false, latency: 0, downloadThroughput: -1 },
        uploadThroughput: UPLOAD_BYTES_PER_S,
      });
      const buffer = await paint(guest.page);
      const file = { name: "ridge.png", mimeType: "image/png", buffer };
      await guest.page.locator('input[type="file"]').first().setInputFiles(file);
      await guest.page.getByRole("textbox", { name: "Write a message" }).fill("The view from the top");
      await guest.page.keyboard.press("Enter");
      await guest.page.getByRole("main").getByRole("progressbar").first().waitFor();
      await guest.page.waitForTimeout(UPLOAD_MS);
    },
  },
  { name: "dark", look: { theme: "dark" }, show: async (guest) => await guest.open("Weekend hike") },
  {
    name: "phone-list",
    look: { isPhone: true },
    show: async ({ page }) => await page.getByRole("link", { name: /^Weekend hike/ }).waitFor(),
  },
  { name: "phone", look: { isPhone: true }, show: async (guest) => await guest.open("Weekend hike") },
  { name: "rtl", look: { language: "ar" }, show: async (guest) => await guest.open("Weekend hike") },
  {
    name: "offline",
    look: { forgives: hasNoNetwork },
    async show(guest) {
      await guest.open("Weekend hike");
      await guest.page.context().setOffline(true);
      await guest.page.getByText("You are offline").waitFor();
      await guest.page.getByRole("textbox", { name: "Write a message" }).fill("See you at 8:30!");
      await guest.page.keyboard.press("Enter");
      await guest.page.getByRole("main").getByText("See you at 8:30!").waitFor();
    },
  },
  {
    name: "sign-in",
    async show({ page }, chat) {
      await page.evaluate(() => sessionStorage.clear());
      await page.goto(chat.url);
      await page.reload();
      await page.getByRole("heading").waitFor();
    },
  },
];
