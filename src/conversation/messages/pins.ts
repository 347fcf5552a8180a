/** Pinned messages of a conversation, shown to all members. */
import {
  type Failure,
  failure,
  MAX_PAGE_BYTES,
  type Message,
  messageId,
  timestamp,
} from "@rocket-chat-api/protocol";
import { and, desc, eq, gte, inArray, lt, notExists, sql } from "drizzle-orm";
import { checkOpen, mayModerate } from "../../domain/access.ts";
import { checkWrite } from "../../domain/moderation.ts";
import { found, refused } from "../../domain/outcome.ts";
import { fitting } from "../../domain/page-bytes.ts";
import type { Context, Handlers } from "../state/handler.ts";
import type { MessagePart } from "../state/message-part.ts";
import { checkAccepted } from "../state/message-requests.ts";
import { oneOf } from "../state/one-of.ts";
import { answer, type Change, type Emission, type Room, unchanged } from "../state/room.ts";
import { hidden, messages, pins } from "../state/schema.ts";
import { visible, visibleFrom } from "../state/visibility.ts";

/** Maximum number of pinned messages in a conversation. */
const MAX_PINS = 100;

type Pin = typeof pins.$inferSelect;
type PinFields = Pick<Message, "is_pinned" | "pinned_at" | "pinned_by">;

const NOT_PINNED: PinFields = { is_pinned: false, pinned_at: null, pinned_by: null };

const toFields = ({ pinned_at, pinned_by }: Pin): PinFields => ({
  is_pinned: true,
  pinned_at: timestamp(pinned_at),
  pinned_by,
});

export const pinsPart: MessagePart<PinFields> = {
  from: "others",
  empty: NOT_PINNED,
  load(room, rows) {
    if (rows.length === 0 || !hasPins(room)) return () => NOT_PINNED;
    const seqs = rows.map((row) => row.seq);
    const found = room.store.db
      .select()
      .from(pins)
      .where(inArray(pins.seq, oneOf(seqs)))
      .all();
    const bySeq = new Map(found.map((pin) => [pin.seq, toFields(pin)]));
    return ({ seq }) => bySeq.get(seq) ?? NOT_PINNED;
  },
  cleared: {},
  clear({ store }, seqs) {
    store.db
      .delete(pins)
      .where(inArray(pins.seq, oneOf(seqs)))
      .run();
  },
  keep: (room, seq) => (hasPins(room) ? pinOf(room, seq) : null) ?? null,
  bringBack(room, _, kept) {
    // Others may have taken its place.
    if (!kept || !hasPlace(room)) return;
    room.store.db
      .insert(pins)
      .values(kept as Pin)
      .run();
    withPins.set(room, true);
  },
  redact: () => NOT_PINNED,
};

/** Why a member may not pin and unpin here, or undefined. */
function checkPin({ room, member, now }: Context<"pinMessage" | "unpinMessage">): Failure | undefined {
  const { settings } = room.info;
  const silenced =
    checkOpen(room.blocks.isClosed) ?? checkWrite(member, settings, now) ?? checkAccepted(room, member);
  if (silenced || settings.who_can_pin === "everyone" || mayModerate(member)) return silenced;
  return failure("FORBIDDEN", "Only admins and moderators can pin messages in this conversation");
}

function pinOf({ store }: Room, seq: number): Pin | undefined {
  return store.db.select().from(pins).where(eq(pins.seq, seq)).get();
}

/** Whether anything was pinned here, once that was asked: without pins, reading messages costs no query for them. */
const withPins = new WeakMap<Room, boolean>();

function hasPins(room: Room): boolean {
  const known = withPins.get(room) ?? room.store.db.select().from(pins).limit(1).get() !== undefined;
  withPins.set(room, known);
  return known;
}

/**
 * Whether there is a place for one more pin. When there is none, pins that no member can see any more are dropped: they were
 * sent before all of the members joined, or all have deleted the messages for themselves.
 */
function hasPlace(room: Room): boolean {
  const all = room.store.db.select({ seq: pins.seq }).from(pins).all();
  if (all.length < MAX_PINS) return true;
  const hiders = room.hidden.hidersOf(all.map((pin) => pin.seq));
  const isSeen = (seq: number) =>
    room.currentMembers().some((one) => visibleFrom(one) <= seq && !hiders.get(seq)?.has(one.user_id));
  const unseen = all.filter(({ seq }) => !isSeen(seq));
  pinsPart.clear(
    room,
    unseen.map(({ seq }) => seq),
  );
  return all.length - unseen.length < MAX_PINS;
}

/** Pins a message. Repeating it changes nothing. */
function pinMessage(context: Context<"pinMessage">): Change<Message> {
  const { room, member, seq, now, messages } = context;
  const row = visible(room, member, seq);
  if (!row) return unchanged(refused("NOT_FOUND", "No such message"));
  const refusal = checkPin(context);
  if (refusal) return unchanged(refused(refusal));
  if (row.deleted_at !== null) return unchanged(refused("CONFLICT", "The message has been deleted"));
  if (row.type === "system")
    return unchanged(refused("VALIDATION_ERROR", "System messages cannot be pinned"));
  if (pinOf(room, seq)) return answer(messages.toMessageFor(room, member, row));
  if (!hasPlace(room)) {
    return unchanged(
      refused(
        "LIMIT_REACHED",
        `A conversation can have at most ${MAX_PINS} pinned messages: unpin one first`,
        { limit: MAX_PINS },
      ),
    );
  }
  const pin = { seq, pinned_seq: room.nextSeq(), pinned_at: now, pinned_by: member.user_id };
  room.store.db.insert(pins).values(pin).run();
  withPins.set(room, true);
  const pinned = updated(room, seq, pin.pinned_seq, toFields(pin));
  const note = { event: "message.pinned", message_id: messageId(room.id, seq) };
  const announced = messages.announce(room, member, note, now);
  const changed = { ...row, changed_seq: pin.pinned_seq };
  return { ...answer(messages.toMessageFor(room, member, changed)), emissions: [pinned, announced] };
}

/** Unpins a message. Does nothing if it is not pinned. */
function unpinMessage(context: Context<"unpinMessage">): Change<null> {
  const { room, member, seq } = context;
  if (!visible(room, member, seq)) return unchanged(refused("NOT_FOUND", "No such message"));
  const refusal = checkPin(context);
  if (refusal) return unchanged(refused(refusal));
  if (!pinOf(room, seq)) return answer(null);
  pinsPart.clear(room, [seq]);
  return { ...answer(null), emissions: [updated(room, seq, room.nextSeq(), NOT_PINNED)] };
}

/** Writes the `seq` of the change to the message, and builds the event. */
function updated(room: Room, seq: number, changed_seq: number, patch: PinFields): Emission {
  room.store.updateMessage(seq, { changed_seq });
  const data = { message_id: messageId(room.id, seq), changed_seq, patch };
  const event = { type: "message.updated" as const, conversation_id: room.id, seq: changed_seq, data };
  return { event, to: room.audience };
}

/** The pins that a member may see, the newest first. */
function pinsFor({ room, member, input }: Context<"listPins">): Pin[] {
  const { db } = room.store;
  const isHidden = db
    .select({ one: sql`1` })
    .from(hidden)
    .where(and(eq(hidden.seq, pins.seq), eq(hidden.user_id, member.user_id)));
  const unseen = room.blocks.unseenBy(member.user_id);
  const isByBlocked = db
    .select({ one: sql`1` })
    .from(messages)
    .where(and(eq(messages.seq, pins.seq), inArray(messages.sender_id, oneOf([...unseen]))));
  const shown = unseen.size === 0 ? undefined : notExists(isByBlocked);
  const before = input.cursor === undefined ? undefined : lt(pins.pinned_seq, input.cursor);
  return db
    .select()
    .from(pins)
    .where(and(gte(pins.seq, visibleFrom(member)), notExists(isHidden), shown, before))
    .orderBy(desc(pins.pinned_seq))
    .limit(input.limit + 1)
    .all();
}

/** A page of pins, which ends early if its messages are very long (rule 25). */
function listPins(context: Context<"listPins">) {
  const { room, member, input, messages } = context;
  const listed = pinsFor(context);
  const page = listed.slice(0, input.limit);
  const rows = new Map(room.store.messagesAt(page.map((pin) => pin.seq)).map((row) => [row.seq, row]));
  const inOrder = page.flatMap((pin) => rows.get(pin.seq) ?? []);
  const shown = fitting(messages.toFetched(room, member, inOrder), MAX_PAGE_BYTES);
  const last = listed.length > shown.length ? listed[shown.length - 1] : undefined;
  return found({ messages: shown, next_cursor: last ? String(last.pinned_seq) : null });
}

export const pinHandlers = {
  pinMessage: { apply: pinMessage },
  unpinMessage: { apply: unpinMessage },
  listPins: { answer: listPins },
} satisfies Partial<Handlers>;
