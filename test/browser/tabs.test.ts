/** Tabs that share a socket, and the store in IndexedDB, in Chromium: the library as it stands, against a service in small. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { WebSocketServer } from "ws";
import { ROOT } from "../../scripts/tools.ts";
import { BOB, token } from "../unit/client-kit.ts";
import { ModelServer, roomId } from "../unit/store-model.ts";
import { findChromium } from "./chromium.ts";
import { eventually } from "./stage.ts";

const A = roomId(0);
/** Sources are sent without their types: no build is needed. */
const IMPORTS = {
  "@rocket-chat-api/client": "/packages/client/src/index.ts",
  "@rocket-chat-api/client/store-indexeddb": "/packages/client/src/store-indexeddb.ts",
  "@rocket-chat-api/client/tabs": "/packages/client/src/tabs.ts",
  "@rocket-chat-api/protocol/facts": "/packages/protocol/src/facts.ts",
  idb: "/node_modules/idb/build/index.js",
};
const APP = `import { ChatClient } from "@rocket-chat-api/client";
import { indexedDbStore } from "@rocket-chat-api/client/store-indexeddb";
import { sharedSocket } from "@rocket-chat-api/client/tabs";
const token = ${JSON.stringify(token(36_000))};
const client = new ChatClient({
  ...{ url: location.origin, token: () => token, store: indexedDbStore({ write_ms: 50 }), openSocket: sharedSocket() },
  backoff: { base_ms: 100, cap_ms: 500 },
});
const texts = () => client.conversations.get("${A}")?.messages.map(({ content }) => content) ?? [];
await client.load();
window.chat = { client, texts, atFirst: texts() };
client.start();`;
const PAGE = `<!doctype html><html lang="en"><title>Tabs</title><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script><script type="module">${APP}</script>`;

interface Chat {
  client: {
    status: string;
    send(id: string, draft: object): Promise<object>;
    outbox: { pending(id: string): object[] };
  };
  texts(): string[];
  atFirst: string[];
}

const model = new ModelServer();
const server = createServer((request, response) => void answer(request, response));
const sockets = new WebSocketServer({ server });
let origin = "";
let context: BrowserContext;

async function answer({ url = "", method = "" }: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(url, "http://site");
  if (pathname.startsWith("/api/")) {
    if (model.isDown) {
      response.destroy();
      return;
    }
    const made = await model.fetch(`http://site${url}`);
    response.writeHead(made.status, { "content-type": "application/json" }).end(await made.text());
    return;
  }
  const file = join(ROOT, pathname);
  const isSource = method === "GET" && /\.(ts|js)$/.test(pathname) && existsSync(file);
  const text = isSource ? readFileSync(file, "utf8") : PAGE;
  const type = isSource ? "text/javascript" : "text/html";
  response.setHeader("content-type", type).end(pathname.endsWith(".ts") ? stripTypeScriptTypes(text) : text);
}

/** A page with the app in it. */
async function open(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(origin);
  await page.waitForFunction(() => "chat" in window);
  return page;
}

const texts = (page: Page) => page.evaluate(() => (window as unknown as { chat: Chat }).chat.texts());
const isOpen = (page: Page) =>
  page.evaluate(() => (window as unknown as { chat: Chat }).chat.client.status === "open");
const send = (page: Page, content: string) =>
  page.evaluate(
    ([id, text]) => void (window as unknown as { chat: Chat }).chat.client.send(id, { content: text }),
    [A, content] as const,
  );

before(async () => {
  model.create(0);
  model.say(A, BOB, { content: "hello" });
  sockets.on("connection", (socket, { url = "" }) => {
    const inner = model.open(url, {
      opened: () => undefined,
      heard: (frame) => socket.send(frame),
      closed: () => socket.terminate(),
    });
    socket.on("message", (frame) => inner.send(String(frame)));
    socket.on("close", () => inner.close());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ["--no-sandbox", "--disable-gpu"],
  });
  context = await browser.newContext();
});

after(async () => {
  await context.browser()?.close();
  for (const socket of sockets.clients) socket.terminate();
  server.closeAllConnections();
  server.close();
});

test("[TABS-30] two tabs have one socket, and when the one that has it crashes or is closed the other goes on", async () => {
  const first = await open();
  await eventually(() => isOpen(first));
  const second = await open();
  await eventually(() => isOpen(second));
  assert.deepEqual([model.connections, model.opened], [1, 1]);
  await send(first, "of the first");
  await send(second, "of the second");
  for (const page of [first, second]) await eventually(async () => (await texts(page)).length === 3);

  // Killed: nothing of the page runs any more.
  const session = await context.newCDPSession(first);
  session.send("Page.crash").catch(() => undefined);
  await first.waitForEvent("crash");
  model.say(A, BOB, { content: "after the crash" });
  await send(second, "while nobody leads");
  await eventually(async () => (await texts(second)).length === 5 && model.connections === 1);
  assert.equal(model.opened, 2);

  const third = await open();
  await eventually(() => isOpen(third));
  await second.close();
  model.say(A, BOB, { content: "after the close" });
  await eventually(async () => (await texts(third)).at(-1) === "after the close" && model.connections === 1);
  assert.deepEqual(model.sends, ["of the first", "of the second", "while nobody leads"]);
  await third.close();
  await first.close();
});

test("[STORE-40] a page that is reloaded without the service shows what there was, and sends once what was written", async () => {
  const page = await open();
  await eventually(() => isOpen(page));
  const before = await eventually(async () => (await texts(page)).length === 6 && (await texts(page)));
  model.isDown = true;
  model.cut();
  for (const text of ["one", "two"]) await send(page, text);
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
  await page.close();
  const next = await open();
  const atFirst = await next.evaluate(() => (window as unknown as { chat: Chat }).chat.atFirst);
  assert.deepEqual(atFirst, before);
  model.isDown = false;
  await eventually(async () => (await texts(next)).slice(-2).join() === "one,two");
  assert.deepEqual(model.sends.slice(-2), ["one", "two"]);
  await next.close();
});
