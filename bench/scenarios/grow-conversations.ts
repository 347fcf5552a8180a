/** What grows with the conversations of a user, where the answer does not. */
import { z } from "zod";
import type { Person } from "../../scripts/person.ts";
import { type Doing, measureInTurns, tableOf, targetsOf } from "../growing.ts";
import { askFor } from "../requests.ts";
import type { Bench, Options, Scenario } from "../scenario.ts";
import { backDoor } from "../seed.ts";
import type { Seed } from "../seeded/corpus.ts";
import { ask, doFor, openSocket } from "../sockets.ts";

const PHASE = "conversations: a user with many";
/** Where the conversations' other members begin among the users. */
const FIRST_OF_OTHERS = 20;
/** Numbers of these conversations, beyond those of the list. */
const FIRST_NUMBER = 100_000;

function conversationsOf({ quick }: Options): [number, number] {
  return quick ? [20, 200] : [500, 5_000];
}

/** What somebody does who has so many conversations. */
async function userSides(bench: Bench, place: number, size: number): Promise<Doing[]> {
  const service = await bench.servers.seeded();
  const { server, directory } = service;
  const people = await bench.crowd(service).of(FIRST_OF_OTHERS + 5);
  const who = people[place];
  const senders = people.slice(FIRST_OF_OTHERS + 1).map(({ user_id }) => user_id);
  if (!who) throw new Error("nobody has conversations");
  for (let at = 0; at < size; at += 100) {
    const seeds = Array.from({ length: Math.min(100, size - at) }, (_, i): Seed => {
      const number = FIRST_NUMBER * (place + 1) + at + i;
      return { number, firstMessage: number * 3, messages: 3, senders, unread: [who.user_id], read: [] };
    });
    await backDoor(service, "directory", seeds);
  }
  const common = { size, server, directory };
  const list = { url: `${server.url}/api/v1/conversations`, headers: who.headers };
  const since = await newestToken(server.url, who);
  const sync = { url: `${server.url}/api/v1/sync?since=${since}`, headers: who.headers };
  return [
    {
      ...common,
      name: "list",
      title: "gets the first page of the list",
      run: (seconds) => askFor(seconds, 1, () => list),
    },
    {
      ...common,
      name: "sync",
      title: "/sync, where nothing is new",
      run: (seconds) => askFor(seconds, 1, () => sync),
    },
    {
      ...{ ...common, name: "connect", title: "connects to /ws" },
      run: (seconds) =>
        doFor(seconds, async () => (await openSocket(`${server.url}/ws`, who.headers)).close()),
    },
    {
      ...{ ...common, name: "presence", title: "goes away and comes back" },
      async run(seconds) {
        const socket = await openSocket(`${server.url}/ws`, who.headers);
        const say = (n: number) => {
          const status = n % 2 === 0 ? "away" : "online";
          return ask(socket, { type: "presence.update", status, request_id: n }, '"ack"');
        };
        const phase = await doFor(seconds, say);
        socket.close();
        return phase;
      },
    },
  ];
}

/** Where `/sync` stands when a client has everything: of the other conversations of the service it learns nothing. */
async function newestToken(url: string, { headers }: Person): Promise<string> {
  const Page = z.looseObject({ next_token: z.string(), has_more: z.boolean() });
  const page = async (query: string) =>
    Page.parse(await (await fetch(`${url}/api/v1/sync?limit=100${query}`, { headers })).json());
  let { next_token, has_more } = await page("");
  while (has_more) ({ next_token, has_more } = await page(`&since=${next_token}`));
  return next_token;
}

export const growConversations: Scenario = {
  name: "grow-conversations",
  comparable: false,
  async run(bench) {
    const sides: Doing[] = [];
    for (const [place, size] of conversationsOf(bench.options).entries()) {
      sides.push(...(await userSides(bench, place + 2, size)));
    }
    await measureInTurns(bench, PHASE, bench.wanted(sides));
  },
  tables: (options) => [
    tableOf(
      PHASE,
      "What a user does who has many conversations",
      "conversations",
      conversationsOf(options)[0],
    ),
  ],
  targets: (options) =>
    targetsOf(PHASE, ["list", "sync", "connect", "presence"], "conversations", conversationsOf(options)),
};
