/** What the tests of the side panels share. */
import type { Locator } from "playwright-core";
import type { Guest } from "./kit.ts";

/** The side panel of a page. */
export function panelOf({ page }: Guest): Locator {
  return page.locator("#panel");
}

/** Opens a page of a panel by its address, beside what is open. @param name as `settings/privacy`. */
export async function openPanel(guest: Guest, name: string): Promise<Locator> {
  await guest.page.evaluate((panel) => {
    const [path = "#/"] = (location.hash || "#/").split("?");
    location.hash = `${path}?panel=${panel}`;
  }, name);
  const panel = panelOf(guest);
  await panel.getByRole("heading", { level: 2 }).waitFor();
  return panel;
}

/** The line of a member in the details of a group. */
export function memberLine(guest: Guest, name: string): Locator {
  return panelOf(guest)
    .getByRole("listitem")
    .filter({ hasText: new RegExp(name, "i") });
}

/** Opens the menu of a member. */
export async function openMemberMenu(guest: Guest, name: string): Promise<Locator> {
  await memberLine(guest, name).getByRole("button").click();
  const menu = guest.page.getByRole("menu");
  await menu.getByRole("menuitem").first().waitFor();
  return menu;
}

/** Reads a value until it is as wanted. @throws Error with the last one after 10 seconds. */
export async function becomes<T>(read: () => Promise<T>, isWanted: (value: T) => boolean): Promise<T> {
  const end = Date.now() + 10_000;
  for (;;) {
    const value = await read();
    if (isWanted(value)) return value;
    if (Date.now() > end) throw new Error(`it stayed ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
