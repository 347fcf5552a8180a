/**
 * A state that an earlier version has written, opened by today's code: see docs/kept-states.md. Every answer must be as
 * it was, but for fields that were added since.
 */
import { applyD1Migrations, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { differences, type Exchange, isRepeatable, type KeptState } from "../fixtures/format.ts";
import { api, direct, type Person, people } from "../worker/kit.ts";
import { ask, personOf } from "./ask.ts";
import { clearDirectory, load, readState, stubOf, VERSIONS } from "./load.ts";

/** Longer than a user counts as online behind their last socket (rule 22). */
const AWAY_MS = 11_000;

/** Tables and indexes as text, by name. Those of the platform are left out. */
type Tables = Record<string, string>;
const TABLES = `SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL
  AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*' AND name NOT GLOB '__miniflare_*' AND name <> 'd1_migrations'`;

function toTables(rows: { name: string; sql: string }[]): Tables {
  // A table that an erasure has written anew has its name in other quotes.
  return Object.fromEntries(rows.map(({ name, sql }) => [name, sql.replace(`"${name}"`, `\`${name}\``)]));
}

async function directoryTables(): Promise<Tables> {
  return toTables((await env.DB.prepare(TABLES).all<{ name: string; sql: string }>()).results);
}

async function objectTables(stub: DurableObjectStub): Promise<Tables> {
  return await runInDurableObject(stub, (_, { storage }) =>
    toTables(storage.sql.exec<{ name: string; sql: string }>(TABLES).toArray()),
  );
}

/** The tables that a new deployment has. */
interface NewTables {
  directory: Tables;
  conversation: Tables;
  hub: Tables;
}

async function newTables(): Promise<NewTables> {
  await clearDirectory();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  const [one, other] = await people("one", "other");
  const name = await direct(one, other);
  // A hub makes its tables with the first thing that it has to keep.
  await api(one, "POST", "/ws/ticket");
  return {
    directory: await directoryTables(),
    conversation: await objectTables(stubOf({ kind: "conversation", name })),
    hub: await objectTables(stubOf({ kind: "hub", name: one.user_id })),
  };
}

/** Holds today's answer against the kept one. What arrives a moment later is waited for, where asking again is harmless. */
async function compare(who: Person, exchange: Exchange): Promise<void> {
  const { answer: kept, ...question } = exchange;
  const found = async () => differences(kept, await ask(who, question));
  const name = `${who.username}: ${JSON.stringify({ ...question, about: undefined, who: undefined })}`;
  if (isRepeatable(question)) await expect.poll(found, { message: name, timeout: 5_000 }).toEqual([]);
  else expect(await found(), name).toEqual([]);
}

it("[STATE-10] there is a state of each version that was kept, and it is not empty", () => {
  expect(VERSIONS).toContain("0.1.0");
  for (const version of VERSIONS) {
    const { exchanges, objects } = readState(version);
    expect(exchanges.length).toBeGreaterThan(100);
    expect(objects.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["conversation", "hub"]));
  }
});

describe.each(VERSIONS)("a state that version %s has written", (version) => {
  const kept = readState(version);
  let fresh: NewTables;
  let state: KeptState;
  const persons = new Map<string, Person>();

  beforeAll(async () => {
    fresh = await newTables();
    state = await load(version);
    for (const [name, person] of Object.entries(state.people)) persons.set(name, await personOf(person));
  });

  const somebody = (name: string): Person => {
    const person = persons.get(name);
    if (!person) throw new Error(`the state knows no ${name}`);
    return person;
  };

  it("[STATE-11] has the tables of a new deployment once it is open", async () => {
    expect(await directoryTables()).toEqual(fresh.directory);
    for (const object of state.objects) {
      const { file } = object;
      expect(await objectTables(stubOf(object)), file).toEqual(fresh[object.kind]);
    }
  });

  // In their order: what is asked first changes what comes after.
  it.each([...new Set(kept.exchanges.map(({ about }) => about))])(
    "[STATE-12] answers as then: %s",
    async (about) => {
      for (const exchange of kept.exchanges.filter((one) => one.about === about)) {
        await compare(somebody(exchange.who), exchange);
      }
    },
  );

  it("[STATE-13] who was connected when it stopped, and did not come back, is offline", async () => {
    for (const name of kept.connected) {
      const { user_id } = somebody(name);
      const hub = stubOf({ kind: "hub", name: user_id });
      const isOnline = async () => (await api(somebody("ann"), "GET", `/users/${user_id}`)).body.is_online;
      await runDurableObjectAlarm(hub);
      vi.setSystemTime(Date.now() + AWAY_MS);
      try {
        await runDurableObjectAlarm(hub);
      } finally {
        vi.useRealTimers();
      }
      await expect.poll(isOnline).toBe(false);
    }
  });
});
