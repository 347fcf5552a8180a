/** The packages as their users get them: built, packed, installed outside of the repository, run and compiled. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "rocket-chat-packages-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SCOPE = join(folder, "app/node_modules/@rocket-chat-api");
/** The most that each entry of the client may weigh, compressed, in bytes. */
const MAX_GZIP_BYTES = {
  index: 14_000,
  list: 2_000,
  live: 2_000,
  outgoing: 3_500,
  upload: 2_500,
  push: 4_000,
  "push-worker": 2_500,
  safety: 4_000,
  store: 5_500,
  "store-indexeddb": 7_000,
  "store-sqlite": 5_800,
  tabs: 4_000,
  "service-worker": 2_500,
};

/** The packages that are published. */
const PUBLISHED = ["client", "protocol", "react", "server"];
/** The file that each is packed into. */
const tarballs = new Map<string, string>();

/** Unpacks a package where an app has it. */
function install(name: string): void {
  const built = join(folder, name);
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: built, encoding: "utf8" }),
  ) as [{ filename: string }];
  tarballs.set(name, join(folder, filename));
  mkdirSync(join(SCOPE, name), { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, filename), "--strip-components=1", "-C", join(SCOPE, name)]);
}

beforeAll(() => {
  // A relative folder, as in docs/releasing.md.
  const args = [at("../../packages/build/build.ts"), "--out", relative(process.cwd(), folder)];
  execFileSync(process.execPath, args, { stdio: "pipe" });
  for (const name of PUBLISHED) install(name);
}, 300_000);

/** Every Node.js of this machine, one of each version, with the one that runs this. */
function nodes(): [string, string][] {
  const places = (process.env.PATH ?? "").split(delimiter).filter((one) => !one.includes("node_modules"));
  const files = [
    process.execPath,
    ...places.map((one) => join(one, "node")).filter((one) => existsSync(one)),
  ];
  const versions = files.map((file) => {
    return [execFileSync(file, ["--version"], { encoding: "utf8" }).trim(), file] as const;
  });
  return [...new Map(versions)];
}

/** Runs a module in the app's folder. */
function run(node: string, source: string) {
  const file = join(folder, "app/main.mjs");
  writeFileSync(file, source);
  const { status, stdout, stderr } = spawnSync(node, [file], { encoding: "utf8", timeout: 20_000 });
  return { status, stderr, lines: stdout.trim().split("\n") };
}

const text = (file: string) => readFileSync(join(SCOPE, file), "utf8");

describe.each(PUBLISHED)("the tarball of %s", (name) => {
  it("[PKG-10] has a manifest in which publint finds nothing, a README, a changelog and the license", async () => {
    const { messages } = await publint({ pkgDir: join(SCOPE, name), strict: true, pack: "npm" });
    expect(messages).toEqual([]);
    expect(text(`${name}/LICENSE`)).toContain("Apache License");
    expect(text(`${name}/CHANGELOG.md`)).toContain(`# @rocket-chat-api/${name}`);
    expect(text(`${name}/README.md`)).toContain(`@rocket-chat-api/${name}`);
    expect(JSON.parse(text(`${name}/package.json`))).toMatchObject({ license: "Apache-2.0", type: "module" });
  });

  it("[PKG-11] has types that every way to resolve a module finds right", async () => {
    const tarball = new Uint8Array(readFileSync(tarballs.get(name) ?? ""));
    const { problems = [] } = {
      problems: undefined,
      ...(await checkPackage(createPackageFromTarballData(tarball))),
    };
    const unexpected = problems.filter((problem) => {
      // The packages are modules alone, as the README says; and a script to copy has no types.
      const isScript = "entrypoint" in problem && problem.entrypoint === "./service-worker.js";
      return problem.kind !== "CJSResolvesToESM" && !isScript;
    });
    expect(unexpected).toEqual([]);
  });
});

describe("the built library for backends", () => {
  it("[PKG-7 R28] depends on nothing, and has a manifest for users", () => {
    expect(text("server/index.js")).not.toMatch(/zod|\bimport\b|\brequire\(/i);
    expect(text("server/index.d.ts")).not.toMatch(/zod|^import\b|[:<] ?any\b/m);
    expect(JSON.parse(text("server/package.json"))).not.toHaveProperty("dependencies");
  });

  it.each(nodes())("[PKG-8 R28] in Node.js %s: makes tokens, and says that nothing answers", (_, node) => {
    const { status, stderr, lines } = run(
      node,
      `const { ChatServer, ConnectionLost, isRetryable, serverToken } = await import("@rocket-chat-api/server");
      const token = await serverToken({ secret: "x".repeat(32), scopes: ["users"] });
      console.log(JSON.parse(atob(token.split(".")[1])).scope);
      const chat = new ChatServer({ url: "http://127.0.0.1:1", key: "rck_x" });
      await chat.as("ext:1").listMessages({ conversation_id: "x" }).catch((error) => {
        console.log(error instanceof ConnectionLost, isRetryable(error));
      });`,
    );
    expect([status, stderr, lines]).toEqual([0, "", ["users", "true true"]]);
  });
});

describe("the built client", () => {
  it.each(Object.entries(MAX_GZIP_BYTES))(
    "[PKG-1] in its entry %s depends on nothing, holds no schema and no /v pattern, and has at most %i bytes",
    (entry, max) => {
      const code = text(`client/${entry}.js`);
      expect(gzipSync(code).length).toBeLessThan(max);
      expect(code).not.toMatch(/zod|\bimport\b|\brequire\(/i);
      expect(code).not.toMatch(/\/[a-z]*v[a-z]*[.,;)]|,\s*[`'"][a-z]*v[a-z]*[`'"]\)/);
      // A script to copy has no types.
      const types = entry === "service-worker" ? "" : text(`client/${entry}.d.ts`);
      expect(types).not.toMatch(/zod|^import\b|[:<] ?any\b/m);
    },
  );

  it("[PKG-1] has no side effects but those of the worker to copy, and a manifest for users", () => {
    const manifest = JSON.parse(text("client/package.json"));
    expect(manifest).toMatchObject({ type: "module", sideEffects: ["./service-worker.js"] });
    for (const field of ["dependencies", "peerDependencies", "devDependencies", "private", "scripts"])
      expect(manifest).not.toHaveProperty(field);
    expect(existsSync(join(SCOPE, "client/README.md"))).toBe(true);
  });

  it.each(nodes())("[PKG-2] in Node.js %s, without a WebSocket: a client says what is missing", (_, node) => {
    const { status, stderr, lines } = run(
      node,
      `delete globalThis.WebSocket;
      const before = Object.keys(globalThis).join();
      const { ChatClient, CLOSE, openWith } = await import("@rocket-chat-api/client");
      console.log(Object.keys(globalThis).join() === before, CLOSE.REMOVED, typeof openWith);
      const token = "a." + btoa(JSON.stringify({ sub: "ann" })) + ".c";
      const client = new ChatClient({ url: "http://127.0.0.1:1", token: () => token, auth: "token" });
      console.log(client.status, client.conversations.ids().length);
      client.on("error", ({ code, message, retryable }) => console.log(code, retryable, message));
      client.start();`,
    );
    expect([status, stderr]).toEqual([0, ""]);
    expect(lines).toEqual([
      "true 4011 function",
      "idle 0",
      expect.stringMatching(/^CLIENT_FAULT false .*There is no WebSocket here: pass `openSocket`/),
    ]);
  });

  it("[PKG-3] its socket is the one that is passed", () => {
    const { status, stderr, lines } = run(
      process.execPath,
      `delete globalThis.WebSocket;
      const { ChatClient, openWith } = await import("@rocket-chat-api/client");
      class Socket { constructor(url) { console.log(url); client.stop(); } addEventListener() {} send() {} close() {} }
      const token = "a." + btoa(JSON.stringify({ sub: "ann" })) + ".c";
      const client = new ChatClient({ url: "http://chat.test", token: () => token, auth: "token", openSocket: openWith(Socket) });
      client.start();
      setTimeout(() => process.exit(), 100);`,
    );
    expect([status, stderr]).toEqual([0, ""]);
    expect(lines).toEqual([expect.stringMatching(/^ws:\/\/chat\.test\/ws\?batch=1&lean=1&token=a\./)]);
  });
});

describe("the conformance corpus", () => {
  it("[PKG-13] comes with the client, with a README that says how to use it", () => {
    const corpus = JSON.parse(text("client/conformance/reactions.json"));
    expect(corpus).toMatchObject({ name: "reactions", initial: { seq: 0 }, final: { seq: 7 } });
    expect(text("client/conformance/README.md")).toContain("The conformance corpus");
  });
});

describe("the built push", () => {
  it("[PKG-6] belongs to the client of the main entry, and neither does anything at import", () => {
    const { status, stderr, lines } = run(
      process.execPath,
      `const before = Object.keys(globalThis).join();
      const { ConnectionLost, ChatClient } = await import("@rocket-chat-api/client");
      const { Push, watchForeground } = await import("@rocket-chat-api/client/push");
      const { listenForPush } = await import("@rocket-chat-api/client/push-worker");
      console.log(Object.keys(globalThis).join() === before);
      const token = "a." + btoa(JSON.stringify({ sub: "ann" })) + ".c";
      const client = new ChatClient({ url: "http://127.0.0.1:1", token: () => token, device_id: "d" });
      const push = new Push(client);
      console.log(typeof watchForeground(push));
      await push.register({ platform: "ios", provider: "apns", token: "t" }).catch((error) => console.log(error instanceof ConnectionLost));
      const heard = [];
      listenForPush({ addEventListener: (type) => heard.push(type) });
      console.log(heard.join());`,
    );
    expect([status, stderr]).toEqual([0, ""]);
    expect(lines).toEqual(["true", "function", "true", "push,notificationclick,pushsubscriptionchange"]);
  });

  it("[PKG-7] the worker to copy is a plain script that listens, with the options of its address", () => {
    const { status, stderr, lines } = run(
      process.execPath,
      `import { runInNewContext } from "node:vm";
      import { readFileSync } from "node:fs";
      const handlers = {};
      const shown = [];
      const scope = {
        URL, setTimeout, addEventListener: (type, handler) => { handlers[type] = handler; },
        location: { href: "https://app.test/service-worker.js?title=Hallo" },
        navigator: { userAgent: "" },
        registration: { showNotification: async (title) => { shown.push(title); } },
      };
      runInNewContext(readFileSync("${join(SCOPE, "client/service-worker.js")}", "utf8"), scope);
      console.log(Object.keys(handlers).sort().join());
      let work;
      handlers.push({ data: null, waitUntil: (one) => { work = one; } });
      await work;
      console.log(shown.join());`,
    );
    expect([status, stderr]).toEqual([0, ""]);
    expect(lines).toEqual(["install,notificationclick,push,pushsubscriptionchange", "Hallo"]);
  });
});

describe("the built safety", () => {
  it("[PKG-12 R29] belongs to the client of the main entry, and does nothing at import", () => {
    const { status, stderr, lines } = run(
      process.execPath,
      `const before = Object.keys(globalThis).join();
      const { ConnectionLost, ChatClient } = await import("@rocket-chat-api/client");
      const { Blocks } = await import("@rocket-chat-api/client/safety");
      console.log(Object.keys(globalThis).join() === before);
      const token = "a." + btoa(JSON.stringify({ sub: "ann" })) + ".c";
      const blocks = new Blocks(new ChatClient({ url: "http://127.0.0.1:1", token: () => token }));
      await blocks.block("bob").catch((error) => console.log(error instanceof ConnectionLost, blocks.isBlocked("bob")));`,
    );
    expect([status, stderr, lines]).toEqual([0, "", ["true", "true false"]]);
  });
});

describe("the built stores", () => {
  it("[PKG-20] belong to the client of the main entry, do nothing at import or when they are made, and keep their license", () => {
    const { status, stderr, lines } = run(
      process.execPath,
      `const before = Object.keys(globalThis).join();
      const { ChatClient } = await import("@rocket-chat-api/client");
      const { memoryBackend, offlineStore, webStorage } = await import("@rocket-chat-api/client/store");
      const { indexedDbStore } = await import("@rocket-chat-api/client/store-indexeddb");
      const { sqliteStore } = await import("@rocket-chat-api/client/store-sqlite");
      console.log(Object.keys(globalThis).join() === before, typeof webStorage);
      const token = "a." + btoa(JSON.stringify({ sub: "ann" })) + ".c";
      const make = (store) => new ChatClient({ url: "http://127.0.0.1:1", token: () => token, store });
      make(indexedDbStore());
      make(sqliteStore({ exec() { throw new Error("was used"); }, run() {}, all: () => [] }));
      const backend = memoryBackend();
      const client = make(offlineStore(backend));
      await client.load();
      console.log(client.store.isLoaded, JSON.stringify(await backend.load("meta")));
      const nowhere = make(indexedDbStore());
      nowhere.on("error", ({ code, message }) => console.log(code, message));
      await nowhere.load();`,
    );
    expect([status, stderr]).toEqual([0, ""]);
    expect(lines).toEqual([
      "true function",
      `true {"version":1,"user":"ann"}`,
      expect.stringMatching(/^STORE_FAILED .*there is no IndexedDB here: take sqliteStore/),
    ]);
    expect(text("client/LICENSE-idb")).toContain("Copyright (c) 2016, Jake Archibald");
  });
});

describe("the built tabs", () => {
  it("[PKG-21] do nothing at import, share a socket by the locks and channels of Node.js, and open their own without", () => {
    const { status, stderr, lines } = run(
      process.execPath,
      `const before = Object.keys(globalThis).join();
      const { sharedSocket } = await import("@rocket-chat-api/client/tabs");
      console.log(Object.keys(globalThis).join() === before);
      const opened = [];
      const openSocket = (url, events) => {
        opened.push(url);
        const data = { user_id: "u", connection_id: "c", features: [] };
        setTimeout(() => events.heard(JSON.stringify({ type: "connection.established", data })));
        return { send() {}, close() {} };
      };
      const heard = (name) => new Promise((resolve) => {
        sharedSocket({ openSocket })("wss://chat.test/ws?ticket=" + name, { opened() {}, heard: resolve, closed() {} }, "u");
      });
      await heard("one");
      console.log((await heard("two")).includes("connection.established"), opened.length);
      delete globalThis.BroadcastChannel;
      await heard("three");
      console.log(opened.join());
      process.exit();`,
    );
    expect([status, stderr]).toEqual([0, ""]);
    expect(lines).toEqual([
      "true",
      "true 1",
      "wss://chat.test/ws?ticket=one,wss://chat.test/ws?ticket=three",
    ]);
  });
});

/** Where each React lies, as an app may have it. */
const REACTS = { "19": "../../node_modules", "18": "../react-18/node_modules" };

/** Gives the app this React, and a page. */
function installReact(modules: string): void {
  for (const name of ["react", "react-dom"]) {
    rmSync(join(folder, "app/node_modules", name), { force: true });
    symlinkSync(at(`${modules}/${name}`), join(folder, "app/node_modules", name));
  }
  for (const name of ["happy-dom", "@types"]) {
    const link = join(folder, "app/node_modules", name);
    if (!existsSync(link)) symlinkSync(at(`../../node_modules/${name}`), link);
  }
}

describe("the built hooks", () => {
  it("[REACT-16] bring neither React nor the client, which are the app's own", () => {
    const code = text("react/index.js");
    const imported = [...code.matchAll(/^import .* from "([^"]+)";$/gm)].map(([, name = ""]) => name);
    expect(imported.filter((name) => !/^(react|@rocket-chat-api\/client(\/\w+)?)$/.test(name))).toEqual([]);
    expect(imported).toContain("react");
    expect(code).not.toMatch(/\b(document|navigator|localStorage)\b\./);
    const { peerDependencies, dependencies } = JSON.parse(text("react/package.json"));
    expect(peerDependencies).toMatchObject({ react: ">=18" });
    expect(dependencies).toBeUndefined();
  });

  it.each(Object.entries(REACTS))(
    "[REACT-17] with React %s: on a server, then in a page",
    (version, modules) => {
      installReact(modules);
      const { status, stderr, lines } = run(
        process.execPath,
        `delete globalThis.WebSocket;
      globalThis.fetch = () => { throw new Error("nothing is to be asked"); };
      const before = Object.keys(globalThis).join();
      const { ChatClient, openWith } = await import("@rocket-chat-api/client");
      const { ChatProvider, useConnection, useConversations, useMessages } = await import("@rocket-chat-api/react");
      console.log(Object.keys(globalThis).join() === before);
      const React = (await import("react")).default;
      const { renderToString } = await import("react-dom/server");
      const id = "9f1c2ab4-77de-8a01-b3c4-000000000000";
      function Page() {
        const { items, total } = useConversations();
        const { messages } = useMessages(id);
        return [useConnection().status, total, ...items.map((one) => one.title), ...messages.map((one) => one.message.content)].join(" ");
      }
      let heard;
      class Socket { addEventListener(name, listener) { if (name === "message") heard = (event) => listener({ data: JSON.stringify(event) }); } send() {} close() {} }
      const token = "a." + btoa(JSON.stringify({ sub: "ann" })) + ".c";
      const sync = { conversations: [], removed_conversation_ids: [], next_token: "s", has_more: false, limited: false };
      const client = new ChatClient({ url: "http://chat.test", token: () => token, auth: "token", openSocket: openWith(Socket), fetch: async () => Response.json(sync) });
      const page = React.createElement(ChatProvider, { client }, React.createElement(Page));
      console.log(React.version.split(".")[0], renderToString(page), client.status);
      const { Window } = await import("happy-dom");
      const window = new Window();
      Object.assign(globalThis, { window, document: window.document });
      const { createRoot } = await import("react-dom/client");
      const host = document.createElement("div");
      createRoot(host).render(page);
      const until = async (isSo) => {
        for (let tries = 0; tries < 500 && !isSo(); tries++) await new Promise((resolve) => setTimeout(resolve, 10));
      };
      await until(() => heard);
      const user = { user_id: "ann", username: "ann", display_name: "Ann", profile_photo_url: null };
      const members = [{ ...user, role: "member", is_owner: false }];
      heard({ type: "connection.established", data: { user_id: "ann", connection_id: "c", features: [] } });
      const group = { conversation_id: id, type: "group", name: "Friends", photo_url: null, description: null, created_by: "ann" };
      const rest = { created_at: "2026-11-16T10:30:00.000Z", participant_count: 1, settings: {}, metadata: null, seq: 1, participants: members };
      heard({ type: "conversation.created", conversation_id: id, seq: 1, data: { ...group, ...rest } });
      const message = { message_id: id.slice(0, -1) + "2", conversation_id: id, seq: 2, changed_seq: 2, sender_id: "bob", sender: user };
      const parts = { reply_to: null, attachments: [], reactions: [], mentions: [], mentions_all: false, system: null, client_message_id: null };
      const said = { type: "text", content: "Hello", created_at: rest.created_at, is_deleted: false };
      heard({ type: "message.new", conversation_id: id, seq: 2, data: { ...message, ...parts, ...said } });
      await until(() => host.textContent.endsWith("Hello"));
      console.log(host.textContent);
      process.exit();`,
      );
      expect([status, stderr]).toEqual([0, ""]);
      expect(lines).toEqual(["true", `${version} idle 0 idle`, "open 1 Friends Hello"]);
    },
  );
});

describe("the built protocol", () => {
  it("[PKG-4] its facts need nothing, its schemas zod alone", () => {
    const facts = run(
      process.execPath,
      `const { ERRORS, statusOf, OPERATIONS } = await import("@rocket-chat-api/protocol/facts");
      console.log(ERRORS.NOT_FOUND.status, statusOf(2, 1, 2), OPERATIONS.sendMessage.socket);
      await import("@rocket-chat-api/protocol").catch((error) => console.log(error.code));`,
    );
    expect(facts.lines).toEqual(["404 delivered message.send", "ERR_MODULE_NOT_FOUND"]);
    symlinkSync(at("../../node_modules/zod"), join(folder, "app/node_modules/zod"));
    const { stderr, lines } = run(
      process.execPath,
      `const { ClientCommand } = await import("@rocket-chat-api/protocol");
      console.log(ClientCommand.safeParse({ type: "ping" }).success, ClientCommand.safeParse({ type: "pong" }).success);`,
    );
    expect([stderr, lines]).toEqual(["", ["true false"]]);
  });
});

describe("the declarations", () => {
  const PROGRAM = `import { ApiError, ChatClient, type Message, type ServerEvent } from "@rocket-chat-api/client";
import { linkPushWorker, Push, type PushPreferences, subscribeWebPush, watchForeground } from "@rocket-chat-api/client/push";
import { type Block, Blocks } from "@rocket-chat-api/client/safety";
import { memoryBackend, offlineStore, type StoreBackend } from "@rocket-chat-api/client/store";
import { indexedDbStore } from "@rocket-chat-api/client/store-indexeddb";
import { sqliteStore, type SqliteDatabase } from "@rocket-chat-api/client/store-sqlite";
import { sharedSocket } from "@rocket-chat-api/client/tabs";
import { isRetryableError } from "@rocket-chat-api/protocol/facts";
import { Message as MessageSchema } from "@rocket-chat-api/protocol";
const client = new ChatClient({ url: "https://chat.test", token: () => "token" });
const { rest } = client;
client.on("event", (event: ServerEvent) => {
  if (event.type === "message.new") console.log(event.data.content.length);
});
export async function main(conversation_id: string): Promise<Message> {
  const { messages } = await rest.listMessages({ conversation_id, limit: 10 });
  const message_id = messages[0]?.message_id ?? "";
  await rest.deleteMessage({ message_id, delete_for_everyone: true });
  const pins = await rest.listPins({ conversation_id });
  if (pins.next_cursor !== null) await rest.listPins({ conversation_id, cursor: pins.next_cursor });
  return await rest.sendMessage({ conversation_id, type: "text", content: "Hi" });
}
export async function notify(): Promise<PushPreferences> {
  const push = new Push(client);
  const registration = await navigator.serviceWorker.register("/service-worker.js");
  watchForeground(push, document);
  linkPushWorker(push, { registration, open: ({ conversation_id }) => console.log(conversation_id) });
  await subscribeWebPush(push, registration, { locale: "tr", preview: "sender" });
  return await push.updatePreferences({ level: "mentions", do_not_disturb: null });
}
export async function block(userId: string): Promise<Block> {
  const blocks = new Blocks(client);
  blocks.onChange((ids) => console.log(ids.has(userId), blocks.isKnown));
  const { blocks: all, next_cursor } = await blocks.list({ limit: 10 });
  console.log(all[0]?.user.display_name, next_cursor);
  return await blocks.block(userId);
}
export function offline(db: SqliteDatabase): ChatClient[] {
  const options = { url: "https://chat.test", token: () => "token", user_id: "ann", openSocket: sharedSocket() };
  const backend: StoreBackend = { ...memoryBackend(), drop: async (scope: string) => console.log(scope) };
  const stores = [indexedDbStore({ name: "chat", keep_messages: 20 }), sqliteStore(db), offlineStore(backend)];
  return stores.map((store) => new ChatClient({ ...options, store }));
}
export const leave = async () => await client.logOut();
export const parse = (value: unknown): Message => MessageSchema.parse(value);
export const wait = (error: ApiError) => isRetryableError(error.code);
`;
  /** Each is wrong: a field, an id that is missing, a value, a type that nobody may send, an operation. */
  const WRONG = `import { ChatClient } from "@rocket-chat-api/client";
const { rest } = new ChatClient({ url: "https://chat.test", token: () => "token" });
(await rest.getMessage({ message_id: "m" })).no_such;
await rest.deleteMessage({ delete_for_everyone: true });
await rest.listMessages({ conversation_id: "c", limit: true });
await rest.sendMessage({ conversation_id: "c", type: "system" });
await rest.listMessage({ conversation_id: "c" });
`;

  const WORKER = `import { listenForPush } from "@rocket-chat-api/client/push-worker";
declare const self: ServiceWorkerGlobalScope;
listenForPush(self, { icon: "/icon.png" });
export {};
`;
  const HOOKS = `import { ChatClient } from "@rocket-chat-api/client";
import { ChatProvider, type ShownMessage, useAttachmentUrl, useConversations, useMessages, useSend, useTyping, useUpload } from "@rocket-chat-api/react";
const client = new ChatClient({ url: "https://chat.test", token: () => "token" });
function Row({ shown }: { shown: ShownMessage }) {
  const url = useAttachmentUrl(shown.message.attachments[0]?.attachment_id);
  return <p>{shown.message.content} {shown.outgoing?.state} {url}</p>;
}
function Room({ id }: { id: string }) {
  const { messages, loadOlder, firstUnread } = useMessages(id);
  const { send, retry } = useSend(id);
  const { typing, onInput } = useTyping(id);
  const { uploads, upload } = useUpload(id);
  const pick = (file: File) => upload(file, { width: 10 });
  return (
    <div title={firstUnread ?? ""} onClick={() => void loadOlder()} onInput={onInput} onDrop={(event) => void pick(event.dataTransfer.files[0] as File)}>
      {messages.map((one) => <Row key={one.key} shown={one} />)}
      <button onClick={() => retry(send({ content: "Hi" }))}>{typing.length} {uploads.length}</button>
    </div>
  );
}
export function App() {
  const { items } = useConversations({ filter: (item) => item.unread_count > 0 });
  return <ChatProvider client={client}>{items.map((item) => <Room key={item.conversation_id} id={item.conversation_id} />)}</ChatProvider>;
}
`;
  const WRONG_HOOKS = `import { useMessages, useSend } from "@rocket-chat-api/react";
export function Wrong() {
  useSend("a").send({ text: "Hi" });
  return <p>{useMessages().messages.length}</p>;
}
`;

  /** Checks programs, all at once. @returns the lines of each file that the compiler refuses, and what else it says. */
  function compile(compiler: string, lib: string, sources: Record<string, string>): Record<string, number[]> {
    for (const [file, source] of Object.entries(sources)) writeFileSync(join(folder, "app", file), source);
    const compilerOptions = {
      target: "ES2022",
      lib: ["ES2022", lib],
      module: "ESNext",
      moduleResolution: "Bundler",
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      jsx: "react-jsx",
      types: [],
    };
    const config = { compilerOptions, files: Object.keys(sources) };
    writeFileSync(join(folder, "app/tsconfig.json"), JSON.stringify(config));
    const args = [at(`../../${compiler}/node_modules/typescript/lib/tsc.js`), "-p", join(folder, "app")];
    const said = spawnSync(process.execPath, args, { encoding: "utf8" }).stdout;
    const refused: Record<string, number[]> = {};
    for (const line of said.split("\n").filter((one) => one.includes("error TS"))) {
      const [, file = line, at = "0"] = /([\w.-]+)\((\d+),\d+\)/.exec(line) ?? [];
      refused[file] = [...new Set([...(refused[file] ?? []), Number(at)])];
    }
    return refused;
  }

  // The one that checks the repository, and the one before it, which apps still use. A start of a compiler takes seconds.
  describe.each([".", "packages/build"])("by the compiler of %s", (of) => {
    let inPages: Record<string, number[]> = {};
    beforeAll(() => {
      installReact(REACTS["19"]);
      inPages = compile(of, "DOM", {
        "program.ts": PROGRAM,
        "wrong.ts": WRONG,
        "hooks.tsx": HOOKS,
        "wrong-hooks.tsx": WRONG_HOOKS,
      });
    }, 60_000);

    it("[PKG-8] the push worker fits a service worker", () => {
      expect(compile(of, "WebWorker", { "worker.ts": WORKER })).toEqual({});
    });

    it("[PKG-5] a strict program of ES2022 is sound, and every mistake is found before it runs", () => {
      const {
        "program.ts": sound,
        "wrong.ts": wrong,
        "hooks.tsx": _,
        "wrong-hooks.tsx": __,
        ...others
      } = inPages;
      expect([sound, others]).toEqual([undefined, {}]);
      expect(wrong).toEqual([3, 4, 5, 6, 7]);
    });

    it("[REACT-18] a strict program with the hooks is sound, and its mistakes are found", () => {
      expect(inPages["hooks.tsx"]).toBe(undefined);
      expect(inPages["wrong-hooks.tsx"]).toEqual([3, 4]);
    });
  });
});
