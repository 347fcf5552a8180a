/**
 * [BLOCK-KILL] Blocks survive the death of the runtime (`npm run test:block-kill`, `--help` lists the flags).
 *
 * Users block and unblock others while the runtime is killed at random moments, between a block and its copies too. At the end
 * each list says what was acknowledged last, and every copy says what the list says: histories, the direct chat, search.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { BlockPage, Conversation, Me, Message, MessagePage, SearchResults } from "@rocket-chat-api/protocol";
import { readArguments, wholeNumbers } from "../../scripts/arguments.ts";
import { Person, Refused } from "../../scripts/person.ts";
import { DevServer } from "../../scripts/serve.ts";

const RESTART_TIMEOUT_MS = 20_000;
/** A change that failed is tried again within a minute, and looked after for two more. */
const REST_MS = 200_000;
/** The moment of each kill, in milliseconds after the server was up. */
const KILL_AFTER = { min: 200, max: 2_000 };
/** What everybody says who may be blocked. */
const CANARY = "canary";

const USAGE = `
Usage: npm run test:block-kill -- [flags]

Kills the runtime at random moments while users block and unblock; every copy must have the last word in the end.

  --kills <number>   how often; 6
  --users <number>   users who block another; 8
  --groups <number>  groups that each of them shares with the other; 4
`;

const flags = readArguments({
  usage: USAGE,
  options: {
    kills: { type: "string", default: "6" },
    users: { type: "string", default: "8" },
    groups: { type: "string", default: "4" },
  },
}).values;
const { kills, users, groups } = wholeNumbers(flags);

/** Somebody who blocks, whom they block, and where they meet. */
interface Pair {
  blocker: Person;
  other: Person;
  direct: string;
  groups: string[];
  /** What was acknowledged last; undefined if a later request had no answer. */
  acknowledged: boolean | undefined;
}

const url = (server: DevServer, { other }: Pair) => `${server.url}/api/v1/blocks/${other.user_id}`;
const text = (content: string) => ({ type: "text", content });

async function pairOf(n: number, server: DevServer): Promise<Pair> {
  const [blocker, other] = await Promise.all(
    [`blocker${n}`, `other${n}`].map((name) => Person.of(name, server.url, server.secret)),
  );
  if (!blocker || !other) throw new Error("unreachable");
  for (const one of [blocker, other]) await one.api(Me, "GET", "/users/me");
  const begin = async (path: string, body: unknown) =>
    (await blocker.api(Conversation, "POST", path, body)).body.conversation_id;
  const direct = await begin("/conversations/direct", { user_id: other.user_id });
  const shared: string[] = [];
  for (let i = 0; i < groups; i++) {
    const id = await begin("/conversations/group", { name: `Group ${i}`, participant_ids: [other.user_id] });
    await other.api(Message, "POST", `/conversations/${id}/messages`, text(CANARY));
    shared.push(id);
  }
  return { blocker, other, direct, groups: shared, acknowledged: false };
}

/** Blocks and unblocks until the end. @returns how often it was acknowledged. */
async function keepChanging(server: DevServer, pair: Pair, isOver: () => boolean): Promise<number> {
  let count = 0;
  while (!isOver()) {
    const wanted = Math.random() < 0.5;
    pair.acknowledged = undefined;
    const { headers } = pair.blocker;
    const answer = await fetch(url(server, pair), {
      method: wanted ? "PUT" : "DELETE",
      headers,
      signal: AbortSignal.timeout(8_000),
    }).catch(() => undefined);
    await answer?.body?.cancel().catch(() => undefined);
    if (answer?.ok) {
      pair.acknowledged = wanted;
      count += 1;
    }
    await sleep(Math.random() * 300);
  }
  return count;
}

async function killOnce(server: DevServer): Promise<void> {
  await sleep(KILL_AFTER.min + Math.random() * (KILL_AFTER.max - KILL_AFTER.min));
  if (server.killRuntime() !== 1) throw new Error("the runtime to kill was not found");
  if (await server.up(RESTART_TIMEOUT_MS)) return;
  await server.killAll();
  await server.start();
}

/** Whether the other can send in the direct chat. */
async function isOpen({ other, direct }: Pair): Promise<boolean> {
  try {
    await other.api(Message, "POST", `/conversations/${direct}/messages`, text("open?"));
    return true;
  } catch (error) {
    if (error instanceof Refused && error.code === "BLOCKED") return false;
    throw error;
  }
}

/** What is wrong with one pair. */
async function violationsOf(pair: Pair): Promise<string[]> {
  const { blocker, acknowledged } = pair;
  const wrong: string[] = [];
  const isBlocked = (await blocker.api(BlockPage, "GET", "/blocks")).body.blocks.length > 0;
  if (acknowledged !== undefined && acknowledged !== isBlocked)
    wrong.push(`acknowledged ${acknowledged}, the list says ${isBlocked}`);
  for (const id of pair.groups) {
    const { messages } = (await blocker.api(MessagePage, "GET", `/conversations/${id}/messages`)).body;
    const isShown = messages.some(({ content }) => content === CANARY);
    if (isShown === isBlocked) wrong.push(`${id} ${isShown ? "shows" : "hides"} what was said`);
  }
  const { results } = (await blocker.api(SearchResults, "GET", `/search/messages?q=${CANARY}`)).body;
  if (results.length !== (isBlocked ? 0 : groups)) wrong.push(`search finds ${results.length}`);
  if ((await isOpen(pair)) === isBlocked) wrong.push("the direct chat is not as the list says");
  return wrong.map((what) => `${blocker.name} (${isBlocked ? "has blocked" : "has not blocked"}): ${what}`);
}

async function allViolations(pairs: Pair[]): Promise<string[]> {
  return (await Promise.all(pairs.map(violationsOf))).flat();
}

async function main(): Promise<string[]> {
  const server = await DevServer.create({ RATE_LIMIT_MODE: "off" });
  try {
    const pairs: Pair[] = [];
    for (let n = 0; n < users; n++) pairs.push(await pairOf(n, server));
    let isOver = false;
    const lanes = pairs.map((pair) => keepChanging(server, pair, () => isOver));
    for (let round = 1; round <= kills; round++) {
      await killOnce(server);
      console.log(`[BLOCK-KILL] ${round}: killed`);
    }
    isOver = true;
    const counts = await Promise.all(lanes);
    const end = Date.now() + REST_MS;
    let violations = await allViolations(pairs);
    while (violations.length > 0 && Date.now() < end) {
      await sleep(1_000);
      violations = await allViolations(pairs);
    }
    const waited = Math.round((Date.now() - (end - REST_MS)) / 1_000);
    const sum = counts.reduce((one, other) => one + other, 0);
    console.log(`[BLOCK-KILL] kills ${kills}, acknowledged ${sum}, whole after ${waited} s`);
    if (violations.length > 0) console.error(server.log());
    return violations;
  } finally {
    await server.stop();
    server.dispose();
  }
}

const violations = await main();
for (const violation of violations.slice(0, 20)) console.error(`[BLOCK-KILL] VIOLATION ${violation}`);
console.log(
  violations.length === 0 ? "[BLOCK-KILL] ok" : `[BLOCK-KILL] FAILED: ${violations.length} violations`,
);
process.exit(violations.length === 0 ? 0 : 1);
