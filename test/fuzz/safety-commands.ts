/** What keeps people apart in a run: blocks, and a request that is accepted or declined. */
import { turn } from "./blocks.ts";
import { SAFETY } from "./options.ts";
import { answerRequest } from "./requests.ts";
import type { World } from "./world.ts";

/** How often each happens. */
export const SAFETY_WEIGHTS = SAFETY
  ? { block: 4, unblock: 4, answer: 2 }
  : { block: 0, unblock: 0, answer: 0 };

/** The three numbers of a command. */
interface Command {
  a: number;
  b: number;
  c: number;
}

type Run = (world: World, command: Command) => Promise<unknown> | unknown;

const block: Run = async (world, { a, b }) => {
  const blocker = world.people[a % world.people.length];
  const others = world.people.filter((one) => one !== blocker);
  const blocked = others[b % others.length];
  if (blocker && blocked) await turn(world, blocker, blocked.who, true);
};

/** Mostly a block that there is. */
const unblock: Run = async (world, command) => {
  const there = [...world.ledger.blocks].filter(([, is]) => is.has(true)).map(([key]) => key.split(" "));
  const [by, of] = there[command.b % Math.max(1, there.length)] ?? [];
  const find = (id: string | undefined) => world.people.find(({ who }) => who.user_id === id);
  const [blocker, blocked] = [find(by) ?? world.people[command.a % world.people.length], find(of)];
  if (blocker && blocked && blocker !== blocked) await turn(world, blocker, blocked.who, false);
};

/** Mostly who was asked, and mostly they decline. */
const answer: Run = async (world, { a, c }) => {
  const { asked_id, asker_id } = world.ledger.request ?? {};
  const id = a % 5 === 0 ? asker_id : asked_id;
  const actor = world.people.find(({ who }) => who.user_id === id);
  if (actor) await answerRequest(world, actor, c % 4 === 0);
};

export const SAFETY_RUNS: Record<keyof typeof SAFETY_WEIGHTS, Run> = { block, unblock, answer };
