/**
 * [PUSH-KILL] Pushes survive the death of the runtime (`npm run test:push-kill`, `--help` lists the flags).
 *
 * Users with a phone and no socket are written to while the runtime is killed at random moments, and while providers are slow,
 * refuse or break off. At the end each acknowledged message is covered by a notification on its phone, no phone shows two of one
 * conversation, and the badge is what `GET /unread` says.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Conversation, Device, Me, UnreadTotals } from "@rocket-chat-api/protocol";
import { readArguments, wholeNumbers } from "../../scripts/arguments.ts";
import { Person } from "../../scripts/person.ts";
import { DevServer } from "../../scripts/serve.ts";
import { PushControl } from "../push/control.ts";
import { screenOf } from "../push/screen.ts";
import { startPushStandIns } from "../push/start.ts";
import type { Answer } from "../push/wire.ts";
import { Ledger } from "./ledger.ts";
import { keepSending, overRest } from "./senders.ts";

const RESTART_TIMEOUT_MS = 20_000;
const LAST_ACKS_TIMEOUT_MS = 30_000;
/** Retries, and alarms after a death, take their time: the safety nets ring after 15 seconds. */
const REST_MS = 90_000;
/** The moment of each kill, in milliseconds after the server was up. */
const KILL_AFTER = { min: 300, max: 2_500 };
/** Milliseconds between two messages of a sender: what is measured is not speed. */
const PAUSE_MS = 150;

const USAGE = `
Usage: npm run test:push-kill -- [flags]

Kills the runtime at random moments while phones are pushed to; every acknowledged message must reach its phone.

  --kills <number>   how often; 6
  --users <number>   users with a phone; 20
`;

const flags = readArguments({
  usage: USAGE,
  options: { kills: { type: "string", default: "6" }, users: { type: "string", default: "20" } },
}).values;
const { kills, users } = wholeNumbers(flags);

/** Somebody with a phone, who is written to by one sender in a conversation of the two. */
interface Reader {
  person: Person;
  conversation_id: string;
  token: string;
}

const TROUBLES: Answer[] = [
  { status: 500 },
  { status: 429, headers: { "retry-after": "2" } },
  { status: 200, delay_ms: 400 },
  { behaviour: "reset" },
];

async function readerOf(n: number, sender: Person, server: DevServer): Promise<Reader> {
  const person = await Person.of(`reader${n}`, server.url, server.secret);
  await person.api(Me, "GET", "/users/me");
  const body = { user_id: person.user_id };
  const { conversation_id } = (await sender.api(Conversation, "POST", "/conversations/direct", body)).body;
  const token = randomBytes(32).toString("hex");
  const device = { platform: "ios", provider: "apns", app_id: "com.example.chat", token };
  await person.api(Device, "PUT", "/devices/phone", device);
  return { person, conversation_id, token };
}

async function killOnce(server: DevServer): Promise<void> {
  await sleep(KILL_AFTER.min + Math.random() * (KILL_AFTER.max - KILL_AFTER.min));
  if (server.killRuntime() !== 1) throw new Error("the runtime to kill was not found");
  if (await server.up(RESTART_TIMEOUT_MS)) return;
  await server.killAll();
  await server.start();
}

/** Makes the provider of some phones slow or broken for a few pushes. */
async function trouble(control: PushControl, readers: Reader[]): Promise<void> {
  for (const [n, { token }] of readers.entries()) {
    const answer = TROUBLES[Math.floor(Math.random() * TROUBLES.length)];
    if (n % 3 === 0 && answer) await control.answer({ provider: "apns", token, times: 2, answer });
  }
}

/** What is wrong with one phone. */
async function violationsOf(control: PushControl, reader: Reader, ledger: Ledger): Promise<string[]> {
  const { person, conversation_id, token } = reader;
  const pushes = await control.pushes({ provider: "apns", token });
  const { shown, badge } = screenOf(pushes);
  const { messages } = (await person.api(UnreadTotals, "GET", "/unread")).body;
  const acknowledged = [...ledger.acknowledged.values()].map(({ stored }) => stored);
  const newest = acknowledged.filter((one) => one.conversation_id === conversation_id).at(-1)?.seq ?? 0;
  const wrong = pushes.flatMap(({ problems }) => problems);
  if (newest > 0 && shown.length !== 1) wrong.push(`shows ${shown.length} notifications`);
  const seen = Number(shown[0]?.data.seq ?? 0);
  if (seen < newest) wrong.push(`shows ${seen}, the newest message is ${newest}`);
  if (newest > 0 && badge !== messages) wrong.push(`the badge is ${badge}, unread are ${messages}`);
  if (newest > 0 && Number(shown[0]?.data.unread) !== messages) {
    wrong.push(`says ${shown[0]?.data.unread} unread, should be ${messages}`);
  }
  return wrong.map((what) => `${person.name}: ${what}`);
}

async function allViolations(control: PushControl, readers: Reader[], ledger: Ledger): Promise<string[]> {
  const lists = await Promise.all(readers.map((reader) => violationsOf(control, reader, ledger)));
  return lists.flat();
}

async function main(): Promise<string[]> {
  const standIns = await startPushStandIns();
  const control = new PushControl(standIns.control);
  const settings = Object.entries(standIns.settings).filter(([name]) => /^APNS_/.test(name));
  // A line of `.dev.vars` has no room for the lines of a key.
  const vars = Object.fromEntries(
    settings.map(([name, value]) => [name, value.trimEnd().replaceAll("\n", "\\n")]),
  );
  const server = await DevServer.create({ RATE_LIMIT_MODE: "off", ...vars });
  try {
    const senders = await Promise.all(["ann", "bob"].map((n) => Person.of(n, server.url, server.secret)));
    for (const sender of senders) await sender.api(Me, "GET", "/users/me");
    const readers: Reader[] = [];
    for (let n = 0; n < users; n++) readers.push(await readerOf(n, senders[n % 2] as Person, server));
    // Conversations hear of the phones.
    await sleep(2_000);
    const ledger = new Ledger();
    let stopped = false;
    const lanes = readers.map(({ person, conversation_id }, n) => {
      const attempt = overRest(senders[n % 2] as Person, conversation_id);
      const slowly: typeof attempt = async (message) => {
        await sleep(PAUSE_MS);
        return await attempt(message);
      };
      return keepSending(person.name, slowly, ledger, () => stopped);
    });
    for (let round = 1; round <= kills; round++) {
      await trouble(control, readers);
      await killOnce(server);
      console.log(`[PUSH-KILL] ${round}: killed after ${ledger.acknowledged.size} acks`);
    }
    await sleep(500);
    stopped = true;
    const all = await Promise.race([Promise.all(lanes), sleep(LAST_ACKS_TIMEOUT_MS)]);
    if (!all) ledger.violations.push("a sender still waits for its ack");
    let violations = await allViolations(control, readers, ledger);
    const end = Date.now() + REST_MS;
    while (violations.length > 0 && Date.now() < end) {
      await sleep(500);
      violations = await allViolations(control, readers, ledger);
    }
    const came = await control.pushes({ provider: "apns" });
    console.log(
      `[PUSH-KILL] kills ${kills}, acknowledged ${ledger.acknowledged.size}, pushes ${came.length}`,
    );
    if (violations.length > 0) console.error(server.log());
    return [...ledger.violations, ...violations];
  } finally {
    await server.stop();
    server.dispose();
    await standIns.stop();
  }
}

const violations = await main();
for (const violation of violations.slice(0, 20)) console.error(`[PUSH-KILL] VIOLATION ${violation}`);
console.log(
  violations.length === 0 ? "[PUSH-KILL] ok" : `[PUSH-KILL] FAILED: ${violations.length} violations`,
);
process.exit(violations.length === 0 ? 0 : 1);
