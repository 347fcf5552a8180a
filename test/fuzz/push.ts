/**
 * Phones (rule 27): what they show at rest, held against the rows, and whatever came that must not have come.
 *
 * At rest a phone shows one notification for each conversation with unread messages: of the newest one, with its text of now and
 * the count, and the badge is the total. Nothing that was read, deleted or hidden is on a screen.
 */

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { seqOf } from "@rocket-chat-api/client";
import { type Shown, screenOf } from "../push/screen.ts";
import type { ReceivedPush } from "../push/wire.ts";
import { hubObject } from "../worker/kit.ts";
import type { Actor } from "./actor.ts";
import { forward } from "./commands.ts";
import { type Phone, pushesTo } from "./phones.ts";
import { checkPushes, dataOf, LATE_MS } from "./pushes.ts";
import { type Rows, rowsOf } from "./rows.ts";
import { unreadMessagesIn } from "./unread.ts";
import { objectsOf, type World } from "./world.ts";

/** Until phones show what they should, in milliseconds: a provider that hangs has ten seconds. */
const REST_MS = 14_000;
/** Seconds that the clock jumps while something is waited for: further than any retry. */
const JUMP_S = 61;

/** Whether phones are looked at when all is at rest, beside every push that came: `npm run fuzz -- --screens`. */
const { screens }: { screens: boolean } = JSON.parse(env.FUZZ);

/** Everything that is wrong with the phones. */
export async function checkPhones(world: World): Promise<string[]> {
  const end = performance.now() + REST_MS;
  await ring(world);
  let wrong = screens ? await wrongScreens(world) : [];
  for (let round = 1; wrong.length > 0 && performance.now() < end; round++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (round % 20 === 10) await forward(world, JUMP_S);
    else await ring(world);
    wrong = await wrongScreens(world);
  }
  const { phones } = world.ledger.push;
  for (const phone of phones) wrong.push(...checkPushes(world, phone, await pushesTo(phone)));
  return wrong;
}

async function ring(world: World): Promise<void> {
  const { conversations, hubs } = objectsOf(world);
  await Promise.all(
    [...conversations, ...hubs].map((stub) => runDurableObjectAlarm(stub).catch(() => false)),
  );
}

async function wrongScreens(world: World): Promise<string[]> {
  const rows = new Map<string, Rows>();
  for (const id of world.conversations) rows.set(id, await rowsOf(id));
  const wrong: string[] = [];
  for (const phone of world.ledger.push.phones) {
    const owner = world.people.find(({ who }) => who.user_id === phone.owner?.user_id);
    if (!owner || phone.isVague) continue;
    const { owned_at } = phone;
    const isMember = (id: string) => {
      const one = rows.get(id);
      return one !== undefined && unreadMessagesIn(one, owner.who.user_id) !== undefined;
    };
    // What was on its way when the phone changed hands was for the owner before.
    const isTheirs = (push: ReceivedPush) =>
      owned_at === 0 ||
      push.at > owned_at + LATE_MS ||
      dataOf(push).type === "badge" ||
      isMember(dataOf(push).conversation_id);
    const pushes = (await pushesTo(phone)).filter((push) => push.at >= owned_at && isTheirs(push));
    const found = await checkScreen(world, { phone, owner, pushes, rows });
    const place = `phone ${world.ledger.push.phones.indexOf(phone)} of ${owner.who.username}`;
    wrong.push(...found.map((what) => `${place}: ${what}`));
  }
  return wrong;
}

interface Case {
  phone: Phone;
  owner: Actor;
  pushes: ReceivedPush[];
  rows: ReadonlyMap<string, Rows>;
}

async function checkScreen(world: World, its: Case): Promise<string[]> {
  const { phone, owner, pushes, rows } = its;
  const { shown, badge } = screenOf(pushes);
  const wrong: string[] = [];
  // A token that died stays dead until the app starts: nothing is sure of such a phone.
  const diedAt = Math.max(
    0,
    ...pushes.filter(({ status }) => status === 404 || status === 410).map(({ at }) => at),
  );
  if (diedAt > 0 && diedAt >= phone.covered_from) return [];
  const log = await skipsOf(owner, phone);
  for (const [id, one] of rows) {
    const its = shown.filter(({ tag }) => tag === id);
    const place = `in ${world.conversations.indexOf(id)}`;
    wrong.push(...checkShown(world, owner, id, one, its).map((what) => `${place} ${what}`));
    wrong.push(
      ...checkCovered(world, its, { phone, owner, id, rows: one, log }).map((what) => `${place} ${what}`),
    );
  }
  wrong.push(...(await checkBadge(world, owner, badge)));
  return wrong;
}

/** What is shown is unread, is what the message says now, and has the count. */
function checkShown(world: World, { who }: Actor, id: string, rows: Rows, shown: Shown[]): string[] {
  const { push } = world.ledger;
  const isOff = push.off.has(who.user_id);
  const member = rows.members.find(({ user_id, left_seq }) => user_id === who.user_id && left_seq === null);
  if (!member) return shown.map(({ data }) => `shows ${data.seq}, and they are not in`);
  return shown.flatMap(({ data, body, title }) => {
    const seq = Number(data.seq);
    if (isOff) return [];
    if (seq <= member.last_read_seq) return [`shows ${seq}, read up to ${member.last_read_seq}`];
    const row = rows.messages.find((one) => one.seq === seq);
    if (row?.type === "system") return [];
    const unread = unreadMessagesIn(rows, who.user_id) ?? [];
    if (!unread.some((one) => one.seq === seq)) return [`shows ${seq}, which is gone`];
    const wrong = body.includes(row?.content ?? "") ? [] : [`shows ${body} (${title}) for ${row?.content}`];
    const isChoosy = push.fussy.has(who.user_id) || push.fussy.has(`${id} ${who.user_id}`);
    // What was read elsewhere lowers the icon's number alone: a notification that stays says how many there were.
    if (!isChoosy && Number(data.unread) < unread.length) {
      wrong.push(`says ${data.unread} unread with ${seq}, should be ${unread.length}`);
    }
    return wrong;
  });
}

/** The newest unread message is on the screen, unless the log of the device says why not. */
function checkCovered(
  world: World,
  shown: Shown[],
  { phone, owner, id, rows, log }: { phone: Phone; owner: Actor; id: string; rows: Rows; log: Set<string> },
): string[] {
  const { push, sent } = world.ledger;
  const { user_id } = owner.who;
  if (push.fussy.has(user_id) || push.fussy.has(`${id} ${user_id}`)) return [];
  const seen = Number(shown[0]?.data.seq ?? 0);
  const missing = (unreadMessagesIn(rows, user_id) ?? []).filter(({ seq, client_message_id }) => {
    const its = sent.find((one) => one.conversation_id === id && one.message?.seq === seq);
    const isOwed = (its?.at ?? 0) >= phone.covered_from || (!its && phone.covered_from === 0);
    return seq > seen && isOwed && client_message_id !== null && !log.has(`${id} ${seq}`);
  });
  return missing.map(({ seq }) => `${seq} is unread, and was not pushed (shown: ${seen})`);
}

async function checkBadge(world: World, { client, who }: Actor, badge: number | null): Promise<string[]> {
  const { push } = world.ledger;
  if (badge === null || push.off.has(who.user_id)) return [];
  const { messages } = await client.rest.unread();
  const isChoosy = [...push.fussy].some((key) => key.endsWith(who.user_id));
  // At the level "mentions" plain messages push nothing, and so the number may be too low; unmuting pushes nothing either.
  const isRight = isChoosy ? badge <= messages : badge === messages;
  return isRight ? [] : [`the badge is ${badge}, should be ${messages}`];
}

/** `conversation seq` of what the log of a device says was skipped. */
async function skipsOf({ who }: Actor, { device_id }: Phone): Promise<Set<string>> {
  const entries = await runInDurableObject(hubObject(who.user_id) as DurableObjectStub, (_, { storage }) => {
    const [row] = storage.sql
      .exec("SELECT log AS entries FROM push_devices WHERE device_id = ?", device_id)
      .toArray();
    return JSON.parse(String(row?.entries ?? "[]")) as LogEntry[];
  });
  const skipped = entries.filter(({ decision }) => decision === "skip");
  return new Set(
    skipped.map(
      ({ conversation_id, message_id }) =>
        `${conversation_id} ${message_id === null ? 0 : seqOf(message_id)}`,
    ),
  );
}

interface LogEntry {
  decision: string;
  conversation_id: string | null;
  message_id: string | null;
}
