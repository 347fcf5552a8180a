/** Puts a kept state where today's code finds it. */
import {
  abortAllDurableObjects,
  applyD1Migrations,
  evictDurableObject,
  listDurableObjectIds,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { type KeptFile, type KeptObject, type KeptState, statementsOf } from "../fixtures/format.ts";
import { conversationObject, hubObject } from "../worker/kit.ts";

const TEXTS = import.meta.glob("../fixtures/state-*/*", { query: "?raw", import: "default", eager: true });

/** No alarm rings by itself before everything is loaded. */
const LOADED_BY_MS = 60_000;

/** Versions whose state is kept. */
export const VERSIONS = Object.keys(TEXTS)
  .map((path) => /state-([^/]+)\/fixture\.json$/.exec(path)?.[1])
  .filter((version) => version !== undefined);

function textOf(version: string, file: string): string {
  const text = TEXTS[`../fixtures/state-${version}/${file}`];
  if (text === undefined) throw new Error(`the state of ${version} has no ${file}`);
  return text;
}

/** What is kept of a version. */
export function readState(version: string): KeptState {
  return JSON.parse(textOf(version, "fixture.json"));
}

/** The object that a kept one becomes. */
export function stubOf({ kind, name }: Pick<KeptObject, "kind" | "name">): DurableObjectStub {
  return kind === "conversation" ? conversationObject(name) : hubObject(name);
}

/** Loads everything, and brings the directory up to date. Objects do that when they wake. */
export async function load(version: string): Promise<KeptState> {
  const state = readState(version);
  await clearObjects();
  await clearDirectory();
  const statements = statementsOf(textOf(version, "directory.sql"));
  await env.DB.batch(statements.map((statement) => env.DB.prepare(statement)));
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  for (const file of state.files) await putFile(file);
  for (const object of state.objects) await putObject(version, object);
  // Alarms whose time has come ring now: not before everything that they call is there.
  const late = state.objects.filter(({ alarm }) => alarm !== null && alarm <= Date.now());
  for (const object of late) await runDurableObjectAlarm(stubOf(object));
  return state;
}

/** Empties every object: one of another version's state, or of a test before, would write into the directory of this one. */
async function clearObjects(): Promise<void> {
  for (const namespace of [env.CONVERSATION, env.USER_HUB] as DurableObjectNamespace[]) {
    for (const id of await listDurableObjectIds(namespace)) {
      await runInDurableObject(namespace.get(id), async (_, { storage }) => {
        await storage.deleteAlarm();
        await storage.deleteAll();
      });
    }
  }
  await abortAllDurableObjects();
}

/** Empties the directory, its tables included. */
export async function clearDirectory(): Promise<void> {
  const { results } = await env.DB.prepare(
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*'",
  ).all<{ name: string; sql: string }>();
  const virtual = results.filter(({ sql }) => /^CREATE VIRTUAL/i.test(sql)).map(({ name }) => name);
  // The tables behind an index go with it.
  const own = results.filter(({ name }) => !virtual.some((index) => name.startsWith(`${index}_`)));
  if (own.length > 0) await env.DB.batch(own.map(({ name }) => env.DB.prepare(`DROP TABLE "${name}"`)));
}

async function putFile({ key, base64, content_type, metadata }: KeptFile): Promise<void> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  await env.ATTACHMENTS.put(key, bytes, {
    httpMetadata: { contentType: content_type },
    customMetadata: metadata,
  });
}

/** Writes an object's storage, and lets the object go: the next call wakes it over the old tables. */
async function putObject(version: string, object: KeptObject): Promise<void> {
  const stub = stubOf(object);
  await runInDurableObject(stub, async (_, { storage }) => {
    await storage.deleteAll();
    for (const statement of statementsOf(textOf(version, `${object.file}.sql`))) storage.sql.exec(statement);
    for (const [key, value] of Object.entries(object.values)) storage.kv.put(key, value);
    if (object.alarm !== null) await storage.setAlarm(Math.max(object.alarm, Date.now() + LOADED_BY_MS));
  });
  await evictDurableObject(stub);
}
