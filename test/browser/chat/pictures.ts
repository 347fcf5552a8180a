/** The pictures of the chat page in docs/screenshots: a line for each. */
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
  { name: "dark", look: { theme: "dark" }, show: async (guest) => await guest.open("Weekend hike") },
  {
    name: "phone-list",
    look: { isPhone: true },
    show: async ({ page }) => await page.getByRole("link", { name: /^Weekend hike/ }).waitFor(),
  },
  { name: "phone", look: { isPhone: true }, show: async (guest) => await guest.open("Weekend hike") },
  { name: "rtl", look: { language: "ar" }, show: async (guest) => await guest.open("Weekend hike") },
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
