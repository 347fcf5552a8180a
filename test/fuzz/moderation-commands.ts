/** What moderators do in a run: mutes and bans, some of which delete what was said. */
import type { World } from "./world.ts";
import { possible } from "./world.ts";

/** How often each happens. */
export const MODERATION_WEIGHTS = { mute: 2, unmute: 2, ban: 2, unban: 2 } as const;

/** The three numbers of a command. */
interface Command {
  a: number;
  b: number;
  c: number;
}

type Run = (world: World, command: Command) => Promise<unknown> | unknown;

/** One of the groups. */
const groupOf = ({ conversations }: World, { b }: Command) => conversations[1 + (b % 2)] ?? "";

/** Who does it: mostly the one who made the group. And to whom. */
function castOf(world: World, { a, b, c }: Command) {
  const { people } = world;
  const founder = people[b % 2 === 0 ? 0 : 2];
  const actor = a % 3 === 0 ? people[a % people.length] : founder;
  const target = people[c % people.length];
  if (!actor || !target) throw new Error("nobody");
  return { rest: actor.client.rest, user_id: target.who.user_id };
}

/** Of three: until somebody takes it back, over with the next jump of the clock, over at once. */
const endOf = ({ c }: Command) =>
  c % 3 === 0 ? null : new Date(Date.now() + (c % 3 === 1 ? 20_000 : 50)).toISOString();

const mute: Run = async (world, command) => {
  const { rest, user_id } = castOf(world, command);
  const input = { until: endOf(command), announce: command.a % 2 === 0 };
  await world.ledger.ending(
    rest.muteParticipant({ conversation_id: groupOf(world, command), user_id, ...input }),
  );
};

const unmute: Run = async (world, command) => {
  const { rest, user_id } = castOf(world, command);
  const input = { announce: command.a % 2 === 0 };
  await world.ledger.ending(
    rest.unmuteParticipant({ conversation_id: groupOf(world, command), user_id, ...input }),
  );
};

/** Whatever was acknowledged before is deleted; of what is on its way it is not known. */
const ban: Run = async (world, command) => {
  const { rest, user_id } = castOf(world, command);
  const conversation_id = groupOf(world, command);
  const delete_messages = command.a % 4 === 0 ? "all" : "none";
  const said = world.ledger.sent.filter(
    (sent) => sent.sender_id === user_id && sent.conversation_id === conversation_id,
  );
  const before = new Set(said.filter(({ message }) => message !== undefined));
  const ending = await world.ledger.ending(
    // Announced, so that the history tells how long they were in.
    rest.banUser({ conversation_id, user_id, until: endOf(command), delete_messages, announce: true }),
  );
  possible(world, conversation_id, user_id).attempted(false, ending);
  if (delete_messages === "none") return;
  for (const sent of said) {
    const isCertain = before.has(sent);
    sent.isDeleted.attempted(true, ending === "done" && !isCertain ? "unknown" : ending);
    if (ending === "done" && isCertain) world.ledger.silenced(sent, undefined);
  }
};

const unban: Run = async (world, command) => {
  const { rest, user_id } = castOf(world, command);
  await world.ledger.ending(
    rest.unbanUser({ conversation_id: groupOf(world, command), user_id, announce: command.a % 2 === 0 }),
  );
};

export const MODERATION_RUNS: Record<keyof typeof MODERATION_WEIGHTS, Run> = { mute, unmute, ban, unban };
