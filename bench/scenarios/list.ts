/**
 * The list of conversations: its first page for somebody who has few and for somebody who has many; and what unread
 * messages cost it.
 */

import { ConversationList } from "@rocket-chat-api/protocol";
import { beside } from "../report.ts";
import type { Bench, Options, Scenario } from "../scenario.ts";
import { backDoor, castOf, corpusSize, writeCorpus } from "../seed.ts";
import type { Seed } from "../seeded/corpus.ts";
import { type Asking, askInTurns, pageTable, trivialQuery } from "./pages.ts";

const LIST = "list: first page";
const UNREAD = "unread: list of 50";
const FEW = 20;
/** Numbers of these conversations, beyond those of the corpus. */
const FIRST_NUMBER = 1_000;
const PARTICIPANTS = 5;
/** Where the other participants begin among the users: after the cast of the corpus. */
const FIRST_OF_OTHERS = 20;

function manyOf({ quick }: Options): number {
  return quick ? 200 : 2_000;
}

/** Somebody who has so many conversations, and asks for the first page. */
async function sideOf(bench: Bench, person: number, size: number): Promise<Asking> {
  const service = await bench.servers.seeded();
  const { server, directory } = service;
  const people = await bench.crowd(service).of(FIRST_OF_OTHERS + PARTICIPANTS);
  const who = people[person];
  const others = people.slice(FIRST_OF_OTHERS + 1).map(({ user_id }) => user_id);
  if (!who) throw new Error("nobody has conversations");
  const seeds = Array.from({ length: size }, (_, i): Seed => {
    const number = FIRST_NUMBER + person * 10_000 + i;
    return {
      number,
      firstMessage: number * 3,
      messages: 3,
      senders: others,
      unread: [who.user_id],
      read: [],
    };
  });
  for (let at = 0; at < size; at += 100) await backDoor(service, "directory", seeds.slice(at, at + 100));
  const asked = { url: `${server.url}/api/v1/conversations`, headers: who.headers };
  const isRight = (body: string) => {
    const { conversations, total } = ConversationList.parse(JSON.parse(body));
    return (
      conversations.length === 20 && total === size && conversations[0]?.participants.length === PARTICIPANTS
    );
  };
  return { name: "list", title: "first page of 20", size, server, directory, ask: () => asked, isRight };
}
export const list: Scenario = {
  name: "list",
  comparable: false,
  async run(bench) {
    const few = await sideOf(bench, 0, FEW);
    const many = await sideOf(bench, 1, manyOf(bench.options));
    await askInTurns(bench, LIST, [trivialQuery(await bench.servers.seeded(), FEW), few, many]);
  },
  tables: () => [
    pageTable(LIST, "The first page of a user's conversations, by how many they have", "conversations", [
      { heading: "x SELECT 1", with: () => ({ side: "select-1", size: FEW }) },
      { heading: `x ${FEW}`, with: ({ side }) => ({ side, size: FEW }) },
    ]),
  ],
  targets: (options) => [
    {
      about: `list, first page: p50 at ${manyOf(options)} conversations, beside ${FEW}`,
      phase: LIST,
      metric: "p50",
      row: { side: "list", size: manyOf(options) },
      base: { side: "list", size: FEW },
      most: 1.5,
    },
  ],
};

/** Two users of the same conversations: one has read nothing, the other everything. */
export const unread: Scenario = {
  name: "unread",
  comparable: false,
  async run(bench) {
    const { conversations, messages } = corpusSize(bench.options);
    await writeCorpus(bench, conversations / 2);
    const service = await bench.servers.seeded();
    const { server, directory } = service;
    const { cast, headers } = await castOf(bench);
    const url = `${server.url}/api/v1/conversations?limit=50`;
    const side = (name: string, title: string, userId: string, count: number): Asking => {
      const asked = { url, headers: headers.get(userId) ?? {} };
      const isRight = (body: string) => {
        const { conversations } = ConversationList.parse(JSON.parse(body));
        return conversations.length === 50 && conversations.every((item) => item.unread_count === count);
      };
      return { name, title, size: 50, server, directory, ask: () => asked, isRight };
    };
    await askInTurns(bench, UNREAD, [
      trivialQuery(service, 50),
      side("read", "none unread", cast.read, 0),
      side("unread", `${messages} unread in each`, cast.unread, messages),
    ]);
  },
  tables: () => [
    pageTable(UNREAD, "A list of 50 conversations, the same ones for both users", "conversations", [
      beside("select-1"),
      beside("read"),
    ]),
  ],
  targets: () => [
    {
      about: "list of 50 conversations with everything unread: p50, beside nothing unread",
      phase: UNREAD,
      metric: "p50",
      row: { side: "unread", size: 50 },
      base: { side: "read", size: 50 },
      most: 1.5,
    },
  ],
};
