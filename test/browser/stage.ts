/** What a browser test stands on: a browser on a desktop, and a site with a page and its worker. */
import assert from "node:assert/strict";
import type { CDPSession, Page } from "playwright-core";
import { type Chromium, openChromium } from "./chromium.ts";
import { Desktop } from "./desktop.ts";
import { Site } from "./site.ts";

/** Milliseconds until something that a test waits for must have happened. */
const PATIENCE_MS = 10_000;
/** Errors of the browser that are none of the page's: it is offline. */
const NOT_OURS = /net::ERR_INTERNET_DISCONNECTED/;

/** A notification as the browser lists it. */
export interface Listed {
  title: string;
  body: string;
  tag: string;
  icon: string;
  silent: boolean | null;
  data: Record<string, unknown>;
}

/** Waits until `look` returns something. @throws Error of what it lastly threw, or that it never did. */
export async function eventually<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (let last: unknown = new Error("it did not happen in time"); ; ) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw last;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Waits until the browser has heard that its notifications are on the screen. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 250));
}

export class Stage {
  readonly site: Site;
  readonly desktop: Desktop;
  /** What pages and workers have complained about. */
  readonly complaints: string[] = [];
  readonly #chromium: Chromium;

  private constructor(site: Site, desktop: Desktop, chromium: Chromium) {
    this.site = site;
    this.desktop = desktop;
    this.#chromium = chromium;
  }

  /** Starts everything. */
  static async open(): Promise<Stage> {
    const desktop = await Desktop.open();
    const site = await Site.open();
    const chromium = await openChromium({ DBUS_SESSION_BUS_ADDRESS: desktop.address });
    const stage = new Stage(site, desktop, chromium);
    await chromium.context.grantPermissions(["notifications"], { origin: site.origin });
    chromium.context.on("weberror", (error) => stage.complaints.push(String(error.error())));
    chromium.context.on("console", (message) => {
      const isBad = message.type() === "error" || message.type() === "warning";
      if (isBad && !NOT_OURS.test(message.text())) stage.complaints.push(message.text());
    });
    return stage;
  }

  async close(): Promise<void> {
    await this.#chromium.close();
    this.site.close();
    this.desktop.close();
  }

  /** The pages of the site that are open. */
  pages(): Page[] {
    return this.#chromium.context.pages().filter((page) => page.url().startsWith(this.site.origin));
  }

  /** Asks the browser as a whole, by its protocol. */
  async ask(method: string, params: object): Promise<Record<string, unknown>> {
    return await this.#chromium.ask(method, params);
  }

  /** Opens a page in front, the only one of the site unless `beside` others. The app in it has started. */
  async page(path = "/", { beside = false } = {}): Promise<Tab> {
    const page = await this.#chromium.context.newPage();
    if (!beside) for (const other of this.pages()) await other.close();
    const tab = await Tab.open(this, page);
    await page.goto(this.site.origin + path);
    if (path === "/") await page.waitForFunction(() => "chat" in window);
    return tab;
  }
}

/** A page, and the worker that belongs to it. */
export class Tab {
  readonly page: Page;
  readonly #stage: Stage;
  readonly #cdp: CDPSession;
  /** Registrations of workers by their scope. */
  readonly #registrations = new Map<string, string>();

  private constructor(stage: Stage, page: Page, cdp: CDPSession) {
    this.#stage = stage;
    this.page = page;
    this.#cdp = cdp;
  }

  /** Watches the workers of a page's site. */
  static async open(stage: Stage, page: Page): Promise<Tab> {
    const cdp = await page.context().newCDPSession(page);
    const tab = new Tab(stage, page, cdp);
    cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      for (const { scopeURL, registrationId } of registrations)
        tab.#registrations.set(scopeURL, registrationId);
    });
    cdp.on("ServiceWorker.workerErrorReported", ({ errorMessage }) =>
      stage.complaints.push(errorMessage.errorMessage),
    );
    await cdp.send("ServiceWorker.enable");
    return tab;
  }

  /** The browser gets a push message. @param folder of the worker that it is for. */
  async push(data: string | object, folder = "/"): Promise<void> {
    const { origin } = this.#stage.site;
    const registrationId = await eventually(() => this.#registrations.get(origin + folder));
    const text = typeof data === "string" ? data : JSON.stringify(data);
    await this.#cdp.send("ServiceWorker.deliverPushMessage", { origin, registrationId, data: text });
  }

  /** The notifications on the screen, as the browser lists them. */
  async listed(folder = "/"): Promise<Listed[]> {
    return await this.page.evaluate(async (scope) => {
      const registration = await navigator.serviceWorker.getRegistration(scope);
      const all = (await registration?.getNotifications()) ?? [];
      return all.map(({ title, body, tag, icon, silent, data }) => ({
        title,
        body,
        tag,
        icon,
        silent,
        data,
      }));
    }, folder);
  }

  /**
   * Waits until exactly these are on the screen, in any order, and the browser lists the same. The screen is looked at
   * first: a browser that is asked for its list while a notification is on its way to the screen forgets that one.
   */
  async shows(...titles: string[]): Promise<void> {
    titles.sort();
    const { desktop } = this.#stage;
    await eventually(() => desktop.titles().join() === titles.join()).catch(() =>
      assert.deepEqual(desktop.titles(), titles),
    );
    await settled();
    const listed = await this.listed();
    assert.deepEqual(listed.map(({ title }) => title).sort(), titles);
  }

  /** Closes every notification. */
  async clear(): Promise<void> {
    await settled();
    await this.page.evaluate(async () => {
      for (const registration of await navigator.serviceWorker.getRegistrations()) {
        for (const one of await registration.getNotifications()) one.close();
      }
    });
    const { notes } = this.#stage.desktop;
    await eventually(() => {
      if (notes.size > 0) throw new Error(`still on the screen: ${JSON.stringify([...notes.values()])}`);
      return true;
    });
  }
}
