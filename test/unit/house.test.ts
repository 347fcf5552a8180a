import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

/** Lines of a file, and of a class of a Durable Object. */
const MAX_FILE_LINES = 250;
const MAX_CLASS_LINES = 200;

const ROOT = resolve(import.meta.dirname, "../..");
const BASES = ["src", "packages/protocol/src", "packages/client/src", "packages/react/src"];
const PROTOCOL = "@rocket-chat-api/protocol";
const FACTS = `${PROTOCOL}/facts`;

interface SourceFile {
  path: string;
  text: string;
}

function sourceFiles(): SourceFile[] {
  return BASES.flatMap((base) =>
    readdirSync(join(ROOT, base), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => ({ path: join(base, name), text: readFileSync(join(ROOT, base, name), "utf8") })),
  );
}

const FILES = sourceFiles();

function lines(text: string): number {
  return text.trimEnd().split("\n").length;
}

/** Names that src/index.ts exports from files: the classes of the Durable Objects, and the entrypoints. */
function exportedClasses(index: string): { name: string; path: string }[] {
  return [...index.matchAll(/^export \{ (\w+) \} from "\.\/(.+)";$/gm)].map(([, name = "", path = ""]) => ({
    name,
    path: join("src", path),
  }));
}

/** Lines of a class at the top level of a file, from its declaration to its closing brace; 0 if it is not there. */
function classLines(text: string, name: string): number {
  const [declaration] = new RegExp(`^export class ${name} [^]*?^\\}`, "m").exec(text) ?? [""];
  return declaration === "" ? 0 : lines(declaration);
}

interface Import {
  specifier: string;
  isType: boolean;
}

/** All imports and re-exports of a file: static, for effect, dynamic, and in types. */
function importsOf(text: string): Import[] {
  const code = text.replaceAll(/^\s*(\/\*\*?|\*|\/\/).*$/gm, "");
  const found = [
    ...code.matchAll(/^(?:import|export)\s(type\s)?[^"';]*?from\s+"([^"]+)"/gm),
    ...code.matchAll(/^import\s(type\s)?\s*"([^"]+)"/gm),
    ...code.matchAll(/\bimport(\s)?\(\s*"([^"]+)"/g),
  ];
  return found.map(([, type, specifier = ""]) => ({
    specifier,
    isType: type?.trim() === "type",
  }));
}

/** Rooms below a conversation and a hub. */
const GROUND = ["log", "tracing", "metrics", "settings", "env", "domain", "auth", "directory", "realtime"];
/** The rooms of a conversation that its operations are in. */
const FEATURES = ["state", "parts", "messages", "members", "receipts", "typing", "moderation"].map(
  inConversation,
);

/**
 * The rooms that each room may import, besides itself, the protocol and libraries. Types count like values. Inside of
 * src/conversation each folder and each file is a room.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  metrics: ["domain"],
  tracing: ["domain"],
  log: ["metrics", "tracing", "domain"],
  settings: [],
  modules: [],
  "zod-without-locales": [],
  env: ["settings", "metrics"],
  domain: [],
  auth: ["log", "settings", "env", "domain"],
  directory: ["log", "metrics", "domain"],
  push: ["log", "metrics", "settings", "env", "domain"],
  realtime: ["log", "tracing", "metrics", "settings", "env", "domain", "auth"],
  attachments: ["log", "metrics", "settings", "env", "domain", "directory", "realtime"],
  "user-hub": [...GROUND, "push"],
  "conversation/state": GROUND,
  "conversation/parts": [...GROUND, ...["state", "messages"].map(inConversation)],
  "conversation/messages": [...GROUND, ...["state", "parts", "receipts"].map(inConversation)],
  "conversation/members": [...GROUND, ...["state", "messages", "receipts"].map(inConversation)],
  "conversation/receipts": [...GROUND, ...["state", "messages"].map(inConversation)],
  "conversation/typing": [...GROUND, "conversation/state"],
  "conversation/moderation": [...GROUND, ...["state", "messages", "members"].map(inConversation)],
  "conversation/erasure": [...GROUND, ...["state", "parts", "messages", "members"].map(inConversation)],
  "conversation/export": [...GROUND, "conversation/state"],
  "conversation/operations": [...GROUND, ...FEATURES],
  "conversation/group-commit": GROUND,
  "conversation/incoming-frame": [...GROUND, "conversation/group-commit"],
  "conversation/queries": [...GROUND, ...FEATURES],
  "conversation/delivery": [...GROUND, ...FEATURES],
  "conversation/consumers": [...GROUND, ...FEATURES],
  "conversation/push": [...GROUND, ...FEATURES, "conversation/consumers"],
  // The engine knows no feature.
  "conversation/engine": [...GROUND, ...["state", "delivery", "group-commit"].map(inConversation)],
  "conversation/commands": [...GROUND, ...FEATURES, ...["operations", "engine"].map(inConversation)],
  "conversation/server": [
    ...[...GROUND, ...FEATURES],
    ...["delivery", "engine", "erasure", "export"].map(inConversation),
  ],
  "conversation/recovery": [
    ...[...GROUND, ...FEATURES],
    ...["delivery", "consumers", "engine", "erasure"].map(inConversation),
  ],
  "conversation/assembly": [
    ...[...GROUND, ...FEATURES],
    ...["operations", "group-commit", "delivery", "consumers", "push", "engine", "commands", "server"].map(
      inConversation,
    ),
    "conversation/recovery",
  ],
  "conversation/retain": [...GROUND, ...FEATURES, "conversation/engine"],
  "conversation/alarm": [...GROUND, ...FEATURES, ...["assembly", "retain"].map(inConversation)],
  "conversation/socket-handler": [
    ...GROUND,
    ...["state", "members", "incoming-frame", "delivery", "assembly"].map(inConversation),
  ],
  "conversation/conversation": [
    ...[...GROUND, ...FEATURES],
    ...["delivery", "commands", "queries", "assembly", "alarm", "server", "socket-handler"].map(
      inConversation,
    ),
  ],
  health: ["log", "env", "domain", "auth", "realtime"],
  "job-walk": ["log", "env", "domain", "auth", "directory", "realtime"],
  purge: ["env", "domain", "directory", "realtime", "job-walk"],
  rebuild: ["log", "env", "realtime"],
  recovery: ["env", "domain", "directory", "realtime"],
  people: ["settings", "env", "domain", "directory", "attachments", "realtime", "job-walk"],
  retention: ["settings", "env", "domain", "directory", "realtime", "job-walk"],
  jobs: [
    "log",
    "env",
    "domain",
    "directory",
    "attachments",
    "realtime",
    "purge",
    "people",
    "recovery",
    "retention",
  ],
  moderation: ["log", "env", "domain", "directory", "realtime"],
  profiles: ["log", "env", "domain", "directory", "realtime"],
  "device-tokens": ["log", "env", "directory", "realtime"],
  "api-reference": [],
  middleware: [
    "log",
    "tracing",
    "metrics",
    "settings",
    "env",
    "domain",
    "auth",
    "directory",
    "realtime",
    "profiles",
  ],
  routes: [
    ...GROUND,
    "push",
    "device-tokens",
    "attachments",
    "health",
    "jobs",
    "moderation",
    "people",
    "profiles",
    "purge",
    "rebuild",
    "recovery",
    "api-reference",
    "middleware",
  ],
  // The Worker of `npm run dev`: nothing that is deployed imports it.
  development: ["env", "index", "log"],
  app: ["middleware", "routes"],
  index: [
    "log",
    "tracing",
    "metrics",
    "domain",
    "realtime",
    "device-tokens",
    "env",
    "directory",
    "attachments",
    "conversation/conversation",
    "user-hub",
    "jobs",
    "moderation",
    "profiles",
    "retention",
    "app",
  ],
  "packages/protocol": [],
  "packages/client": [],
  "packages/react": [],
};

function inConversation(room: string): string {
  return `conversation/${room}`;
}

/** The room of a file: a folder of src, or a file in it; in src/conversation also its folders and files. */
function roomOf(path: string): string {
  const [base, folder = "", ...rest] = path.replace(/(?:\.d)?\.ts$/, "").split("/");
  if (base === "packages") return `packages/${folder}`;
  return folder === "conversation" ? `conversation/${rest[0]}` : folder;
}

/** React itself and the entries of the client: no renderer, since there are two, and no protocol. */
const REACT_MAY_IMPORT = /^(?:react|@rocket-chat-api\/client(?:\/\w+)?)$/;

/** Why a file may not import something, or undefined. */
function refuseImport(path: string, { specifier, isType }: Import): string | undefined {
  const room = roomOf(path);
  const message = `${path} imports ${specifier}`;
  if (specifier.startsWith(".")) {
    const target = relative(ROOT, resolve(ROOT, dirname(path), specifier));
    // package.json, and the migrations that drizzle-kit writes beside a schema.
    if (!target.endsWith(".ts")) return undefined;
    const to = roomOf(target);
    return to === room || ALLOWED[room]?.includes(to) ? undefined : message;
  }
  if (room === "packages/protocol") return specifier === "zod" ? undefined : message;
  if (room === "packages/client") {
    // Built into the one entry that needs it.
    if (path === "packages/client/src/store/indexeddb.ts" && specifier === "idb") return undefined;
    return specifier === FACTS || (specifier === PROTOCOL && isType) ? undefined : message;
  }
  if (room === "packages/react") return REACT_MAY_IMPORT.test(specifier) ? undefined : message;
  return undefined;
}

/** The names that a file exports, in declarations and in lists. */
function exportedNames(text: string): string[] {
  const declared = text.matchAll(
    /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm,
  );
  const listed = text.matchAll(/^export (?:type )?\{([^}]*)\}/gm);
  return [
    ...[...declared].map(([, name = ""]) => name),
    ...[...listed].flatMap(([, names = ""]) =>
      names.split(",").map((name) => name.trim().split(" ").at(-1) ?? ""),
    ),
  ].filter((name) => name !== "");
}

/** File names that were replaced by the words of the field. */
const OLD_FILES = [
  ...["reception", "desk", "veil", "parcel", "told", "lazily", "receipt-pump", "inbox", "gathering"],
  ...["annotations", "sync-gate", "flow", "projector", "sockets-kit"],
];
/** Exported names that were replaced: whole names, and words in them. */
const OLD_NAMES = [
  ...[
    "Reception",
    "AttachmentDesk",
    "Desk",
    "lazily",
    "ReceiptPump",
    "Inbox",
    "Annotations",
    "SyncGate",
    "Projector",
  ],
  ...["bury", "hand", "Handed", "begin", "Beginning", "follow", "bring", "forget", "carryOut", "perform"],
  ...["afterSign", "hear", "isRipe", "rides", "sleepers", "asleep", "told", "tellOf", "veilQuote"],
];
const OLD_WORDS =
  /^(?:tell|told|hear|veil|veiled|bury|buried|handed|desk|parcel|pump|gathering|asleep|sleepers?)$/i;

/** The words of a name: `tellLost` is tell and lost. */
function wordsOf(name: string): string[] {
  return name.split(/(?<=[a-z0-9])(?=[A-Z])|_/);
}

function isOldName(name: string): boolean {
  return OLD_NAMES.includes(name) || wordsOf(name).some((word) => OLD_WORDS.test(word));
}

describe("the house", () => {
  it("[HOUSE-1] no file has more than 250 lines", () => {
    const long = FILES.filter(({ text }) => lines(text) > MAX_FILE_LINES);
    expect(long.map(({ path, text }) => `${path}: ${lines(text)}`)).toEqual([]);
  });

  it("[HOUSE-1] no file of the chat page, the server library and the scripts has more than 250 lines", () => {
    const names = ["apps/web/src", "packages/server/src", "packages/build", "scripts"].flatMap((base) =>
      readdirSync(join(ROOT, base), { recursive: true, encoding: "utf8" })
        .filter((name) => /\.(?:tsx?|css)$/.test(name) && !name.includes("node_modules"))
        .map((name) => join(base, name)),
    );
    expect(names.length).toBeGreaterThan(100);
    const long = names.filter((name) => lines(readFileSync(join(ROOT, name), "utf8")) > MAX_FILE_LINES);
    expect(long).toEqual([]);
  });

  it("[HOUSE-1] no class of an object has more than 200 lines", () => {
    const index = FILES.find(({ path }) => path === "src/index.ts")?.text ?? "";
    const classes = exportedClasses(index).map(({ name, path }) => {
      const text = FILES.find((file) => file.path === path)?.text ?? "";
      return { name, length: classLines(text, name) };
    });
    expect(classes.map(({ name }) => name)).toEqual(expect.arrayContaining(["Conversation", "UserHub"]));
    expect(classes.filter(({ length }) => length === 0)).toEqual([]);
    expect(classes.filter(({ length }) => length > MAX_CLASS_LINES)).toEqual([]);
  });

  it("[HOUSE-2] every file is in a room of the table", () => {
    expect(FILES.filter(({ path }) => ALLOWED[roomOf(path)] === undefined)).toEqual([]);
    const rooms = new Set(FILES.map(({ path }) => roomOf(path)));
    expect(Object.keys(ALLOWED).filter((room) => !rooms.has(room))).toEqual([]);
  });

  it("[HOUSE-2] rooms import downwards only", () => {
    const refused = FILES.flatMap(({ path, text }) =>
      importsOf(text).flatMap((one) => refuseImport(path, one) ?? []),
    );
    expect(refused).toEqual([]);
  });

  it.each([
    ["a value from above", "src/domain/x.ts", `import { a } from "../directory/users.ts";`],
    ["a type from above", "src/domain/x.ts", `import type { A } from "../directory/users.ts";`],
    [
      "a type inside of a list",
      "src/auth/x.ts",
      `import {\n  type A,\n  b,\n} from "../directory/users.ts";`,
    ],
    ["a re-export", "src/domain/x.ts", `export { a } from "../routes/users.ts";`],
    ["a re-export of all", "src/domain/x.ts", `export * from "../routes/users.ts";`],
    ["an import for effect", "src/domain/x.ts", `import "../routes/users.ts";`],
    ["a dynamic import", "src/domain/x.ts", `const a = await import("../routes/users.ts");`],
    ["a type of an import", "src/domain/x.ts", `type A = import("../routes/users.ts").A;`],
    [
      "a file above within a conversation",
      "src/conversation/state/x.ts",
      `import { a } from "../engine.ts";`,
    ],
    [
      "a folder above within it",
      "src/conversation/state/x.ts",
      `import type { A } from "../messages/send.ts";`,
    ],
    [
      "the conversation from a room below",
      "src/realtime/x.ts",
      `import { a } from "../conversation/parts.ts";`,
    ],
    ["a library in the protocol", "packages/protocol/src/x.ts", `import { jwtVerify } from "jose";`],
    ["a subpath in the protocol", "packages/protocol/src/x.ts", `import { a } from "zod/mini";`],
    ["a value of the protocol in the client", "packages/client/src/x.ts", `import { a } from "${PROTOCOL}";`],
    ["a dependency in the client's main entry", "packages/client/src/x.ts", `import { openDB } from "idb";`],
    ["zod in the client", "packages/client/src/x.ts", `import { z } from "zod";`],
    ["a renderer in the hooks", "packages/react/src/x.ts", `import { a } from "react-dom";`],
    ["source of the client in the hooks", "packages/react/src/x.ts", `import "../../client/src/live.ts";`],
    ["source of the server in the client", "packages/client/src/x.ts", `import "../../../src/log.ts";`],
  ])("[HOUSE-2] %s is noticed", (_, path, text) => {
    const [found] = importsOf(text);
    expect(found && refuseImport(path, found)).toContain("imports");
  });

  it.each([
    ["a room below", "src/auth/x.ts", `import { a } from "../domain/time.ts";`],
    ["the protocol", "src/domain/x.ts", `import { a } from "${PROTOCOL}";`],
    [
      "a type of the protocol in the client",
      "packages/client/src/x.ts",
      `import type { A } from "${PROTOCOL}";`,
    ],
    ["facts in the client", "packages/client/src/x.ts", `import { a } from "${FACTS}";`],
    ["the same room", "src/conversation/state/x.ts", `import { a } from "./store.ts";`],
  ])("[HOUSE-2] %s may be imported", (_, path, text) => {
    const [found] = importsOf(text);
    expect(found).toBeDefined();
    expect(found && refuseImport(path, found)).toBeUndefined();
  });

  it("[HOUSE-3] the names of files are the field's words", () => {
    const names = FILES.map(({ path }) => path).filter((path) =>
      OLD_FILES.includes(path.split("/").at(-1)?.replace(/\.ts$/, "") ?? ""),
    );
    expect(names).toEqual([]);
    expect(FILES.filter(({ path }) => /\/(?:objects|veil|desk)\//.test(path))).toEqual([]);
  });

  it("[HOUSE-3] exported names are the field's words", () => {
    const names = FILES.flatMap(({ path, text }) =>
      exportedNames(text)
        .filter(isOldName)
        .map((name) => `${path}: ${name}`),
    );
    expect(names).toEqual([]);
  });

  it.each([
    ["export class SyncGate {", ["SyncGate"]],
    ["export const asleep = 1;", ["asleep"]],
    ["export async function tellLost() {", ["tellLost"]],
    ["export interface Handed {", ["Handed"]],
    ["export type ParcelSize = number;", ["ParcelSize"]],
    [`export { a as lazily, b } from "./c.ts";`, ["lazily"]],
    ["export function heartbeat() {", []],
    ["export const handshake = 1;", []],
  ])("[HOUSE-3] of `%s` these are old: %j", (text, old) => {
    expect(exportedNames(text).filter(isOldName)).toEqual(old);
  });

  it("[TIMER-4] only what happens seldom, or waits for long, clears a timer: each costs memory", () => {
    const clearing = FILES.filter(
      ({ path, text }) => path.startsWith("src/") && /\bclearTimeout\(/.test(text),
    );
    expect(clearing.map(({ path }) => path).sort()).toEqual([
      // A wait of a minute, when the directory is rebuilt.
      "src/conversation/consumers/change-feed.ts",
      // Deadlines of requests to push services.
      "src/push/fcm-token.ts",
      "src/push/request.ts",
      // A check of health, or one call of a job.
      "src/realtime/within.ts",
    ]);
  });

  it("[HOUSE-6] no test puts a method into a prototype by assignment: what it puts back there hides every later spy", () => {
    const names = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" }).filter(
      (name) => name.endsWith(".ts") && !name.includes("node_modules"),
    );
    expect(names.length).toBeGreaterThan(300);
    const assigning = /\bprototype(?:\.\w+|\[[^\]]+\])\s*=[^=]/;
    expect(names.filter((name) => assigning.test(readFileSync(join(ROOT, "test", name), "utf8")))).toEqual(
      [],
    );
  });
});
