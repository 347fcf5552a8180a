/** Unread totals (rule 30): what every device was told last, GET /unread, the list, and the rows added up once more. */
import { evictDurableObject } from "cloudflare:test";
import type { ConversationListItem, UnreadTotals } from "@rocket-chat-api/client";
import { hubObject } from "../worker/kit.ts";
import type { Actor } from "./actor.ts";
import { realNow } from "./clock.ts";
import { type Command, run } from "./commands.ts";
import { differences, type Truth } from "./convergence.ts";
import { reopenApps } from "./phones.ts";
import { countsNot } from "./requests.ts";
import type { Rows } from "./rows.ts";
import { unreadIn } from "./unread.ts";
import type { World } from "./world.ts";

/** What is done again after all faults, so that the totals follow one change after another. */
const CALM: ReadonlySet<Command["name"]> = new Set<Command["name"]>([
  "send",
  "post",
  "edit",
  "delete",
  "hide",
  "read",
  "add",
  "remove",
  "react",
]);
/** How many of them. */
const STEPS = 12;

/**
 * Everybody connects again, which tells every hub what is right, and some more is done without faults. A hub that was put
 * to sleep by force a moment after a change knows less until then: the directory lags by two seconds. Of a group that its user was
 * removed from in that moment nobody tells it any more, so such hubs begin again.
 */
export async function beCalm(world: World, script: readonly Command[]): Promise<void> {
  await restartHubs(world);
  const following = world.people.map(({ client }) => client);
  for (const client of following) client.reconnect();
  await Promise.all(following.map(connected));
  await Promise.all(following.map((client) => client.refresh()));
  await reopenApps(world.ledger.push);
  const commands = script.filter(({ name }) => CALM.has(name)).slice(-STEPS);
  for (const command of commands) {
    await mute(world, command);
    await run(world, { ...command, a: command.a + 1, c: command.c + 1 });
  }
}

/** Puts the hubs of those to sleep who are out of a group. */
async function restartHubs(world: World): Promise<void> {
  for (const { who } of world.people) {
    const isOut = world.conversations.some(
      (id) => world.ledger.members.get(`${id} ${who.user_id}`)?.certain === false,
    );
    if (isOut)
      await evictDurableObject(hubObject(who.user_id), { webSockets: "close" }).catch(() => undefined);
  }
}

async function connected(client: Actor["client"]): Promise<void> {
  if (client.status === "open") {
    await new Promise<void>((resolve) => {
      const stop = client.on("status", () => {
        stop();
        resolve();
      });
    });
  }
  while (client.status !== "open") await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Now and then somebody mutes a conversation, or no longer. Who is not in is refused. */
async function mute(world: World, { a, b, c }: Command): Promise<void> {
  if (c % 3 !== 0) return;
  const client = world.people[a % world.people.length]?.client;
  const id = world.conversations[b % world.conversations.length] ?? "";
  const is_muted = (a + b) % 2 === 0;
  const { user_id } = world.people[a % world.people.length]?.who ?? {};
  const began = realNow();
  const ending = await world.ledger.ending(
    client?.rest.updatePreferences(id, { is_muted }) ?? Promise.resolve(),
  );
  world.ledger.push.muted(id, user_id ?? "", is_muted, ending, began);
}

/** What somebody's totals should be: by the rows of every conversation that they are in. */
function recounted(
  actor: Actor,
  rows: ReadonlyMap<string, Rows>,
  truth: Truth,
  muted: Set<string>,
): UnreadTotals {
  const sum = { messages: 0, mentions: 0, conversations: 0, muted_messages: 0 };
  for (const [id, one] of rows) {
    if (countsNot(one, actor.who.user_id)) continue;
    const unread = unreadIn(one, actor.who.user_id) ?? 0;
    if (muted.has(id)) sum.muted_messages += unread;
    else {
      sum.messages += unread;
      sum.mentions += truth.get(`${id} ${actor.who.user_id}`)?.unread_mentions ?? 0;
      sum.conversations += Number(unread > 0);
    }
  }
  return sum;
}

function sumOf(items: ConversationListItem[]): UnreadTotals {
  const sum = { messages: 0, mentions: 0, conversations: 0, muted_messages: 0 };
  for (const { is_muted, is_request, unread_count, unread_mentions } of items) {
    if (is_request) continue;
    if (is_muted) sum.muted_messages += unread_count;
    else {
      sum.messages += unread_count;
      sum.mentions += unread_mentions;
      sum.conversations += Number(unread_count > 0);
    }
  }
  return sum;
}

/** What a device was told last. */
function toldTo(actor: Actor): UnreadTotals | null | undefined {
  for (const event of actor.heard.toReversed()) {
    if (event.type === "unread.total") return event.data;
    if (event.type === "connection.established") return event.data.unread;
  }
  return undefined;
}

/** Holds the totals of one person against each other. */
export async function checkTotals(
  actor: Actor,
  rows: ReadonlyMap<string, Rows>,
  truth: Truth,
): Promise<string[]> {
  const { rest } = actor.client;
  const { conversations } = await rest.conversations({ limit: 100 });
  const muted = new Set(conversations.filter((item) => item.is_muted).map((item) => item.conversation_id));
  const should = recounted(actor, rows, truth, muted);
  const all = {
    list: sumOf(conversations),
    "GET /unread": await rest.unread(),
    told: toldTo(actor),
    client: actor.client.unread,
  };
  return Object.entries(all).flatMap(([name, totals]) =>
    differences(totals, should).map((what) => `totals of ${actor.who.username} (${name}): ${what}`),
  );
}
