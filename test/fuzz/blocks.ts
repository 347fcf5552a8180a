/**
 * Blocks in a run (rule 29): who has blocked whom as far as is known, and what follows from it for the rows, for what a blocker is given,
 * and for what their devices hear.
 *
 * A silence is what a device must not hear from a place of its record on: it was told to forget its copy of a group because of a block,
 * and the block has not been taken back.
 */
import { env } from "cloudflare:workers";
import { ApiError } from "@rocket-chat-api/client";
import type { ServerEvent } from "@rocket-chat-api/protocol";
import { faults } from "../worker/faults.ts";
import type { Actor, Somebody } from "./actor.ts";
import { realNow } from "./clock.ts";
import type { Truth } from "./convergence.ts";
import { type Ledger, Possible } from "./ledger.ts";
import { answerTo, asking } from "./phones.ts";
import { isUnseen, type Rows, rowsOf } from "./rows.ts";
import type { World } from "./world.ts";

/** How long a device is waited for that should begin again, in milliseconds. Then nothing is sure of it. */
const RESET_MS = 400;
const WORD = /zq\d+qz/g;

/** Whether somebody has blocked somebody else, as far as is known. */
function known({ blocks }: Ledger, blockerId: string, blockedId: string): Possible<boolean> {
  const key = `${blockerId} ${blockedId}`;
  const one = blocks.get(key) ?? new Possible(false);
  blocks.set(key, one);
  return one;
}

/** Somebody blocks somebody else, or no longer does. */
export async function turn(
  world: World,
  blocker: Actor,
  blocked: Somebody,
  isBlocked: boolean,
): Promise<void> {
  const { ledger } = world;
  const [by, of] = [blocker.who.user_id, blocked.user_id];
  const before = known(ledger, by, of).certain;
  const devices = world.actors.filter(({ who }) => who.user_id === by);
  const marks = new Map(devices.map((device) => [device, device.heard.length]));
  const began = realNow();
  if (!isBlocked) endSilences(ledger, by, of, began);
  const ending = await asking(blocker.who, isBlocked ? "PUT" : "DELETE", `/blocks/${of}`);
  known(ledger, by, of).attempted(isBlocked, ending);
  if (ending !== "done") {
    for (const device of devices) ledger.unsure.add(device);
    return;
  }
  ledger.acknowledged += 1;
  if (isBlocked)
    ledger.push.blocks.push({
      blocker_id: by,
      blocked_id: of,
      from: realNow(),
      to: Number.POSITIVE_INFINITY,
    });
  if (before === isBlocked) return;
  for (const id of world.conversations.slice(1, 3)) {
    const rows = await rowsOf(id).catch(() => undefined);
    const isIn = rows?.members.some(({ user_id, left_seq }) => user_id === by && left_seq === null) ?? false;
    const isThere = rows !== undefined && isUnseen(rows, by, { sender_id: of, type: "text" }) === isBlocked;
    for (const device of devices) {
      if (device.only !== undefined && device.only !== id) continue;
      const reset =
        isIn && isThere && device.isConnected ? await resetOf(device, id, marks.get(device) ?? 0) : -1;
      if (reset < 0) ledger.unsure.add(device);
      else if (isBlocked && !ledger.unsure.has(device)) {
        const silence = { device, conversation_id: id, blocker_id: by, blocked_id: of };
        ledger.silences.push({ ...silence, from: reset + 1, to: Number.POSITIVE_INFINITY });
      }
    }
  }
}

/** Where a device was told to begin again with a group, after a place of its record; -1 if it is not. */
async function resetOf(device: Actor, id: string, from: number): Promise<number> {
  const isReset = (event: ServerEvent, index: number) =>
    index >= from && event.type === "sync.required" && event.conversation_id === id && event.reset === true;
  for (const end = performance.now() + RESET_MS; performance.now() < end; ) {
    const index = device.heard.findLastIndex(isReset);
    if (index >= 0) return index;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return -1;
}

/** A block may end from now on. */
function endSilences({ silences, push }: Ledger, blockerId: string, blockedId: string, now: number): void {
  for (const one of silences) {
    if (one.blocker_id === blockerId && one.blocked_id === blockedId)
      one.to = Math.min(one.to, one.device.heard.length);
  }
  for (const one of push.blocks) {
    if (one.blocker_id === blockerId && one.blocked_id === blockedId) one.to = Math.min(one.to, now);
  }
}

/** Nothing that a blocked person says or does in a group is heard by the blocker. */
export function checkSilences({ ledger, conversations }: World, device: Actor): string[] {
  return ledger.silences
    .filter((silence) => silence.device === device)
    .flatMap(({ conversation_id, blocked_id, from, to }) => {
      const place = `${device.who.username} in ${conversations.indexOf(conversation_id)}`;
      const heard = device.heard
        .slice(from, to)
        .filter((event) => !("conversation_id" in event) || event.conversation_id === conversation_id);
      return heard
        .filter((event) => isBy(event, blocked_id) || saysWordOf(ledger, event, conversation_id, blocked_id))
        .map(
          (event) => `${place} heard of whom they have blocked in ${event.type}: ${JSON.stringify(event)}`,
        );
    });
}

function isBy(event: ServerEvent, userId: string): boolean {
  if (event.type === "typing.indicator" || event.type === "message.reaction")
    return event.data.user_id === userId;
  return event.type === "message.new" && event.data.sender.user_id === userId && event.data.type !== "system";
}

function saysWordOf({ words }: Ledger, event: ServerEvent, id: string, userId: string): boolean {
  return (JSON.stringify(event).match(WORD) ?? []).some((word) => {
    const sent = words.get(word);
    return sent?.sender_id === userId && sent.conversation_id === id;
  });
}

/** Whom somebody has blocked, by their own list. */
async function listOf(who: Somebody): Promise<Set<string>> {
  const { blocks } = await answerTo(who, "/blocks?limit=100");
  return new Set(blocks.map(({ user }: { user: Somebody }) => user.user_id));
}

/** The list of each person is what they were told, and every copy is as the list. */
export async function checkCopies(world: World, all: ReadonlyMap<string, Rows>): Promise<string[]> {
  const wrong: string[] = [];
  for (const { who } of world.people) {
    const listed = await listOf(who);
    for (const { who: other } of world.people) {
      if (other.user_id === who.user_id) continue;
      const is = listed.has(other.user_id);
      const what = `${who.username} has blocked ${other.username}`;
      const wanted = world.ledger.blocks.get(`${who.user_id} ${other.user_id}`) ?? new Possible(false);
      if (!wanted.has(is)) wrong.push(`${what}: ${is} in the list, not ${wanted}`);
      for (const [id, rows] of all) {
        const isMember = ({ user_id }: Somebody) => rows.members.some((one) => one.user_id === user_id);
        if (!isMember(who) || !isMember(other)) continue;
        const copy = rows.blocks.some(
          (one) => one.blocker_id === who.user_id && one.blocked_id === other.user_id,
        );
        if (copy !== is) wrong.push(`${what}: ${is}, and ${copy} in ${world.conversations.indexOf(id)}`);
      }
      if ((await isBlockedInDirectory(who.user_id, other.user_id)) !== is)
        wrong.push(`${what}: ${is}, and not so in D1`);
    }
  }
  return wrong;
}

async function isBlockedInDirectory(blockerId: string, blockedId: string): Promise<boolean> {
  const found = "SELECT 1 FROM blocks WHERE blocker_id = ? AND blocked_id = ? AND is_blocked = 1";
  return (await env.DB.prepare(found).bind(blockerId, blockedId).first()) !== null;
}

/** Each member is given the messages that they may see, counted once more from the rows, and no word of whom they have blocked. */
export function checkSeen(world: World, id: string, rows: Rows, truth: Truth): string[] {
  const wrong: string[] = [];
  for (const member of rows.members) {
    const { user_id, username, left_seq } = member;
    const fresh = truth.get(`${id} ${user_id}`);
    if (left_seq !== null || !fresh) continue;
    const place = `${username} in ${world.conversations.indexOf(id)}`;
    const hidden = new Set(rows.hidden.filter((one) => one.user_id === user_id).map(({ seq }) => seq));
    const from = member.visible_from ?? member.joined_seq;
    const open = rows.messages.filter(
      (row) => row.seq >= from && !hidden.has(row.seq) && !isUnseen(rows, user_id, row),
    );
    const [seen, should] = [fresh.messages, open].map((list) => list.map(({ seq }) => seq).join());
    if (seen !== should) wrong.push(`${place} is given ${seen}, should be ${should}`);
    const text = JSON.stringify(fresh);
    for (const [word, sent] of world.ledger.words) {
      const { conversation_id, sender_id } = sent;
      const isSecret = conversation_id === id && isUnseen(rows, user_id, { sender_id, type: "text" });
      if (isSecret && text.includes(word)) wrong.push(`${place} is given ${word} of whom they have blocked`);
    }
  }
  return wrong;
}

/** Whom somebody has blocked does not find them. */
export async function checkFinding(world: World): Promise<string[]> {
  const wrong: string[] = [];
  for (const [key, isBlocked] of world.ledger.blocks) {
    const [blocker, blocked] = key.split(" ").map((id) => world.people.find(({ who }) => who.user_id === id));
    if (!blocker || !blocked || isBlocked.certain !== true) continue;
    const { users } = await blocked.client.rest.searchUsers(blocker.who.username);
    if (users.some(({ user_id }) => user_id === blocker.who.user_id))
      wrong.push(`${blocked.who.username} finds ${blocker.who.username}, who has blocked them`);
  }
  return wrong;
}

/** Adds somebody to a group, and notes if that was possible although the directory had their block of the adder before and after. */
export async function addUnlessBlocked(
  { ledger }: World,
  adder: Actor,
  id: string,
  userId: string,
): Promise<unknown> {
  const isKept = async () => {
    if (faults.d1Down || !(await isBlockedInDirectory(userId, adder.who.user_id))) return false;
    const rows = await rowsOf(id).catch(() => undefined);
    return rows !== undefined && !rows.members.some((one) => one.user_id === userId && one.left_seq === null);
  };
  const before = await isKept();
  const added = await adder.client.rest.addParticipants({ conversation_id: id, user_ids: [userId] });
  if (before && !faults.d1Down && (await isBlockedInDirectory(userId, adder.who.user_id)))
    ledger.complaints.push(`${adder.who.username} has added somebody who has blocked them`);
  return added;
}

/** Why somebody may not write into a direct chat, by what is stored; null if nothing keeps them from it. */
function refusalOf(rows: Rows, userId: string): "BLOCKED" | "NOT_ACCEPTED" | null {
  if (rows.type !== "direct") return null;
  if (rows.blocks.length > 0) return "BLOCKED";
  const state = rows.members.find(({ user_id }) => user_id !== userId)?.request?.state;
  const sent = rows.messages.filter(
    ({ sender_id, type }) => sender_id === userId && type !== "system",
  ).length;
  return state === "declined" || (state === "pending" && sent >= 3) ? "NOT_ACCEPTED" : null;
}

/** Says something by `attempt`, and notes if the answer contradicts what is stored before and after it. */
export async function checkedSend<T>(
  { ledger }: World,
  who: Somebody,
  id: string,
  attempt: () => Promise<T>,
): Promise<T> {
  const verdict = async () => {
    const rows = await rowsOf(id).catch(() => undefined);
    const isIn = rows?.members.some(({ user_id, left_seq }) => user_id === who.user_id && left_seq === null);
    return rows && isIn ? refusalOf(rows, who.user_id) : undefined;
  };
  const before = await verdict();
  const answer = attempt();
  const code = await answer.then(
    () => "done",
    (error) => (error instanceof ApiError ? error.code : "no answer"),
  );
  const wanted = (await verdict()) === before ? before : undefined;
  const isRefused = code === "BLOCKED" || code === "NOT_ACCEPTED";
  // Whoever is let through may still be refused for something else.
  const isRight = isRefused ? code === wanted : wanted === null || FAULTS.has(code);
  if (wanted !== undefined && !isRight)
    ledger.complaints.push(`${who.username} writes: ${code}, should be ${wanted}`);
  return await answer;
}

/** Answers that are nobody's fault. */
const FAULTS: ReadonlySet<string> = new Set(["no answer", "SERVICE_UNAVAILABLE", "INTERNAL_ERROR"]);
