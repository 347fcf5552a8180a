/**
 * What a test of the chat page stands on: a server with the development sign-in, a browser, and people at its pages. What a
 * page complains about fails the test (docs/page.md).
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { devToken } from "../../../scripts/dev-token.ts";
import { ensureDevVars } from "../../../scripts/dev-vars.ts";
import { Person } from "../../../scripts/person.ts";
import { DEVELOPMENT_ENTRY, DevServer } from "../../../scripts/serve.ts";
import { ROOT } from "../../../scripts/tools.ts";
import { findChromium } from "../chromium.ts";
import { violationsOf } from "./axe.ts";

/** Milliseconds within which what a test waits for must have happened. */
const PATIENCE_MS = 20_000;
/** Whom the development sign-in knows. */
const DEMO_NAMES = ["alice", "bob", "carol"];
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 800 };

/** How a person looks at the page. */
export interface Look {
  /** 390 by 844 and touch, instead of 1280 by 800. */
  isPhone?: boolean;
  theme?: "light" | "dark";
  /** `ar` is right to left. */
  language?: "en" | "ar";
  /** What the page may complain about in this test, such as a server that the test has stopped. */
  forgives?: RegExp;
}

/** A person at a page of their own, with nothing stored from before. */
export class Guest {
  readonly name: string;
  readonly page: Page;
  readonly #forgives: RegExp | undefined;
  /** Errors of the console, violations of the policy, and exceptions. */
  readonly #complaints: string[] = [];

  constructor(name: string, page: Page, forgives: RegExp | undefined) {
    this.name = name;
    this.page = page;
    this.#forgives = forgives;
    page.on("console", (message) => {
      if (message.type() === "error") this.#complain(`${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.#complain(String(error)));
  }

  /** Opens a conversation of the list by its title, and waits for it. */
  async open(title: string): Promise<void> {
    await this.page.getByRole("navigation").getByRole("link", { name: title }).first().click();
    await this.page.getByRole("textbox").last().waitFor();
  }

  /** Asserts that axe finds nothing on the page. @param within a selector of the part that is looked at. */
  async hasNoViolations(within?: string): Promise<void> {
    assert.deepEqual(await violationsOf(this.page, within), []);
  }

  /** Keeps a picture of the page as docs/screenshots/<name>.png. */
  async keepsPicture(name: string): Promise<void> {
    await this.page.screenshot({
      path: join(ROOT, "docs/screenshots", `${name}.png`),
      animations: "disabled",
    });
  }

  /** What the page has complained about since it was asked last. */
  takeComplaints(): string[] {
    return this.#complaints.splice(0).map((one) => `${this.name}: ${one}`);
  }

  #complain(text: string): void {
    if (this.#forgives?.test(text) !== true) this.#complaints.push(text);
  }
}

/** A server and a browser. */
export class Chat {
  readonly browser: Browser;
  /** Where the page is. */
  readonly url: string;
  readonly #server: DevServer | undefined;
  readonly #secret: string;
  readonly #guests = new Set<Guest>();

  private constructor(browser: Browser, server: DevServer | undefined, url: string, secret: string) {
    this.browser = browser;
    this.#server = server;
    this.url = url;
    this.#secret = secret;
  }

  /**
   * Starts both. With `CHAT_URL` in the environment, the server is the `npm run dev` of this checkout that is there.
   * @param vars settings of the server, as in `.dev.vars`.
   * @throws Error if the page is not built.
   */
  static async open(vars: Record<string, string> = {}): Promise<Chat> {
    if (!existsSync(join(ROOT, "public/index.html")))
      throw new Error("there is no page yet: `npm run assets` builds it");
    const settings = { RATE_LIMIT_MODE: "off", DEV_ALLOW_LOOPBACK_ORIGINS: "true", ...vars };
    const launched = chromium.launch({
      executablePath: findChromium(),
      args: ["--no-sandbox", "--disable-gpu"],
    });
    const { CHAT_URL } = process.env;
    if (CHAT_URL) return new Chat(await launched, undefined, CHAT_URL, ensureDevVars());
    const [server, browser] = await Promise.all([DevServer.create(settings, DEVELOPMENT_ENTRY), launched]);
    return new Chat(browser, server, server.url, server.secret);
  }

  /** The server of the test, to stop it and start it again. @throws Error where it is another's (`CHAT_URL`). */
  get server(): DevServer {
    if (!this.#server) throw new Error("this test stops its server, so run it without CHAT_URL");
    return this.#server;
  }

  /** Opens the page as a person: alice, bob and carol know each other; another name is a newcomer. */
  async guest(name: string, look: Look = {}): Promise<Guest> {
    const guest = await this.visitor(name, look);
    const { page } = guest;
    if (DEMO_NAMES.includes(name)) await page.goto(`${this.url}/?as=${name}`);
    else await page.goto(`${this.url}/#token=${await this.token(name)}`);
    await page.getByRole("navigation").waitFor();
    return guest;
  }

  /** A page that has not gone anywhere yet. */
  async visitor(name: string, look: Look = {}): Promise<Guest> {
    const context = await this.browser.newContext(optionsOf(look));
    context.setDefaultTimeout(PATIENCE_MS);
    const guest = new Guest(name, await context.newPage(), look.forgives);
    this.#guests.add(guest);
    return guest;
  }

  /** A token of a person. */
  async token(name: string): Promise<string> {
    return await devToken(name, this.#secret);
  }

  /** Somebody without a page, for requests and sockets: the same person as the guest of this name. */
  async person(name: string): Promise<Person> {
    return await Person.of(name, this.url, this.#secret);
  }

  /** Closes all pages, and asserts that none has complained. Call it after each test. */
  async clear(): Promise<void> {
    const complaints: string[] = [];
    for (const guest of this.#guests) {
      complaints.push(...guest.takeComplaints());
      await guest.page.context().close();
    }
    this.#guests.clear();
    assert.deepEqual(complaints, []);
  }

  /** Ends the browser and the server. */
  async close(): Promise<void> {
    await this.browser.close();
    await this.#server?.stop();
    this.#server?.dispose();
  }
}

function optionsOf({ isPhone = false, theme = "light", language = "en" }: Look): BrowserContextOptions {
  const shape = isPhone
    ? { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }
    : { viewport: DESKTOP };
  // Without motion a picture or a measurement never falls into the middle of one.
  return { ...shape, colorScheme: theme, locale: language, reducedMotion: "reduce", timezoneId: "UTC" };
}
