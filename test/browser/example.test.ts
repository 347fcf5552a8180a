/** examples/react in a real browser: what the README's lines make, on an origin of its own. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { type Browser, chromium } from "playwright-core";
import { DEVELOPMENT_ENTRY, DevServer } from "../../scripts/serve.ts";
import { programOf, ROOT } from "../../scripts/tools.ts";
import { findChromium } from "./chromium.ts";
import { Example, isAChat } from "./example-kit.ts";

let server: DevServer;
let browser: Browser;
let example: Example;

before(async () => {
  const settings = { RATE_LIMIT_MODE: "off", DEV_ALLOW_LOOPBACK_ORIGINS: "true" };
  const args = ["--no-sandbox", "--disable-gpu"];
  [server, browser] = await Promise.all([
    DevServer.create(settings, DEVELOPMENT_ENTRY),
    chromium.launch({ executablePath: findChromium(), args }),
  ]);
  example = await Example.open(join(ROOT, "examples/react"), programOf("vite"), server.url);
});

after(async () => {
  example?.close();
  await browser?.close();
  await server?.stop();
  server?.dispose();
});

it("[PKG-14] a list and a room: what another person writes appears, what is written is sent, and the console stays empty", async () => {
  assert.notEqual(new URL(example.url).origin, new URL(server.url).origin);
  assert.deepEqual(await isAChat(example, browser, server), []);
});
