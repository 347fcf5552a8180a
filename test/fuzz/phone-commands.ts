/** What happens to phones in a run: tokens, owners, preferences, screens, and what providers answer. */
import type { Answer } from "../push/wire.ts";
import { realNow } from "./clock.ts";
import { asking, control, type Phone, register, renewToken } from "./phones.ts";
import type { World } from "./world.ts";

/** How often each happens. */
export const PHONE_WEIGHTS = {
  reopen: 2,
  renew: 1,
  move: 1,
  unregister: 1,
  wish: 2,
  look: 3,
  provider: 4,
} as const;

/** Of people: the two who are never choosy, so that nothing excuses a push that is missing; and the others. */
const CHOOSY = [2, 3, 4];
/** The phones that change hands: of the second and of the last person. */
const WANDERING = [2, 4];

/** The three numbers of a command. */
interface Command {
  a: number;
  b: number;
  c: number;
}

type Run = (world: World, command: Command) => Promise<unknown> | unknown;

function phoneOf({ ledger }: World, { a }: Command): Phone {
  const { phones } = ledger.push;
  return phones[a % phones.length] as Phone;
}

function wanderingOf({ ledger }: World, { a }: Command): Phone {
  return ledger.push.phones[WANDERING[a % WANDERING.length] ?? 0] as Phone;
}

function choosyOf(world: World, { a }: Command) {
  return world.cast[CHOOSY[a % CHOOSY.length] ?? 0] as World["people"][number];
}

/** From now on it is not known for certain what the phone has missed. */
function isDisturbed(phone: Phone): void {
  phone.covered_from = Number.POSITIVE_INFINITY;
}

/** The app starts and registers as it was. */
const reopen: Run = async (world, command) => {
  const phone = phoneOf(world, command);
  if (phone.owner) await register(phone, phone.owner);
};

/** The phone gets another token. */
const renew: Run = async (world, command) => {
  const phone = phoneOf(world, command);
  if (!phone.owner) return;
  renewToken(phone);
  await register(phone, phone.owner);
};

/** Another person signs in on a phone. */
const move: Run = async (world, command) => {
  const phone = wanderingOf(world, command);
  const [bob, eve] = [world.cast[1]?.who, world.cast[4]?.who];
  const next = phone.owner?.user_id === bob?.user_id ? eve : bob;
  if (!next) return;
  isDisturbed(phone);
  await register(phone, next);
};

/** Somebody signs out on a phone. */
const unregister: Run = async (world, command) => {
  const phone = wanderingOf(world, command);
  if (!phone.owner) return;
  isDisturbed(phone);
  const ending = await asking(phone.owner, "DELETE", `/devices/${phone.device_id}`);
  if (ending === "unknown") phone.isVague = true;
  if (ending !== "done") return;
  phone.owner = undefined;
  phone.owned_at = realNow();
};

const LEVELS = ["all", "mentions", "none"] as const;

/** Somebody sets what pushes: everywhere, or in one conversation, or mutes it. */
const wish: Run = async (world, command) => {
  const { push } = world.ledger;
  const { a, b, c } = command;
  const { who } = choosyOf(world, command);
  const level = LEVELS[c % LEVELS.length] ?? "all";
  const id = world.conversations[b % world.conversations.length] ?? "";
  if (c % 2 === 0) {
    const isMuted = a % 2 === 0;
    const began = realNow();
    const ending = await asking(who, "PATCH", `/conversations/${id}/preferences`, { is_muted: isMuted });
    push.muted(id, who.user_id, isMuted, ending, began);
    return;
  }
  if (b % 4 !== 0) {
    push.fussy.add(`${id} ${who.user_id}`);
    await asking(who, "PATCH", `/conversations/${id}/preferences`, {
      push_level: b % 8 === 1 ? null : level,
    });
    return;
  }
  push.fussy.add(who.user_id);
  if (level === "none") push.off.add(who.user_id);
  await asking(who, "PATCH", "/push-preferences", { level });
};

/** Somebody looks at a conversation on a device, or puts it away. */
const look: Run = async (world, command) => {
  const actor = choosyOf(world, command);
  if (!actor.isConnected) return;
  const conversation_id = world.conversations[command.b % world.conversations.length] ?? null;
  const foreground = command.c % 3 !== 0;
  await actor
    .ask({ type: "device.state", foreground, conversation_id: command.c % 4 === 0 ? null : conversation_id })
    .catch(() => undefined);
};

/** What a provider answers to the next pushes for a phone. A hanging one takes ten seconds of the real clock: seldom. */
function answerOf(provider: Phone["provider"], { b, c }: Command, mayDie: boolean): Answer {
  if (c % 41 === 0) return { behaviour: "hang" };
  if (mayDie && c % 9 === 0) return { reason: provider === "apns" ? "Unregistered" : "UNREGISTERED" };
  const answers: Answer[] = [
    { status: 429, headers: { "retry-after": String(1 + (b % 20)) } },
    { status: 500 },
    { status: 503 },
    { behaviour: "reset" },
    ...(provider === "apns" ? [{ status: 200, delay_ms: 10 + (b % 400) }] : []),
  ];
  return answers[c % answers.length] ?? {};
}

const provider: Run = async (world, command) => {
  const phone = phoneOf(world, command);
  const mayDie = phone.provider === "apns" && world.ledger.push.phones.indexOf(phone) === WANDERING[0];
  const answer = answerOf(phone.provider, command, mayDie);
  if (answer.reason) isDisturbed(phone);
  const times = answer.behaviour === "hang" || answer.reason ? 1 : 1 + (command.b % 3);
  await control.answer({ provider: phone.provider, token: phone.tokens.at(-1) ?? "", times, answer });
};

export const PHONE_RUNS: Record<keyof typeof PHONE_WEIGHTS, Run> = {
  reopen,
  renew,
  move,
  unregister,
  wish,
  look,
  provider,
};
