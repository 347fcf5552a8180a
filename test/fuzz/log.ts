/** Every acknowledged change is in the log, once, under its own number. */
import type { Erased, Sent } from "./ledger.ts";
import type { MessageRow, Rows } from "./rows.ts";
import type { World } from "./world.ts";

/** Holds one conversation's rows against what was acknowledged. */
export function checkLog(world: World, id: string, rows: Rows, now: number): string[] {
  const bySeq = new Map(rows.messages.map((row) => [row.seq, row]));
  const sent = world.ledger.sent.filter((one) => one.conversation_id === id);
  return [
    ...checkNumbers(rows, rangesHeard(world, id), world.ledger.erased?.user_id),
    ...sent.flatMap((one) => checkSent(one, bySeq, rows, { now, erased: world.ledger.erased })),
    ...checkMembers(world, id, rows),
  ];
}

/** Numbers of events about ranges: those that delete or change many messages at once. */
function rangesHeard({ actors }: World, id: string): Set<number> {
  const events = actors.flatMap(({ heard }) => heard);
  return new Set(
    events.flatMap((event) =>
      (event.type === "messages.deleted" || event.type === "person.erased") && event.conversation_id === id
        ? [event.seq]
        : [],
    ),
  );
}

/** Whether messages with one number may be those of a range: it was heard, or, where nobody was connected, all went at one moment. */
function isRange(change: number, rows: readonly MessageRow[], heard: ReadonlySet<number>): boolean {
  const at = rows[0]?.deleted_at ?? null;
  return heard.has(change) || (at !== null && rows.every(({ deleted_at }) => deleted_at === at));
}

/** A number is one change's, or one of a range of messages; a client's id is one message's. */
function checkNumbers(
  { messages, members, type }: Rows,
  ranges: ReadonlySet<number>,
  erasedId: string | undefined,
): string[] {
  const wrong: string[] = [];
  // What an erasure changes in a direct chat one person can hear, who may not be there.
  const isUnheard = type === "direct" && members.some(({ user_id }) => user_id === erasedId);
  for (const [change, rows] of Map.groupBy(messages, ({ changed_seq }) => changed_seq)) {
    if (rows.length > 1 && !isUnheard && !isRange(change, rows, ranges))
      wrong.push(`two messages have the change ${change}`);
  }
  const clientIds = new Set<string>();
  for (const { seq, changed_seq, sender_id, client_message_id } of messages) {
    if (changed_seq < seq) wrong.push(`message ${seq} changed before it was said (${changed_seq})`);
    if (client_message_id === null) continue;
    const key = `${sender_id} ${client_message_id}`;
    if (clientIds.has(key)) wrong.push(`doubled: ${client_message_id}`);
    clientIds.add(key);
  }
  return wrong;
}

function checkSent(
  sent: Sent,
  bySeq: Map<number, MessageRow>,
  rows: Rows,
  { now, erased }: { now: number; erased: Erased | undefined },
): string[] {
  const { word, message, ending } = sent;
  if (ending === undefined) return [`${word} was neither acknowledged nor refused`];
  if (ending === "refused" && rows.dump.includes(word)) return [`${word} was refused, and is there`];
  if (!message) return [];
  const row = bySeq.get(message.seq);
  const isErased = sent.sender_id === erased?.user_id;
  const isSame = row && (isErased || row.client_message_id === message.client_message_id);
  if (!isSame || row.sender_id !== sent.sender_id) {
    return [`lost: ${word}, acknowledged as ${message.seq}`];
  }
  return [...checkText(sent, row, now), ...checkMarks(sent, row, rows), ...checkPin(sent, row, rows)];
}

function checkText(sent: Sent, row: MessageRow, now: number): string[] {
  const hasExpired = row.expires_at !== null && row.expires_at <= now;
  if (row.deleted_at !== null) {
    const wrong = row.content === "" ? [] : [`${sent.word} is deleted, and its text is there`];
    return sent.isDeleted.has(true) || hasExpired ? wrong : [...wrong, `${sent.word} was deleted by nobody`];
  }
  if (sent.isDeleted.certain === true) return [`${sent.word} was deleted, and is there`];
  if (hasExpired) return [`${sent.word} has expired, and is there`];
  return sent.content.has(row.content) ? [] : [`${sent.word} says ${row.content} instead of ${sent.content}`];
}

function checkMarks(sent: Sent, row: MessageRow, rows: Rows): string[] {
  const wrong: string[] = [];
  for (const [userId, isHidden] of sent.hiddenBy) {
    const isThere = rows.hidden.some((one) => one.seq === row.seq && one.user_id === userId);
    if (!isHidden.has(isThere)) wrong.push(`${sent.word} hidden by ${userId}: ${isThere}, not ${isHidden}`);
  }
  for (const [key, isReaction] of sent.reactions) {
    const isThere = rows.reactions.some(
      (one) => one.seq === row.seq && `${one.user_id} ${one.emoji}` === key,
    );
    if (row.deleted_at === null && !isReaction.has(isThere)) {
      wrong.push(`${sent.word} reaction ${key}: ${isThere}, not ${isReaction}`);
    }
    if (row.deleted_at !== null && isThere) wrong.push(`${sent.word} is deleted, and has a reaction`);
  }
  return wrong;
}

function checkPin(sent: Sent, row: MessageRow, { pins }: Rows): string[] {
  const by = pins.find(({ seq }) => seq === row.seq)?.pinned_by ?? null;
  // A deletion takes the pin along: see pins.ts.
  if (row.deleted_at !== null || sent.pinnedBy.has(by)) return [];
  return [`${sent.word} is pinned by ${by}, not by ${sent.pinnedBy}`];
}

function checkMembers(world: World, id: string, { members }: Rows): string[] {
  const wrong: string[] = [];
  for (const { who } of world.people) {
    const key = `${id} ${who.user_id}`;
    const row = members.find((one) => one.user_id === who.user_id);
    const isIn = row !== undefined && row.left_seq === null;
    const isMember = world.ledger.members.get(key);
    if (isMember && !isMember.has(isIn)) wrong.push(`${who.username} is in: ${isIn}, not ${isMember}`);
    const read = world.ledger.read.get(key) ?? 0;
    if (row && isIn && read >= row.joined_seq && row.last_read_seq < read) {
      wrong.push(`${who.username} has read to ${row.last_read_seq}, acknowledged to ${read}`);
    }
  }
  const owners = members.filter((row) => row.left_seq === null && row.role === "owner");
  if (owners.length > 1) wrong.push(`${owners.length} owners`);
  return wrong;
}
