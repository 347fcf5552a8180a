/** Search over many messages, all of which are in the directory, of which one user has a tenth and another has all. */

import { SearchResults } from "@rocket-chat-api/protocol";
import type { Options, Scenario } from "../scenario.ts";
import { backDoor, castOf, corpusSize, writeCorpus } from "../seed.ts";
import { chance, textOf, VOCABULARY, word } from "../seeded/corpus.ts";
import { type Asking, askInTurns, pageTable, trivialQuery } from "./pages.ts";

const PHASE = "search";
/** Words that stand in a large part of all messages. */
const COMMON = 20;

/** What people look for, by kind. */
const QUESTIONS: Record<string, (n: number, messages: number) => string> = {
  word: (n) => word(Math.floor(chance(n) * VOCABULARY)),
  "two words": (n, messages) => {
    const [first = "", , , second = ""] = textOf(1 + Math.floor(chance(n) * messages)).split(" ");
    return `${first} ${second}`;
  },
  beginning: (n) => word(Math.floor(chance(n) * VOCABULARY)).slice(0, 4),
  "common word": (n) => word(Math.floor(chance(n) * COMMON)),
};

function totalOf(options: Options): number {
  const { conversations, messages } = corpusSize(options);
  return conversations * messages;
}

export const search: Scenario = {
  name: "search",
  comparable: false,
  async run(bench) {
    const { conversations } = corpusSize(bench.options);
    const total = totalOf(bench.options);
    await writeCorpus(bench, conversations);
    const service = await bench.servers.seeded();
    await backDoor(service, "merge", null);
    const { server, directory } = service;
    const { cast, headers } = await castOf(bench);
    const sides = [total / 10, total].flatMap((size) =>
      Object.entries(QUESTIONS).map(([name, question]): Asking => {
        const user = headers.get(size === total ? cast.all : cast.some) ?? {};
        const url = `${server.url}/api/v1/search/messages?q=`;
        const ask = (n: number) => ({ url: url + encodeURIComponent(question(n, total)), headers: user });
        const isRight = (body: string) => {
          const found = SearchResults.parse(JSON.parse(body));
          // Two words come from a message that the searcher may not see.
          return found.total > 0 || name !== "common word";
        };
        return { name, title: `a ${name}`.replace("a two", "two"), size, server, directory, ask, isRight };
      }),
    );
    await askInTurns(bench, PHASE, [trivialQuery(service, total), ...sides]);
  },
  tables: (options) => [
    pageTable(
      PHASE,
      "Search, by how many of the messages are in the searcher's conversations",
      "own messages",
      [{ heading: "x SELECT 1", with: () => ({ side: "select-1", size: totalOf(options) }) }],
    ),
  ],
  targets: (options) =>
    [totalOf(options) / 10, totalOf(options)].flatMap((size) =>
      Object.keys(QUESTIONS).map((side) => ({
        about: `search, ${side}, ${size} of ${totalOf(options)} messages one's own: p50, beside SELECT 1`,
        phase: PHASE,
        metric: "p50" as const,
        row: { side, size },
        base: { side: "select-1", size: totalOf(options) },
        most: 20,
      })),
    ),
};
