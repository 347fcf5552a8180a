import { after, afterEach, before, describe, it } from "node:test";
import { Chat, type Guest, type Look } from "./kit.ts";
import { openPanel, panelOf } from "./panels-kit.ts";
import { makeRoom, type TestRoom } from "./room-kit.ts";

const PAGES = [
  ...["details", "details/edit", "details/settings", "details/bans", "pins", "search", "settings"],
  ...["settings/profile", "settings/notifications", "settings/privacy", "settings/blocked"],
  ...["settings/devices", "settings/appearance"],
];
const LOOKS: [string, Look][] = [
  ["light", {}],
  ["dark", { theme: "dark" }],
  ["right to left", { language: "ar" }],
  ["on a phone, dark, right to left", { isPhone: true, theme: "dark", language: "ar" }],
];

describe("the panels for everybody", () => {
  let chat: Chat;
  let room: TestRoom;
  before(async () => {
    chat = await Chat.open();
    room = await makeRoom(chat);
  });
  afterEach(() => chat.clear());
  after(() => chat.close());

  /** Waits until what a page asks for has come. */
  async function settled({ page }: Guest): Promise<void> {
    await page.locator('#panel svg[role="img"]').waitFor({ state: "detached" });
  }

  for (const [name, look] of LOOKS) {
    it(`[PANEL-27] axe finds nothing in any panel or its dialogs: ${name}`, async () => {
      const guest = await chat.guest(room.names.ada, look);
      await guest.open(room.title);
      for (const page of PAGES) {
        await openPanel(guest, page);
        await settled(guest);
        await guest.hasNoViolations("#panel");
      }
      const panel = await openPanel(guest, "details");
      for (const button of [
        panel.locator(".accent, [class*=accent]").first(),
        panel.getByRole("button").last(),
      ]) {
        await button.click();
        const dialog = guest.page.locator('[role="dialog"], [role="alertdialog"]');
        await dialog.waitFor();
        await guest.hasNoViolations('[role="dialog"], [role="alertdialog"]');
        await guest.page.keyboard.press("Escape");
        await dialog.waitFor({ state: "detached" });
      }
    });
  }

  it("[PANEL-28] on a phone a panel is the whole view, with a way back", async () => {
    const guest = await chat.guest(room.names.ada, { isPhone: true });
    await guest.open(room.title);
    const panel = await openPanel(guest, "details/edit");
    const box = await panelOf(guest).boundingBox();
    const size = guest.page.viewportSize();
    if (box?.width !== size?.width || box?.height !== size?.height)
      throw new Error(`the panel is ${JSON.stringify(box)}`);
    await panel.getByRole("button", { name: "Back" }).click();
    await panel.getByRole("heading", { name: "Details" }).waitFor();
    await panel.getByRole("button", { name: "Back" }).click();
    await panel.waitFor({ state: "detached" });
    await guest.page.getByRole("textbox", { name: "Write a message" }).waitFor();
  });
});
