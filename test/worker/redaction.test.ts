import { type Message, messageId, type NumberedEvent } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { redactEvent, redactQuotes } from "../../src/conversation/messages/redaction.ts";
import type { Emission, Room } from "../../src/conversation/state/room.ts";
import type { MemberRow } from "../../src/conversation/state/store.ts";
import { ANN, BOB, ID, member, message } from "../unit/client-kit.ts";

const CANARY = "canary";
const NOW = "2026-11-16T10:30:00.000Z";
const about = messageId(ID, 5);

/** A conversation where these hid message 5, and members joined at these places. */
function roomWith(joined: Record<string, number>, hiddenBy: string[] = []): Room {
  const room = {
    id: ID,
    newestJoin: Math.max(...Object.values(joined)),
    roster: new Map(
      Object.entries(joined).map(([user_id, joined_seq]) => [user_id, { user_id, joined_seq }]),
    ),
    hidden: {
      hidersOfOne: (seq: number) => (seq === 5 ? hiddenBy : []),
      among: (user_id: string, seqs: number[]) =>
        new Set(seqs.filter((seq) => seq === 5 && hiddenBy.includes(user_id))),
    },
    blocks: { hidesNothing: true, unseenBy: () => new Set() },
  };
  return room as unknown as Room;
}

/** A conversation that must not be asked anything, but whether a block hides something. */
const nobodyKnown = { blocks: { hidesNothing: true } } as unknown as Room;

const quote = {
  message_id: about,
  sender: member(ANN),
  type: "text" as const,
  content: CANARY,
  is_deleted: false,
};
const reply = message(9, ANN, { content: "re", reply_to: quote });
const snapshot = { name: null, description: null, photo_url: null };

/** One event of each type that speaks of message 5, with a canary wherever the message's content may stand. */
const SAMPLES = {
  "message.new": reply,
  "message.edited": {
    message_id: about,
    content: CANARY,
    is_edited: true,
    edited_at: NOW,
    metadata: { [CANARY]: CANARY },
    mentions: [{ user_id: BOB, username: CANARY }],
    mentions_all: true,
  },
  "message.deleted": { message_id: about, deleted_by: ANN, for_everyone: true, reason: "deleted" },
  "message.reaction": { message_id: about, user_id: ANN, username: "ann", emoji: CANARY, action: "add" },
  "message.updated": {
    message_id: about,
    changed_seq: 10,
    patch: { content: CANARY, metadata: { [CANARY]: CANARY } },
  },
  "messages.deleted": {
    ranges: [{ from_seq: 5, to_seq: 5 }],
    sender_id: ANN,
    deleted_by: ANN,
    reason: "erased",
  },
  "person.erased": { user_id: ANN, from_seq: 1, to_seq: 9, messages: "erase" },
  "conversation.created": { ...snapshot },
  "conversation.updated": { ...snapshot, updated_by: ANN },
  "participant.added": { participants: [], participant_count: 2, added_by: ANN },
  "participant.removed": { user_id: BOB, username: "bob", participant_count: 1, removed_by: ANN },
  "participant.updated": { participants: [], updated_by: ANN },
} satisfies Record<NumberedEvent["type"], object>;

const eventOf = (type: string, data: object): Emission["event"] =>
  ({ type, conversation_id: ID, seq: 10, data }) as unknown as Emission["event"];

/** What each of these hears of an event. */
function heardBy(room: Room, event: Emission["event"], to: string[]): Record<string, Emission["event"][]> {
  const parts = redactEvent(room, { event, to: new Set(to) });
  return Object.fromEntries(
    to.map((userId) => [userId, parts.filter((part) => part.to.has(userId)).map((part) => part.event)]),
  );
}

describe("redaction of events (rules 6 and 17)", () => {
  it.each(Object.entries(SAMPLES))(
    "[SEE-7] %s: everybody hears it once, and who may not see the message no word of it",
    (type, data) => {
      const event = eventOf(type, data);
      const heard = heardBy(roomWith({ [ANN]: 1, [BOB]: 1, late: 6 }, [BOB]), event, [ANN, BOB, "late"]);
      expect(heard[ANN]).toEqual([event]);
      for (const userId of [BOB, "late"]) {
        expect(heard[userId]).toHaveLength(1);
        expect(heard[userId]?.[0]).toMatchObject({ type, seq: 10, conversation_id: ID });
        expect(JSON.stringify(heard[userId])).not.toContain(CANARY);
      }
    },
  );

  it("[SEE-8] a plain message asks nothing; a reply asks who hid it, and looks at the members only if somebody joined later", () => {
    const plain = { event: eventOf("message.new", message(9, ANN)), to: new Set([ANN]) };
    expect(redactEvent(nobodyKnown, plain)).toEqual([plain]);
    const room = roomWith({ [ANN]: 1, [BOB]: 1 });
    Object.defineProperty(room, "roster", { get: () => expect.fail("looked at every member") });
    const event = eventOf("message.new", reply);
    expect(heardBy(room, event, [ANN, BOB])).toEqual({ [ANN]: [event], [BOB]: [event] });
  });

  it("[SEE-9] fails closed: of a message that is none of this conversation, and to who is on no roster, nothing is said", () => {
    const elsewhere = { ...quote, message_id: messageId("9f1c2ab4-77de-8a01-b3c5-000000000000", 5) };
    const foreign = eventOf("message.new", { ...reply, reply_to: elsewhere });
    expect(JSON.stringify(heardBy(roomWith({ [ANN]: 1 }), foreign, [ANN]))).not.toContain(CANARY);
    const room = roomWith({ [ANN]: 6 });
    expect(JSON.stringify(heardBy(room, eventOf("message.new", reply), ["stranger"]))).not.toContain(CANARY);
  });

  it("[SEE-10] quotes in what is read: by place, by what was hidden, and of a quote nothing but who, what and where", () => {
    const room = roomWith({ [ANN]: 1, [BOB]: 1 }, [BOB]);
    const viewer = (user_id: string, joined_seq: number) => ({ user_id, joined_seq }) as MemberRow;
    const more = { ...reply, reply_to: { ...quote, [CANARY]: CANARY } } as Message;
    const read = (user_id: string, joined_seq: number) =>
      redactQuotes(room, viewer(user_id, joined_seq), [more]);
    expect(read(ANN, 1)).toEqual([more]);
    expect(read(ANN, 5)).toEqual([more]);
    for (const shown of [read(ANN, 6), read(BOB, 1)]) {
      expect(JSON.stringify(shown)).not.toContain(CANARY);
      expect(shown[0]?.reply_to).toEqual({ ...quote, content: "" });
    }
  });
});
