/** One run: a scene, a script, rest, and the checks. */

import { faults } from "../worker/faults.ts";
import { checkCopies, checkFinding, checkSeen, checkSilences } from "./blocks.ts";
import { restoreClock } from "./clock.ts";
import { type Command, forward, run } from "./commands.ts";
import { checkClient, checkLists, checkProjection, type Truth } from "./convergence.ts";
import { checkErased, finishErasure } from "./erasure.ts";
import { checkFiltered, checkFlagged } from "./filters.ts";
import { checkKept } from "./kept.ts";
import { checkLog } from "./log.ts";
import { control } from "./phones.ts";
import { checkPinLists, checkPins } from "./pins.ts";
import { checkPhones } from "./push.ts";
import { checkRequest } from "./requests.ts";
import { freshState, type Rows, rowsOf } from "./rows.ts";
import { checkDeleted, checkHeard, checkSearch, deadWords } from "./secrecy.ts";
import { beCalm, checkTotals } from "./totals.ts";
import { checkUnread } from "./unread.ts";
import { createWorld, type World } from "./world.ts";

/** Until everything is at rest, in milliseconds. */
const REST_MS = 8_000;
/** Words searched for at the end of each run: dead ones first. */
const SEARCHES = 6;

/** What a run was like. */
export interface Summary {
  acknowledged: number;
  heard: number;
  /** Requests that came to push providers. */
  pushes: number;
  /** Everything that is wrong; empty if nothing is. */
  wrong: string[];
}

/** Plays a script and says what is wrong afterwards. */
export async function play(script: readonly Command[]): Promise<Summary> {
  const world = await createWorld();
  const wrong: string[] = [];
  try {
    for (const command of script) {
      try {
        await run(world, command);
      } catch (error) {
        wrong.push(`${command.name}: ${error}`);
      }
    }
    wrong.push(...(await comeToRest(world)), ...world.ledger.complaints);
    if (wrong.length === 0) {
      await beCalm(world, script);
      wrong.push(...(await comeToRest(world)));
    }
    if (wrong.length === 0) wrong.push(...(await inspect(world)), ...world.ledger.complaints);
  } finally {
    faults.d1Down = false;
    for (const actor of world.actors) actor.stop();
    restoreClock();
  }
  const heard = world.actors.reduce((sum, actor) => sum + actor.heard.length, 0);
  const pushes = (await control.pushes()).filter(({ provider }) => provider !== "fcm_oauth").length;
  return { acknowledged: world.ledger.acknowledged, heard, pushes, wrong };
}

/** Faults end, everybody connects, and what is on its way arrives. */
async function comeToRest(world: World): Promise<string[]> {
  faults.d1Down = false;
  for (const actor of world.actors) {
    actor.hangUp();
    actor.client.start();
  }
  // Longer than the longest pause after a failure.
  await forward(world, 61);
  const unfinished = await finishErasure(world);
  if (unfinished.length > 0) return unfinished;
  const wrong = await settled(() => unsettled(world));
  if (wrong.length > 0) return wrong;
  await forward(world, 61);
  return await settled(async () => {
    const truth = await truthOf(world);
    const held = world.actors.flatMap((actor) => checkClient(world, actor, truth));
    return held.length > 0
      ? held
      : [...(await lagOf(world)), ...(await checkCopies(world, await allRows(world)))];
  });
}

function unsettled(world: World): string[] {
  return world.ledger.sent
    .filter((sent) => sent.ending === undefined)
    .map((sent) => `${sent.word} of ${nameOf(world, sent.sender_id)} is still on its way`);
}

/** What the directory lacks: it may lag, but not for long. */
async function lagOf(world: World): Promise<string[]> {
  const wrong: string[] = [];
  for (const id of world.conversations)
    wrong.push(...(await checkProjection(id, await rowsOf(id), world.ledger.keepers.has(id))));
  return wrong;
}

function nameOf(world: World, userId: string): string {
  return world.people.find(({ who }) => who.user_id === userId)?.who.username ?? "nobody";
}

/** Waits until a check finds nothing. @returns what it found last. */
async function settled(check: () => string[] | Promise<string[]>): Promise<string[]> {
  let wrong = await check();
  for (const end = performance.now() + REST_MS; wrong.length > 0 && performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    wrong = await check();
  }
  return wrong;
}

async function truthOf(world: World): Promise<Truth> {
  const truth: Truth = new Map();
  for (const { who } of world.people) {
    for (const id of world.conversations) truth.set(`${id} ${who.user_id}`, await freshState(who, id));
  }
  return truth;
}

async function allRows(world: World): Promise<Map<string, Rows>> {
  const rows = new Map<string, Rows>();
  for (const id of world.conversations) rows.set(id, await rowsOf(id));
  return rows;
}

async function inspect(world: World): Promise<string[]> {
  const rows = await allRows(world);
  const truth = await truthOf(world);
  const { deleted, replaced } = deadWords(world, rows);
  const words = [...deleted, ...replaced, ...world.ledger.words.keys()].slice(0, SEARCHES);
  const erased = await checkErased(world, rows);
  const wrong = [...rows].flatMap(([id, one]) => [
    ...checkKept(id, one, Date.now()),
    ...checkLog(world, id, one, Date.now()),
    ...checkPins(one),
    ...checkUnread(id, one, truth),
    ...checkSeen(world, id, one, truth),
  ]);
  wrong.push(...erased, ...(await checkFlagged(world.ledger)), ...(await checkDeleted(world, rows, truth)));
  wrong.push(...(await checkRequest(world, rows, truth)), ...(await checkFinding(world)));
  for (const actor of world.actors) {
    wrong.push(...checkHeard(world, actor, rows), ...checkFiltered(actor), ...checkSilences(world, actor));
  }
  for (const actor of world.people) {
    // The last totals are told half a second after the last event.
    wrong.push(...(await settled(() => checkTotals(actor, rows, truth))));
    wrong.push(
      ...(await checkLists(world, actor, truth)),
      ...(await checkSearch(world, actor, words, truth)),
      ...(await checkPinLists(world, actor, rows, truth)),
    );
  }
  wrong.push(...(await checkPhones(world)));
  return wrong;
}
