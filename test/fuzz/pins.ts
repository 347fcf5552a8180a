/** Pinned messages: who may pin is decided here once more, from the rows; and what is listed is counted once more. */
import { ApiError, messageIdAt, seqOf } from "@rocket-chat-api/client";
import type { ErrorCode, FetchedMessage } from "@rocket-chat-api/protocol";
import type { Actor } from "./actor.ts";
import { differences, type Truth } from "./convergence.ts";
import { isApart } from "./requests.ts";
import { isUnseen, type Rows, rowsOf } from "./rows.ts";
import type { World } from "./world.ts";

/** As in src/conversation/messages/pins.ts. */
const MAX_PINS = 100;
/** Small, so that lists have several pages. */
const PAGE = 2;

/** What the answer to a pin must be. */
export type Verdict = "done" | ErrorCode;

/** What the answer must be, by what is stored now; undefined if that cannot be read. */
export async function verdictOn(
  conversationId: string,
  userId: string,
  seq: number,
  isPinned: boolean,
): Promise<Verdict | undefined> {
  // The object may be ending.
  const rows = await rowsOf(conversationId).catch(() => undefined);
  if (!rows) return undefined;
  const member = rows.members.find((one) => one.user_id === userId && one.left_seq === null);
  if (!member) return isBanned(rows, userId) ? "BANNED" : "FORBIDDEN";
  const message = rows.messages.find((one) => one.seq === seq);
  if (!message || !isVisible(rows, userId, seq)) return "NOT_FOUND";
  if (rows.type === "direct" && rows.blocks.length > 0) return "BLOCKED";
  if ((member.muted_until ?? 0) > Date.now()) return "MUTED";
  if (rows.members.some(({ request }) => isApart(request?.state))) return "NOT_ACCEPTED";
  if (rows.settings.who_can_pin !== "everyone" && member.role === "member") return "FORBIDDEN";
  return isPinned && message.deleted_at !== null ? "CONFLICT" : "done";
}

/** @throws Error if an answer is another than it must be. Outages and lost answers are nobody's fault. */
export function checkVerdict(verdict: Verdict | undefined, error: unknown, what: string): void {
  if (verdict === undefined || (error !== undefined && !(error instanceof ApiError))) return;
  const answer = error instanceof ApiError ? error.code : "done";
  if (answer !== verdict && answer !== "SERVICE_UNAVAILABLE") {
    throw new Error(`${what}: ${answer}, should be ${verdict}`);
  }
}

function isBanned({ bans }: Rows, userId: string): boolean {
  return bans.some((ban) => ban.user_id === userId && ban.until > Date.now());
}

function isVisible(rows: Rows, userId: string, seq: number): boolean {
  const joined = rows.members.find((one) => one.user_id === userId && one.left_seq === null)?.joined_seq;
  if (joined === undefined || seq < joined) return false;
  const message = rows.messages.find((one) => one.seq === seq);
  if (message && isUnseen(rows, userId, message)) return false;
  return !rows.hidden.some((one) => one.user_id === userId && one.seq === seq);
}

/** What must hold of the rows: few pins, each of a message that is there and can be pinned, each told in the history. */
export function checkPins({ pins, messages }: Rows): string[] {
  const wrong = pins.length > MAX_PINS ? [`${pins.length} pins`] : [];
  for (const { seq, pinned_seq, pinned_by } of pins) {
    const message = messages.find((one) => one.seq === seq);
    if (!message) wrong.push(`${seq} is pinned, and not there`);
    else if (message.deleted_at !== null) wrong.push(`${seq} is deleted, and pinned`);
    else if (message.type === "system") wrong.push(`${seq} is a system message, and pinned`);
    else if (message.changed_seq < pinned_seq) {
      wrong.push(`${seq} was pinned by ${pinned_seq}, and not changed`);
    }
    const next = messages.find((one) => one.seq === pinned_seq + 1);
    // The note may be older than messages are kept; what is pinned stays.
    if (next?.type === "system" && next.deleted_at !== null) continue;
    const note = JSON.parse(next?.system ?? "null");
    if (note?.event !== "message.pinned" || note.actor_id !== pinned_by || seqOf(note.message_id) !== seq) {
      wrong.push(`${seq} was pinned by ${pinned_seq}, and the history does not say so`);
    }
  }
  return wrong;
}

/** The list, page by page; undefined for who is not in. */
async function pinsOf({ client }: Actor, conversation_id: string): Promise<FetchedMessage[] | undefined> {
  const messages: FetchedMessage[] = [];
  try {
    for (let cursor: string | undefined; ; ) {
      const page = await client.rest.listPins({ conversation_id, limit: PAGE, cursor });
      messages.push(...page.messages);
      if (page.next_cursor === null) return messages;
      if (page.messages.length === 0) throw new Error("a page without messages that is not the last");
      cursor = page.next_cursor;
    }
  } catch (error) {
    if (error instanceof ApiError && (error.code === "FORBIDDEN" || error.code === "BANNED"))
      return undefined;
    throw error;
  }
}

/** The pins that somebody may see, the newest first, as the rows have them. */
function countedAgain(id: string, rows: Rows, userId: string) {
  return rows.pins
    .filter(({ seq }) => isVisible(rows, userId, seq))
    .sort((a, b) => b.pinned_seq - a.pinned_seq)
    .map(({ seq, pinned_at, pinned_by }) => ({
      message_id: messageIdAt(id, seq),
      pinned_at: new Date(pinned_at).toISOString(),
      pinned_by,
    }));
}

/** Without what depends on who asks when: each fetch delivers (rule 19). */
function told(message: Partial<FetchedMessage> = {}) {
  const { status: _, receipt_status: __, ...rest } = message;
  return rest;
}

/** Each member is shown the pins that they may see, the newest first, as a new client has them; nobody else is. */
export async function checkPinLists(
  world: World,
  actor: Actor,
  all: Map<string, Rows>,
  truth: Truth,
): Promise<string[]> {
  const wrong: string[] = [];
  const { user_id, username } = actor.who;
  for (const [id, rows] of all) {
    const place = `${username}'s pins in ${world.conversations.indexOf(id)}`;
    const fresh = truth.get(`${id} ${user_id}`);
    const listed = await pinsOf(actor, id);
    if (!fresh || !listed) {
      if (fresh || listed) wrong.push(`${place}: ${listed ? "shown to who is not in" : "refused"}`);
      continue;
    }
    const wanted = countedAgain(id, rows, user_id);
    const shown = listed.map(({ message_id, pinned_at, pinned_by }) => ({
      message_id,
      pinned_at,
      pinned_by,
    }));
    const inHistory = fresh.messages.filter((message) => message.is_pinned);
    const held = wanted.map(({ message_id }) => told(inHistory.find((one) => one.message_id === message_id)));
    wrong.push(
      ...differences(shown, wanted).map((what) => `${place}, counted again: ${what}`),
      ...differences(listed.map(told), held).map((what) => `${place}, as a new client has them: ${what}`),
    );
    if (inHistory.length !== wanted.length) wrong.push(`${place}: ${inHistory.length} in the history`);
  }
  return wrong;
}
