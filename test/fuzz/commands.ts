/** What may happen in a run. A command is a name and three numbers, which the world gives their meaning. */
import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { seqOf } from "@rocket-chat-api/client";
import fc from "fast-check";
import { faults } from "../worker/faults.ts";
import type { Actor } from "./actor.ts";
import { addUnlessBlocked, checkedSend } from "./blocks.ts";
import { moveClock, realNow } from "./clock.ts";
import { endingOf, Possible, type Sent } from "./ledger.ts";
import { LIFE_RUNS, LIFE_WEIGHTS, mayBeGone } from "./life-commands.ts";
import { MODERATION_RUNS, MODERATION_WEIGHTS } from "./moderation-commands.ts";
import { PHONE_RUNS, PHONE_WEIGHTS } from "./phone-commands.ts";
import { checkVerdict, verdictOn } from "./pins.ts";
import { SAFETY_RUNS, SAFETY_WEIGHTS } from "./safety-commands.ts";
import { objectsOf, possible, type World } from "./world.ts";

/** How often each happens. */
const WEIGHTS = {
  send: 24,
  post: 6,
  retry: 4,
  edit: 6,
  delete: 3,
  hide: 2,
  react: 5,
  unreact: 3,
  pin: 6,
  unpin: 3,
  allow: 2,
  read: 6,
  add: 4,
  remove: 2,
  leave: 1,
  role: 2,
  rename: 2,
  introduce: 1,
  settings: 1,
  connect: 8,
  drop: 4,
  hangUp: 2,
  stop: 2,
  resume: 3,
  evict: 4,
  abort: 1,
  d1Down: 2,
  d1Up: 3,
  forward: 2,
  day: 1,
  breathe: 8,
  ...PHONE_WEIGHTS,
  ...MODERATION_WEIGHTS,
  ...LIFE_WEIGHTS,
  ...SAFETY_WEIGHTS,
} as const;

type Name = keyof typeof WEIGHTS;

export interface Command {
  name: Name;
  /** Usually who, where, and what. */
  a: number;
  b: number;
  c: number;
}

const number = fc.nat({ max: 9_999 });
const name = fc.oneof(
  ...Object.entries(WEIGHTS).map(([value, weight]) => ({
    arbitrary: fc.constant(value as Name),
    weight,
  })),
);

/** A run of so many commands. */
export function scripts(steps: number): fc.Arbitrary<Command[]> {
  const command = fc.record({ name, a: number, b: number, c: number });
  return fc.array(command, { minLength: steps, maxLength: steps });
}

const EMOJI = ["👍", "🎉", "❤️"];
/** Seconds that the clock jumps: short of everything, past a backoff, past a disappearing message, past a token. */
const JUMPS = [1, 30, 90, 3_700];

/** Seconds after which whatever is kept for a day is gone: a message goes up to an hour later than it may. */
const DAY_AND_SLACK = 25 * 3_600 + 60;

function pick<T>(list: readonly T[], index: number): T | undefined {
  return list[index % list.length];
}

/** The device that a command is about. */
function actorOf(world: World, { a }: Command): Actor {
  const actor = pick(world.actors, a);
  if (!actor) throw new Error("nobody");
  return actor;
}

/** Mostly where they are in, for all that is known. */
function placeOf(world: World, actor: Actor, { b, c }: Command): string {
  const { user_id } = actor.who;
  // Who answers a request accepts it: seldom.
  const isLeft = (id: string) => c % 8 !== 0 && isAsked(world, id, user_id);
  const places = world.conversations.filter((id) => possible(world, id, user_id).has(true) && !isLeft(id));
  return (
    actor.only ?? pick(b % 10 === 0 ? world.conversations : places, b) ?? pick(world.conversations, b) ?? ""
  );
}

/** Whether a conversation begins as a request to somebody. */
function isAsked({ ledger: { request } }: World, id: string, userId: string): boolean {
  return request?.conversation_id === id && request.asked_id === userId;
}

/** Mostly somebody who may: the one who made the group, as long as they own it. */
function managerOf(world: World, command: Command): Actor {
  const founder = world.people[command.b % 2 === 0 ? 0 : 2];
  return command.a % 4 === 0 || !founder ? actorOf(world, command) : founder;
}

/** A message that has arrived, new ones more often than old ones. */
function messageOf(world: World, { c }: Command) {
  const there = new Set(world.people.map(({ who }) => who.user_id));
  const arrived = world.ledger.arrived.filter(({ sender_id }) => there.has(sender_id));
  return c % 3 === 0 ? pick(arrived, c) : arrived.at(-1 - (c % Math.max(Math.min(arrived.length, 8), 1)));
}

function bySender(world: World, sent: Sent): Actor {
  const actor = world.people.find((one) => one.who.user_id === sent.sender_id);
  if (!actor) throw new Error("nobody");
  return actor;
}

/** Mostly somebody who may have heard it. */
function hearerOf(world: World, command: Command, { conversation_id }: Sent): Actor {
  const hearers = world.actors.filter((actor) =>
    possible(world, conversation_id, actor.who.user_id).has(true),
  );
  return (command.a % 10 === 0 ? undefined : pick(hearers, command.a)) ?? actorOf(world, command);
}

/** What a message says: mostly a word, sometimes an answer, sometimes to somebody. */
function draftOf(world: World, id: string, word: string, { c }: Command) {
  const quoted = world.ledger.arrived.findLast((sent) => sent.conversation_id === id);
  const called = pick(world.people, c)?.who.username;
  return {
    content: word,
    ...(c % 4 === 1 && quoted && { reply_to_message_id: quoted.message.message_id }),
    ...(c % 5 === 2 && { metadata: { mentions: [c % 2 === 0 ? `@${called}` : "@all"] } }),
  };
}

/** @param tries whether it was tried more than once: the last refusal then says nothing of the attempts before. */
function settle(
  sent: Sent,
  attempt: Promise<NonNullable<Sent["message"]>>,
  world: World,
  tries: "once" | "often",
): Promise<void> {
  return attempt.then(
    (message) => {
      // A retry is answered with what has become of the message since.
      sent.message ??= message;
      sent.ending = "done";
      world.ledger.acknowledged += 1;
    },
    (error) => {
      sent.ending = tries === "once" ? endingOf(error) : "unknown";
    },
  );
}

type Run = (world: World, command: Command) => Promise<unknown> | unknown;

/** Sends through the outbox and does not wait: it is on its way while other things happen. */
const send: Run = (world, command) => {
  const actor = actorOf(world, command);
  const id = placeOf(world, actor, command);
  const word = world.ledger.newWord();
  const sent = world.ledger.say(word, id, actor.who.user_id, "");
  sent.client = actor.client;
  void settle(sent, actor.client.send(id, draftOf(world, id, word, command)), world, "often");
};

const post: Run = async (world, command) => {
  const actor = actorOf(world, command);
  const id = placeOf(world, actor, command);
  const word = world.ledger.newWord();
  const sent = world.ledger.say(word, id, actor.who.user_id, crypto.randomUUID());
  const draft = { type: "text" as const, client_message_id: sent.client_message_id };
  await settle(
    sent,
    checkedSend(world, actor.who, id, async () => {
      const said = { conversation_id: id, ...draft, ...draftOf(world, id, word, command) };
      return await actor.client.rest.sendMessage(said);
    }),
    world,
    "once",
  );
};

/** The same again: the first message comes back. Or the same id with other words: refused. */
const retry: Run = async (world, command) => {
  const sent = messageOf(world, command);
  const first = sent?.message;
  if (!sent || sent.isFoul || !first?.client_message_id) return;
  const { client_message_id, metadata, reply_to } = first;
  const content = command.a % 4 === 0 ? world.ledger.newWord() : sent.word;
  const again = {
    conversation_id: sent.conversation_id,
    type: "text" as const,
    content,
    client_message_id,
    reply_to_message_id: reply_to?.message_id ?? null,
    ...(metadata && { metadata }),
  };
  const attempt = bySender(world, sent).client.rest.sendMessage(again);
  const answer = await attempt.catch((error) => endingOf(error));
  if (typeof answer === "string") return;
  if (answer.message_id !== first.message_id) throw new Error(`${sent.word} was doubled by a retry`);
  if (content !== sent.word && !sent.isDeleted.has(true) && first.expires_at === null) {
    throw new Error(`${client_message_id} was taken for another message's`);
  }
};

const edit: Run = async (world, command) => {
  const sent = messageOf(world, command);
  if (!sent) return;
  const word = world.ledger.newWord();
  world.ledger.words.set(word, sent);
  const { rest } = bySender(world, sent).client;
  const ending = await world.ledger.ending(
    rest.editMessage({ message_id: sent.message.message_id, content: word }),
  );
  sent.content.attempted(word, ending);
  if (ending === "done") world.ledger.silenced(sent, word);
};

const remove: Run = async (world, command) => {
  const sent = messageOf(world, command);
  if (!sent) return;
  const { rest } = bySender(world, sent).client;
  const { message_id } = sent.message;
  const ending = await world.ledger.ending(rest.deleteMessage({ message_id, delete_for_everyone: true }));
  sent.isDeleted.attempted(true, ending);
  if (ending === "done") world.ledger.silenced(sent, undefined);
};

const hide: Run = async (world, command) => {
  const sent = messageOf(world, command);
  if (!sent) return;
  const actor = hearerOf(world, command, sent);
  const { message_id } = sent.message;
  const ending = await world.ledger.ending(actor.client.rest.deleteMessage({ message_id }));
  attempted(sent.hiddenBy, actor.who.user_id, true, ending);
  const { words, push } = world.ledger;
  if (ending !== "done") return;
  for (const [word, one] of words)
    if (one === sent) push.hidden.set(`${word} ${actor.who.user_id}`, realNow());
};

function attempted(
  map: Map<string, Possible<boolean>>,
  key: string,
  value: boolean,
  ending: "done" | "refused" | "unknown",
) {
  const known = map.get(key) ?? new Possible(false);
  map.set(key, known);
  known.attempted(value, ending);
}

const react =
  (isThere: boolean): Run =>
  async (world, command) => {
    const sent = messageOf(world, command);
    if (!sent) return;
    const { client, who } = hearerOf(world, command, sent);
    const emoji = pick(EMOJI, command.b) ?? "";
    const { rest } = client;
    const reaction = { message_id: sent.message.message_id, emoji };
    const attempt = isThere ? rest.addReaction(reaction) : rest.removeReaction(reaction);
    attempted(sent.reactions, `${who.user_id} ${emoji}`, isThere, await world.ledger.ending(attempt));
  };

/** Mostly by who may see the message, half of the time a manager of the first group; over REST or a socket. */
const pin =
  (isPinned: boolean): Run =>
  async (world, command) => {
    const sent = messageOf(world, command);
    if (!sent) return;
    const actor =
      command.a % 2 === 0 ? hearerOf(world, command, sent) : founderOf(world, sent.conversation_id);
    const { message_id, conversation_id, seq } = sent.message;
    const { rest } = actor.client;
    const attempt = async () => {
      const isLive =
        command.b % 2 === 0 && actor.isConnected && (actor.only ?? conversation_id) === conversation_id;
      if (isLive) return await actor.ask({ type: isPinned ? "message.pin" : "message.unpin", message_id });
      return await (isPinned ? rest.pinMessage({ message_id }) : rest.unpinMessage({ message_id }));
    };
    const user = actor.who.user_id;
    const before = await verdictOn(conversation_id, user, seq, isPinned);
    const error = await attempt().then(
      () => undefined,
      (reason) => reason,
    );
    const after = await verdictOn(conversation_id, user, seq, isPinned);
    checkVerdict(before === after ? before : undefined, error, `${actor.who.username}, ${sent.word}`);
    const ending = await world.ledger.ending(error === undefined ? Promise.resolve() : Promise.reject(error));
    sent.pinnedBy.changed((by) => (isPinned ? (by ?? user) : null), ending);
  };

/** Who made a conversation: an owner or a manager, unless they left or gave it away. */
function founderOf(world: World, id: string): Actor {
  const founder = world.people[world.conversations.indexOf(id) === 2 ? 2 : 0];
  if (!founder) throw new Error("nobody");
  return founder;
}

/** Who may pin in a group. */
const allow: Run = async (world, command) => {
  const { rest } = managerOf(world, command).client;
  const settings = { who_can_pin: command.c % 2 === 0 ? ("everyone" as const) : ("admins" as const) };
  await world.ledger.ending(rest.updateConversation({ conversation_id: groupOf(world, command), settings }));
};

const read: Run = async (world, command) => {
  const sent = messageOf(world, command);
  if (!sent) return;
  const { client, who } = hearerOf(world, command, sent);
  const { conversation_id, message_id } = sent.message;
  const attempt =
    command.b % 2 === 0
      ? client.read(message_id)
      : client.rest.markAsRead({ conversation_id, up_to_message_id: message_id });
  if ((await world.ledger.ending(attempt)) !== "done") return;
  const key = `${sent.conversation_id} ${who.user_id}`;
  world.ledger.read.set(key, Math.max(seqOf(message_id), world.ledger.read.get(key) ?? 0));
  const { user_id } = who;
  world.ledger.push.reads.push({ conversation_id, user_id, seq: seqOf(message_id), at: realNow() });
};

/** One of the groups: in a direct chat nobody comes or goes. */
const groupOf = (world: World, { b }: Command) => world.conversations[1 + (b % 2)] ?? "";

const add: Run = async (world, command) => {
  const id = groupOf(world, command);
  const user = pick(world.people, command.c)?.who.user_id ?? "";
  const attempt = addUnlessBlocked(world, managerOf(world, command), id, user);
  possible(world, id, user).attempted(true, await world.ledger.ending(attempt));
};

const expel: Run = async (world, command) => {
  const id = groupOf(world, command);
  const user = pick(world.people, command.c)?.who.user_id ?? "";
  const attempt = managerOf(world, command).client.rest.removeParticipant({
    conversation_id: id,
    user_id: user,
  });
  possible(world, id, user).attempted(false, await world.ledger.ending(attempt));
};

const leave: Run = async (world, command) => {
  const id = groupOf(world, command);
  const { client, who } = actorOf(world, command);
  const attempt = client.rest.leaveConversation({ conversation_id: id });
  possible(world, id, who.user_id).attempted(false, await world.ledger.ending(attempt));
};

const role: Run = async (world, command) => {
  const user = pick(world.people, command.c)?.who.user_id ?? "";
  const to = pick(["admin", "member", "owner", "moderator"] as const, command.c >> 3) ?? "member";
  const { rest } = managerOf(world, command).client;
  const attempt = rest.changeRole({ conversation_id: groupOf(world, command), user_id: user, role: to });
  await world.ledger.ending(attempt);
};

const rename: Run = async (world, command) => {
  const { rest } = managerOf(world, command).client;
  const conversation_id = groupOf(world, command);
  await world.ledger.ending(rest.updateConversation({ conversation_id, name: `Name ${command.c}` }));
};

/** Somebody takes another name, and is known by it where they next do something. */
const introduce: Run = async (world, command) => {
  const { rest } = actorOf(world, command).client;
  await world.ledger.ending(rest.updateMe({ display_name: `Called ${command.c}` }));
};

const settings: Run = async (world, command) => {
  const { rest } = managerOf(world, command).client;
  const disappearing = { disappearing_messages_enabled: command.c % 2 === 0, disappearing_ttl_seconds: 60 };
  const conversation_id = groupOf(world, command);
  await world.ledger.ending(rest.updateConversation({ conversation_id, settings: disappearing }));
};

const evict: Run = async (world, command) => {
  const { conversations, hubs } = objectsOf(world);
  const stub = pick<DurableObjectStub>([...conversations, ...hubs], command.b);
  const webSockets = command.c % 4 === 0 ? "close" : "hibernate";
  // An object that is not running cannot be evicted.
  if (stub) await evictDurableObject(stub, { webSockets }).catch(() => undefined);
};

/** The clock jumps, and every alarm rings, as it would have in the meantime. */
export async function forward(world: World, seconds: number): Promise<void> {
  moveClock(seconds * 1000);
  for (const sent of world.ledger.arrived) {
    const { expires_at } = sent.message;
    if (expires_at !== null && Date.parse(String(expires_at)) <= Date.now())
      world.ledger.silenced(sent, undefined);
  }
  mayBeGone(world);
  const { conversations, hubs } = objectsOf(world);
  await Promise.all(
    [...conversations, ...hubs].map((stub) => runDurableObjectAlarm(stub).catch(() => false)),
  );
}

const RUNS: Record<Name, Run> = {
  send,
  post,
  retry,
  edit,
  delete: remove,
  hide,
  react: react(true),
  unreact: react(false),
  pin: pin(true),
  unpin: pin(false),
  allow,
  read,
  add,
  remove: expel,
  leave,
  role,
  rename,
  introduce,
  settings,
  connect: (world, command) => actorOf(world, command).client.start(),
  drop: (world, command) => actorOf(world, command).cut(command.c % 2 === 0),
  hangUp: (world, command) => actorOf(world, command).hangUp(),
  stop: (world, command) => actorOf(world, command).stop(),
  resume: (world, command) => actorOf(world, command).client.reconnect(),
  evict,
  abort: () => abortAllDurableObjects(),
  d1Down: () => {
    faults.d1Down = true;
  },
  d1Up: () => {
    faults.d1Down = false;
  },
  forward: (world, { c }) => forward(world, pick(JUMPS, c) ?? 1),
  // An erasure that is not done within a day has failed.
  day: (world) => (world.ledger.erased ? undefined : forward(world, DAY_AND_SLACK)),
  ...PHONE_RUNS,
  ...MODERATION_RUNS,
  ...LIFE_RUNS,
  ...SAFETY_RUNS,
  breathe: (_, { c }) => new Promise((resolve) => setTimeout(resolve, c % 10)),
};

/** Does one. */
export async function run(world: World, command: Command): Promise<void> {
  await RUNS[command.name](world, command);
}
