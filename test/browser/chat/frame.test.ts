import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { devToken } from "../../../scripts/dev-token.ts";
import { Chat, type Look } from "./kit.ts";

describe("the frame of the chat page", () => {
  let chat: Chat;
  before(async () => {
    chat = await Chat.open();
  });
  afterEach(() => chat.clear());
  after(() => chat.close());

  const LOOKS: [string, Look][] = [
    ["light", {}],
    ["dark", { theme: "dark" }],
    ["right to left", { language: "ar" }],
    ["on a phone, dark, right to left", { isPhone: true, theme: "dark", language: "ar" }],
  ];
  for (const [name, look] of LOOKS) {
    it(`[PAGE-24] axe finds nothing in sign-in, list, menus and dialogs: ${name}`, async () => {
      const visitor = await chat.visitor("visitor", look);
      await visitor.page.goto(chat.url);
      await visitor.page.getByRole("link").first().waitFor();
      await visitor.hasNoViolations();
      const alice = await chat.guest("alice", look);
      const { page } = alice;
      const buttons = page.getByRole("navigation").getByRole("button");
      await page.getByRole("link", { name: /Weekend hike/ }).waitFor();
      await alice.hasNoViolations();
      await buttons.first().click();
      await page.getByRole("menu").waitFor();
      await alice.hasNoViolations('[role="menu"]');
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+/");
      await page.getByRole("dialog").waitFor();
      await alice.hasNoViolations('[role="dialog"]');
      await page.keyboard.press("Escape");
      await page.keyboard.press("Alt+KeyN");
      await page.getByRole("dialog").waitFor();
      await alice.hasNoViolations('[role="dialog"]');
    });
  }

  it("[PAGE-25] without a network the page says so, and with it again what was written arrives", async () => {
    const alice = await chat.guest("alice", { forgives: /ERR_INTERNET_DISCONNECTED/ });
    await alice.open("Bob");
    await alice.page.context().setOffline(true);
    await alice.page.getByText("You are offline").waitFor();
    await alice.page.getByRole("textbox", { name: "Write a message" }).fill("Written in a tunnel");
    await alice.page.keyboard.press("Enter");
    await alice.page.getByRole("main").getByText("Written in a tunnel").waitFor();
    await alice.page.context().setOffline(false);
    await alice.page.getByText("You are offline").waitFor({ state: "detached" });
    const bob = await chat.guest("bob");
    await bob.page
      .getByRole("link", { name: /^Alice/ })
      .getByText("Written in a tunnel")
      .waitFor();
  });

  it("[PAGE-26] a server that is killed and starts again is found again, without a reload", async () => {
    const alice = await chat.guest("alice", {
      forgives: /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|WebSocket/,
    });
    await alice.page.getByRole("link", { name: /^Bob/ }).waitFor();
    await chat.server.killAll();
    await alice.page.getByText("Connecting…").waitFor();
    await chat.server.start();
    await alice.page.getByText("Connecting…").waitFor({ state: "detached", timeout: 60_000 });
    await alice.open("Bob");
    await alice.page.getByRole("textbox", { name: "Write a message" }).fill("Still here");
    await alice.page.keyboard.press("Enter");
    const bob = await chat.guest("bob");
    await bob.page
      .getByRole("link", { name: /^Alice/ })
      .getByText("Still here")
      .waitFor();
  });

  it("[PAGE-27] on a phone list and room take turns, and the focus goes with them", async () => {
    const { page } = await chat.guest("alice", { isPhone: true });
    await page.getByRole("link", { name: /^Weekend hike/ }).tap();
    await page.getByRole("navigation").waitFor({ state: "hidden" });
    assert.equal(await page.evaluate(() => document.activeElement?.closest("main") !== null), true);
    await page.getByRole("button", { name: "Back" }).tap();
    await page.locator("#room").waitFor({ state: "hidden" });
    await page.waitForFunction(() => document.activeElement?.closest("nav") !== null);
    await page.getByRole("link", { name: /^Weekend hike/ }).tap();
    await page.goBack();
    await page.locator("#room").waitFor({ state: "hidden" });
  });

  it("[PAGE-28] theme and language are chosen in the menu, and stay", async () => {
    const { page } = await chat.guest("alice");
    const choose = async (...names: string[]) => {
      await page.getByRole("button", { name: "You and settings" }).click();
      for (const name of names)
        await page.getByRole("menuitem", { name }).or(page.getByRole("menuitemradio", { name })).click();
    };
    await choose("Appearance", "Dark");
    await page.waitForFunction(() => getComputedStyle(document.body).backgroundColor === "rgb(19, 21, 24)");
    await choose("Language", "العربية");
    await page.waitForFunction(() => document.documentElement.dir === "rtl");
    await page.reload();
    await page.getByRole("heading", { name: "المحادثات" }).waitFor();
    await page.waitForFunction(() => getComputedStyle(document.body).backgroundColor === "rgb(19, 21, 24)");
  });

  it("[PAGE-29] signing out ends the session of this window alone", async () => {
    const { page } = await chat.guest("alice");
    await page.getByRole("button", { name: "You and settings" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in as Alice" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Sign in as Alice" }).waitFor();
  });

  it("[PAGE-30] a token endpoint signs in, and is asked again after a reload", async () => {
    const { page } = await chat.visitor("quin");
    let asked = 0;
    await page.route("**/config.json", (route) =>
      route.fulfill({ json: { token_endpoint: "/session/token" } }),
    );
    await page.route("**/session/token", async (route) => {
      asked += 1;
      assert.equal(route.request().method(), "POST");
      await route.fulfill({ json: { token: await chat.token("quin") } });
    });
    await page.goto(chat.url);
    await page.getByText("No conversations yet").first().waitFor();
    await page.reload();
    await page.getByText("No conversations yet").first().waitFor();
    assert.equal(asked, 2);
  });

  it("[PAGE-31] the page that has opened this one passes a token, if its origin is allowed; no other is asked", async () => {
    const OPENER = "http://opener.test";
    const { page } = await chat.visitor("rob");
    const context = page.context();
    const token = await chat.token("rob");
    const allow = async (origins: string[]) => {
      await context.unroute("**/config.json");
      await context.route("**/config.json", (route) => route.fulfill({ json: { parent_origins: origins } }));
    };
    await context.route(`${OPENER}/**`, (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html><title>App</title>" }),
    );
    const openChat = async () => {
      await page.goto(`${OPENER}/`);
      const [opened] = await Promise.all([
        page.waitForEvent("popup"),
        page.evaluate(
          ([url, given]) => {
            const heard: string[] = [];
            Object.assign(window, { heard });
            window.addEventListener("message", ({ data, source, origin }) => {
              heard.push(data.type);
              (source as Window).postMessage({ type: "rocket-chat:token", token: given }, origin);
            });
            window.open(url);
          },
          [chat.url, token] as const,
        ),
      ]);
      return opened;
    };
    await allow(["http://another.test"]);
    const refused = await openChat();
    await refused.getByRole("button", { name: "Sign in as Alice" }).waitFor({ timeout: 20_000 });
    assert.deepEqual(await page.evaluate(() => (window as unknown as { heard: string[] }).heard), []);
    await refused.close();
    await allow([OPENER]);
    const opened = await openChat();
    await opened.getByText("No conversations yet").first().waitFor();
    await opened.close();
  });

  it("[PAGE-32] where nobody can sign in by themselves, the page says where to come from", async () => {
    const visitor = await chat.visitor("visitor", { forgives: /404/ });
    await visitor.page.route("**/development/people", (route) => route.fulfill({ status: 404, json: {} }));
    await visitor.page.goto(chat.url);
    await visitor.page.getByText("You are not signed in").waitFor();
    await visitor.hasNoViolations();
  });

  it("[PAGE-33] a token that has ended leads to the sign-in", async () => {
    const visitor = await chat.visitor("sue", { forgives: /401|WebSocket/ });
    const ended = await devToken("sue", "another secret, which this server does not know");
    await visitor.page.goto(`${chat.url}/#token=${ended}`);
    await visitor.page.getByText("Your session has ended").waitFor();
    await visitor.page.getByRole("button", { name: "Sign in as Alice" }).waitFor();
  });
});
