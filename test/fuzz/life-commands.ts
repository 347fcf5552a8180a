/**
 * What apps and their backends do to what was said: an app starts again with what its store has, a group keeps messages for a day, a
 * filter finds a word, a person is erased.
 */
import { ApiError } from "@rocket-chat-api/client";
import { eraseAccount } from "./erasure.ts";
import { FOUL, foulText } from "./filters.ts";
import { endingOf } from "./ledger.ts";
import { possible, type World } from "./world.ts";

/** How often each happens. */
export const LIFE_WEIGHTS = { reload: 4, keepFor: 1, foul: 3, erase: 1 } as const;

/** The three numbers of a command. */
interface Command {
  a: number;
  b: number;
  c: number;
}

type Run = (world: World, command: Command) => Promise<unknown> | unknown;

const DAY_MS = 86_400_000;
/** How long a group keeps messages, in days. */
const DAYS = 1;

function pick<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T;
}

/** What waited in the outbox may go out once more, or not at all: the promise of it is gone with the app. */
const reload: Run = async (world, { a }) => {
  const actor = pick(
    world.actors.filter(({ hasStore }) => hasStore),
    a,
  );
  for (const sent of world.ledger.sent) {
    if (sent.client === actor.client && sent.ending === undefined) sent.ending = "unknown";
  }
  await actor.reload();
};

/** One of the groups. */
const groupOf = ({ conversations }: World, { b }: Command) => conversations[1 + (b % 2)] ?? "";

/** A group keeps messages for a day, or for good. */
const keepFor: Run = async (world, command) => {
  const id = groupOf(world, command);
  const retention_days = command.c % 3 === 0 ? null : DAYS;
  const { rest } = pick(world.people, command.b % 2 === 0 ? 0 : 2).client;
  const attempt = rest.updateConversation({ conversation_id: id, settings: { retention_days } });
  const ending = await world.ledger.ending(attempt);
  if (retention_days === null) return;
  if (ending !== "refused") world.ledger.keepers.add(id);
  mayBeGone(world);
};

/** Messages that are old enough, where messages are or were not kept for good, may be deleted from now on. */
export function mayBeGone({ ledger }: World): void {
  for (const sent of ledger.arrived) {
    const isOld = Date.parse(sent.message.created_at) <= Date.now() - DAYS * DAY_MS;
    if (isOld && ledger.keepers.has(sent.conversation_id)) sent.isDeleted.attempted(true, "unknown");
  }
}

/** Says something that a filter finds. */
const foul: Run = async (world, { a, b, c }) => {
  const { client, who } = pick(world.people, a);
  const places = world.conversations.filter((id) => possible(world, id, who.user_id).has(true));
  const conversation_id = pick(places.length > 0 ? places : world.conversations, b);
  const kind = pick(FOUL, c);
  const word = world.ledger.newWord();
  const sent = world.ledger.say(word, conversation_id, who.user_id, crypto.randomUUID());
  const { said, shown } = foulText(kind, word);
  sent.content.attempted(shown, "done");
  sent.isFoul = true;
  try {
    const { client_message_id } = sent;
    sent.message = await client.rest.sendMessage({
      ...{ conversation_id, type: "text", content: said, client_message_id },
    });
    sent.ending = "done";
    world.ledger.acknowledged += 1;
  } catch (error) {
    sent.ending = endingOf(error);
    if (!(error instanceof ApiError)) return;
  }
  if (kind === "reject" && sent.ending === "done") throw new Error(`${word} was not rejected`);
  if (sent.message && sent.message.content !== shown)
    throw new Error(`${word} is answered as ${sent.message.content}, should be ${shown}`);
  if (kind === "flag" && sent.ending === "done") world.ledger.flagged.add(word);
};

const erase: Run = async (world, { a, c }) => {
  // Those who made the groups stay.
  const victim = pick(world.people.slice(3), a);
  await eraseAccount(world, victim, c % 2 === 0 ? "erase" : "anonymise");
};

export const LIFE_RUNS: Record<keyof typeof LIFE_WEIGHTS, Run> = { reload, keepFor, foul, erase };
