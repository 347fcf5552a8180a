/**
 * `npm run fixture:state`: keeps a state that today's code has written, with what it answers, for the code of later
 * versions to open (test/state).
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { dumpDirectory, dumpFiles, dumpObjects, updateAll } from "../test/fixtures/dump.ts";
import {
  type Exchange,
  isRepeatable,
  type KeptObject,
  type KeptState,
  masked,
  type Question,
} from "../test/fixtures/format.ts";
import { changes, readings, resumes } from "../test/fixtures/questions.ts";
import { safetyChanges, safetyReadings } from "../test/fixtures/safety-questions.ts";
import { performSafety } from "../test/fixtures/safety-scene.ts";
import {
  type Backend,
  backendOf,
  FAR,
  lastMinute,
  type Name,
  type People,
  peopleOf,
  perform,
  type Scene,
  SHORT_SECONDS,
} from "../test/fixtures/scene.ts";
import { startPushStandIns } from "../test/push/start.ts";
import { readArguments, refuseArguments } from "./arguments.ts";
import { DevServer } from "./serve.ts";
import { ROOT } from "./tools.ts";

const USAGE = `
Usage: npm run fixture:state -- [flags]

Keeps a state that today's code has written in test/fixtures/state-<version>, for later versions to open. Takes two minutes.

  --replace   makes the state of this version again; never for a version that was released
`;

/** The tests' own: ids that are no UUIDs are made with it. */
const IDENTITY_SECRET = "a test secret that ids are made with";
/** Long enough for receipts to be gathered and for the directory to be written. */
const SETTLE_MS = 1_500;
/** Long enough for one change to have arrived everywhere. */
const WRITTEN_MS = 600;
/**
 * Longer than a user counts as online behind their last socket, and than a conversation waits before it notes that the directory has
 * everything (SAFETY_NET_MS of domain/deadlines.ts): what it does not know it writes again, and `/sync` names it in another place.
 */
const QUIET_MS = 20_000;

/** With requests of strangers, and what two people report hidden. */
const SAFETY = { MESSAGE_REQUESTS: "on", REPORTS_HIDE_AFTER: "2" };
/** Where the cron trigger is fired by hand. */
const CRON = "/cdn-cgi/local/scheduled";
/** How often it is fired until erasures are done: each goes twice over everything. */
const MAX_ROUNDS = 10;

/** Lets the erasures end that have begun, as if their time had passed. */
async function finishErasures(server: DevServer, { jobs }: Scene, backend: Backend): Promise<void> {
  const passed = `UPDATE users SET erased_at = erased_at - 100000 WHERE erased_at IS NOT NULL;
    UPDATE jobs SET updated_at = updated_at - 100000 WHERE status = 'running'`;
  let states: unknown[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const asked = await Promise.all(jobs.map((id) => backend.do("GET", `/server/jobs/${id}`)));
    if (asked.every(({ status }) => status === "done")) return;
    states = asked;
    await server.stop();
    updateAll(server.state, "v3/d1/*/*.sqlite", passed);
    await server.start();
    await (await fetch(server.url + CRON)).text();
  }
  throw new Error(`the erasures are not done: ${JSON.stringify(states)}\n${server.log()}`);
}

/** Asks everything that does not change anything until nothing moves any more: who fetches has received. */
async function settle(scene: Scene): Promise<void> {
  for (let round = 0; round < 2; round++) {
    for (const question of [...readings(scene), ...safetyReadings(scene), ...resumes(scene)]) {
      await scene.people[question.who as Name].ask(question);
    }
    await sleep(SETTLE_MS);
  }
  await sleep(QUIET_MS);
}

/** One topic after the other, as the test asks them. */
function inTopics(questions: Question[]): Question[] {
  return [...new Set(questions.map(({ about }) => about))].flatMap((topic) =>
    questions.filter(({ about }) => about === topic),
  );
}

/** Asks, and writes the answers down. */
async function record(
  people: People,
  questions: Question[],
  madeAt: number,
  fay: string,
): Promise<Exchange[]> {
  const volatile = new Set([fay]);
  const exchanges: Exchange[] = [];
  for (const question of questions) {
    // Sockets make their owners online.
    if ("socket" in question) volatile.add("*");
    const who = people[question.who as Name];
    // The second answer, which every later one is like: who fetches a message has received it then.
    if (isRepeatable(question)) await who.ask(question);
    const answer = await who.ask(question);
    exchanges.push({ ...question, answer: masked(answer, madeAt, volatile) });
    if (!isRepeatable(question)) await sleep(WRITTEN_MS);
  }
  return exchanges;
}

function writeObjects(directory: string, state: string, kind: KeptObject["kind"], className: string) {
  return [...dumpObjects(state, className)].map(([name, { sql, alarm, values }]): KeptObject => {
    const file = `${kind}-${name}`;
    writeFileSync(join(directory, `${file}.sql`), sql);
    return { kind, name, file, alarm, values };
  });
}

/** One exchange a line, so that a difference can be read. */
function toJson({ exchanges, ...rest }: KeptState): string {
  const lines = exchanges.map((exchange) => JSON.stringify(exchange)).join(",\n");
  return `${JSON.stringify(rest, null, 1).slice(0, -2)},\n "exchanges": [\n${lines}\n]}\n`;
}

async function keep(version: string, directory: string): Promise<void> {
  const server = await DevServer.create({ IDENTITY_SECRET });
  const people = peopleOf(server);
  // With budgets, which hubs keep.
  const scene = await perform(people);
  await server.stop();
  const standIns = await startPushStandIns();
  const { APNS_KEY = "", APNS_KEY_ID = "", APNS_TEAM_ID = "", APNS_URL = "" } = standIns.settings;
  // A line of `.dev.vars` has no room for the lines of a key.
  const apns = { APNS_KEY: APNS_KEY.trimEnd().replaceAll("\n", "\\n"), APNS_KEY_ID, APNS_TEAM_ID, APNS_URL };
  server.configure({ IDENTITY_SECRET, RATE_LIMIT_MODE: "off", ...SAFETY, ...apns });
  await server.start();
  const backend = backendOf(server);
  await performSafety(scene, backend);
  await finishErasures(server, scene, backend);
  await settle(scene);
  await lastMinute(scene);
  await sleep(SETTLE_MS);
  // As a crash does it: what is on disk must be enough.
  await server.killAll();
  const made_at = Date.now();
  // A message lives for a year at most, a kept state for longer. This alone is not as the code has written it.
  const longer = `UPDATE messages SET expires_at = ${FAR} WHERE expires_at > ${made_at + 3_600_000}`;
  for (const place of ["v3/do/*-Conversation/*.sqlite", "v3/d1/*/*.sqlite"])
    updateAll(server.state, place, longer);

  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "directory.sql"), dumpDirectory(server.state));
  const clients = Object.entries(people);
  const kept: KeptState = {
    version,
    made_at,
    people: Object.fromEntries(clients.map(([name, { user_id, claims }]) => [name, { user_id, claims }])),
    connected: ["fay"],
    objects: [
      ...writeObjects(directory, server.state, "conversation", "Conversation"),
      ...writeObjects(directory, server.state, "hub", "UserHub"),
    ],
    files: dumpFiles(server.state),
    exchanges: [],
  };
  await sleep(SHORT_SECONDS * 1_000);
  await server.start();
  const questions = inTopics([
    ...readings(scene),
    ...safetyReadings(scene),
    ...resumes(scene),
    ...changes(scene),
    ...safetyChanges(scene),
  ]);
  // The first question wakes what has something to do.
  await people.ann.do("GET", `/conversations/${scene.conversations.short}`);
  await sleep(SETTLE_MS);
  kept.exchanges = await record(people, questions, made_at, people.fay.user_id);
  writeFileSync(join(directory, "fixture.json"), toJson(kept));
  await server.stop();
  server.dispose();
  await standIns.stop();
}

const { values } = readArguments({ usage: USAGE, options: { replace: { type: "boolean", default: false } } });
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
const directory = join(ROOT, "test/fixtures", `state-${version}`);
if (existsSync(directory) && !values.replace) {
  refuseArguments(`The state of version ${version} is kept already`);
}
rmSync(directory, { recursive: true, force: true });
await keep(version, directory);
console.log(`fixture:state: kept ${directory}`);
