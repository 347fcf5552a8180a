/**
 * [KILL] What was acknowledged survives the death of the runtime (`npm run test:kill`, `--help` lists the flags).
 *
 * Clients send over REST, `/ws` and the conversation's own socket while the runtime is killed at random moments, every
 * fourth time with wrangler. At the end the history must hold every acknowledged message exactly once, in order, and
 * be the same for two members.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Conversation, ConversationList, Me } from "@rocket-chat-api/protocol";
import { readArguments, wholeNumbers } from "../../scripts/arguments.ts";
import { Person } from "../../scripts/person.ts";
import { DevServer } from "../../scripts/serve.ts";
import { findViolations, wholeHistory } from "./history.ts";
import { Ledger } from "./ledger.ts";
import { keepSending, overRest, overSocket } from "./senders.ts";

const RESTART_TIMEOUT_MS = 20_000;
const LAST_ACKS_TIMEOUT_MS = 30_000;
const PROJECTION_TIMEOUT_MS = 20_000;
/** The moment of each kill, in milliseconds after the server was up. */
const KILL_AFTER = { min: 200, max: 2_500 };

const USAGE = `
Usage: npm run test:kill -- [flags]

Kills the runtime at random moments while clients send; nothing that was acknowledged may be lost.

  --kills <number>   how often; 12
  --lanes <number>   senders on each way of each person; 4
`;

const flags = readArguments({
  usage: USAGE,
  options: { kills: { type: "string", default: "12" }, lanes: { type: "string", default: "4" } },
}).values;
const { kills, lanes } = wholeNumbers(flags);

async function killOnce(server: DevServer, round: number, ledger: Ledger): Promise<void> {
  await sleep(KILL_AFTER.min + Math.random() * (KILL_AFTER.max - KILL_AFTER.min));
  const withWrangler = round % 4 === 0;
  const before = ledger.acknowledged.size;
  if (withWrangler) await server.killAll();
  else if (server.killRuntime() !== 1) throw new Error("the runtime to kill was not found");
  // Wrangler starts a killed runtime by itself; where it does not, we start both.
  const recovered = !withWrangler && (await server.up(RESTART_TIMEOUT_MS));
  if (!recovered) {
    await server.killAll();
    await server.start();
  }
  const victim = withWrangler ? "the runtime and wrangler" : "the runtime";
  console.log(`[KILL] ${round}: killed ${victim} after ${before} acks${recovered ? "" : "; started both"}`);
}

/** Two people on each way to send, and the lanes of each. */
async function startClients(
  people: Person[],
  conversationId: string,
  ledger: Ledger,
  stopped: () => boolean,
) {
  const ways = people.flatMap((person) => [
    { name: `${person.name}-rest`, attempt: overRest(person, conversationId) },
    { name: `${person.name}-user`, attempt: overSocket(person, conversationId, "user") },
    { name: `${person.name}-room`, attempt: overSocket(person, conversationId, "conversation") },
  ]);
  return ways.flatMap(({ name, attempt }) =>
    Array.from({ length: lanes }, (_, lane) => keepSending(`${name}-${lane}`, attempt, ledger, stopped)),
  );
}

/** The list of conversations is a projection: it may lag, but it must arrive. */
async function listShows(person: Person, conversationId: string, messageId: string): Promise<boolean> {
  const end = Date.now() + PROJECTION_TIMEOUT_MS;
  while (Date.now() < end) {
    const { body } = await person.api(ConversationList, "GET", "/conversations");
    const item = body.conversations.find((one) => one.conversation_id === conversationId);
    if (item?.last_message?.message_id === messageId) return true;
    await sleep(200);
  }
  return false;
}

async function main(): Promise<string[]> {
  const server = await DevServer.create({ RATE_LIMIT_MODE: "off" });
  try {
    const [alice, bob] = await Promise.all(
      ["alice", "bob"].map((n) => Person.of(n, server.url, server.secret)),
    );
    if (!alice || !bob) throw new Error("nobody there");
    for (const person of [alice, bob]) await person.api(Me, "GET", "/users/me");
    const group = { name: "Kill", participant_ids: [bob.user_id] };
    const { conversation_id } = (await alice.api(Conversation, "POST", "/conversations/group", group)).body;
    const ledger = new Ledger();
    let stopped = false;
    const clients = await startClients([alice, bob], conversation_id, ledger, () => stopped);
    for (let round = 1; round <= kills; round++) await killOnce(server, round, ledger);
    await sleep(500);
    stopped = true;
    const all = await Promise.race([Promise.all(clients), sleep(LAST_ACKS_TIMEOUT_MS)]);
    if (!all) ledger.violations.push("a client still waits for its ack");
    const history = await wholeHistory(alice, conversation_id);
    const violations = findViolations(history, await wholeHistory(bob, conversation_id), ledger);
    const newest = history.at(-1);
    if (newest && !(await listShows(bob, conversation_id, newest.message_id))) {
      violations.push("the list of conversations does not show the newest message");
    }
    const { acknowledged, storedWithoutAck, retried } = ledger;
    console.log(
      `[KILL] kills ${kills}, acknowledged ${acknowledged.size}, stored without an ack ${storedWithoutAck}, ` +
        `retried ${retried}, in the history ${history.length}`,
    );
    if (violations.length > 0) console.error(server.log());
    return violations;
  } finally {
    await server.stop();
    server.dispose();
  }
}

const violations = await main();
for (const violation of violations.slice(0, 20)) console.error(`[KILL] VIOLATION ${violation}`);
console.log(violations.length === 0 ? "[KILL] ok" : `[KILL] FAILED: ${violations.length} violations`);
process.exit(violations.length === 0 ? 0 : 1);
