/** A page of 50 messages of a short and of a long conversation: the newest, one from anywhere, and one of pictures. */

import { MessagePage, messageId } from "@rocket-chat-api/protocol";
import type { Person } from "../../scripts/person.ts";
import type { Bench, Options, Scenario } from "../scenario.ts";
import { backDoor } from "../seed.ts";
import { chance } from "../seeded/corpus.ts";
import type { Server } from "../workerd.ts";
import { type Asking, askInTurns, pageTable } from "./pages.ts";

const PHASE = "history: a page of 50";
const SHORT = 1_000;

function longOf({ quick }: Options): number {
  return quick ? 20_000 : 1_000_000;
}

/** The same 50 rows by the shortest way. */
async function floorOf(floor: Server, size: number): Promise<Asking> {
  const url = `${floor.url}/endpoint/history`;
  for (let n = 0; n < 50; n++) {
    const content = `Message ${n}: about as long as what people write to each other.`;
    await fetch(url, { method: "POST", body: JSON.stringify({ type: "text", content }) });
  }
  return { name: "endpoint", title: "50 rows of an object", size, server: floor, ask: () => ({ url }) };
}

/** A conversation of this many messages, and those who ask for its pages. */
async function sidesOf(bench: Bench, size: number): Promise<Asking[]> {
  const service = await bench.servers.seeded();
  const { server, directory } = service;
  const crowd = bench.crowd(service);
  const people: Person[] = await crowd.of(5);
  const id = await crowd.group(people);
  const senders = people.map((person) => person.user_id);
  await backDoor(service, "conversation", { conversation_id: id, messages: size, senders });
  const headers = people[0]?.headers ?? {};
  const url = `${server.url}/api/v1/conversations/${id}/messages?limit=50`;
  const anywhere = (n: number) => `&before_id=${messageId(id, 60 + Math.floor(chance(n) * (size - 60)))}`;
  const isRight = (body: string) => MessagePage.parse(JSON.parse(body)).messages.length === 50;
  const common = { size, server, directory, isRight };
  return [
    { ...common, name: "newest", title: "the newest page", ask: () => ({ url, headers }) },
    { ...common, name: "anywhere", title: "any page", ask: (n) => ({ url: url + anywhere(n), headers }) },
  ];
}

/** A conversation of pictures: the page holds a signed link for each. */
async function pictures(bench: Bench): Promise<Asking> {
  const service = await bench.servers.seeded();
  const { server, directory } = service;
  const crowd = bench.crowd(service);
  const people: Person[] = await crowd.of(5);
  const id = await crowd.group(people);
  const senders = people.map((person) => person.user_id);
  const body = { conversation_id: id, messages: SHORT, senders, pictures: true };
  await backDoor(service, "conversation", body);
  const headers = people[0]?.headers ?? {};
  const url = `${server.url}/api/v1/conversations/${id}/messages?limit=50`;
  const isRight = (text: string) =>
    MessagePage.parse(JSON.parse(text)).messages.every(({ attachments: [one] }) => one?.signed_url);
  const title = "the newest page, of pictures with their links";
  return { name: "pictures", title, size: SHORT, server, directory, isRight, ask: () => ({ url, headers }) };
}

export const history: Scenario = {
  name: "history",
  comparable: false,
  async run(bench) {
    const floor = await floorOf(await bench.servers.floor(), SHORT);
    const short = await sidesOf(bench, SHORT);
    const long = await sidesOf(bench, longOf(bench.options));
    await askInTurns(bench, PHASE, [floor, ...short, ...long, await pictures(bench)]);
  },
  tables: () => [
    pageTable(PHASE, "A page of 50 messages by REST, one request at a time", "messages", [
      { heading: "x endpoint", with: () => ({ side: "endpoint", size: SHORT }) },
      { heading: `x ${SHORT}`, with: ({ side }) => ({ side, size: SHORT }) },
    ]),
  ],
  targets: (options) =>
    ["newest", "anywhere"].map((side) => ({
      about: `history, ${side} page of 50: p50 at ${longOf(options)} messages, beside ${SHORT}`,
      phase: PHASE,
      metric: "p50",
      row: { side, size: longOf(options) },
      base: { side, size: SHORT },
      most: 1.3,
    })),
};
