import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calls, type MentionSet } from "../../src/domain/mentions.ts";
import { type CountChange, countsAfter, type Reader } from "../../src/domain/unread.ts";

const USERS = ["ann", "bob", "cid", "dee"];

const mentions = fc.option(
  fc.record({ all: fc.boolean(), user_ids: fc.uniqueArray(fc.constantFrom(...USERS)) }),
);
const history = fc.array(
  fc.record({
    sender_id: fc.constantFrom(...USERS),
    mentions,
    after: mentions,
    fate: fc.constantFrom("stays", "deleted", "edited"),
    hiddenBy: fc.uniqueArray(fc.constantFrom(...USERS)),
  }),
  { maxLength: 12 },
);
type History = (typeof history extends fc.Arbitrary<infer T> ? T : never)[number][];

/** What counting all over gives. */
function count(said: History, reader: Pick<Reader, "user_id" | "last_read_seq">, isOver: boolean) {
  const seen = said
    .map((message, i) => ({ ...message, seq: i + 1 }))
    .filter(({ seq, sender_id }) => seq > reader.last_read_seq && sender_id !== reader.user_id);
  const isDeleted = (message: History[number]) => isOver && message.fate === "deleted";
  const isHidden = (message: History[number]) => message.hiddenBy.includes(reader.user_id);
  const setOf = (message: History[number]): MentionSet | null =>
    isOver && message.fate === "edited" ? message.after : message.mentions;
  return {
    unread_deleted: seen.filter((message) => isDeleted(message) || isHidden(message)).length,
    unread_mentions: seen.filter(
      (message) =>
        !isDeleted(message) && !isHidden(message) && calls(setOf(message), reader.user_id, message.sender_id),
    ).length,
  };
}

describe("counts after a change", () => {
  it("[R17 R19] adding what has changed gives what counting all over would give", () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat({ max: 12 }), { minLength: 4, maxLength: 4 }), (said, read) => {
        const readers = USERS.map((user_id, i): Reader => {
          const reader = { user_id, joined_seq: 1, last_read_seq: read[i] ?? 0 };
          return { ...reader, ...count(said, reader, false) };
        });
        const changes = said.flatMap((message, i): CountChange[] => {
          const { sender_id, fate } = message;
          const called = message.mentions;
          if (fate === "stays") return [];
          const isDeleted = fate === "deleted";
          return [{ seq: i + 1, sender_id, isDeleted, called, calls: isDeleted ? null : message.after }];
        });
        const isHidden = (userId: string, { seq }: CountChange) =>
          said[seq - 1]?.hiddenBy.includes(userId) ?? false;
        const counts = new Map(countsAfter(readers, changes, isHidden).map((one) => [one.user_id, one]));
        for (const reader of readers) {
          const { unread_deleted, unread_mentions } = counts.get(reader.user_id) ?? reader;
          expect({ unread_deleted, unread_mentions }).toEqual(count(said, reader, true));
        }
      }),
    );
  });

  it("[R17] who joined later, who has read it, and who sent it count as before", () => {
    const reader = { joined_seq: 1, last_read_seq: 1, unread_deleted: 0, unread_mentions: 0 };
    const change = { seq: 5, sender_id: "ann", isDeleted: true, called: null, calls: null };
    const members = [
      { ...reader, user_id: "ann" },
      { ...reader, user_id: "late", joined_seq: 6, last_read_seq: 6 },
      { ...reader, user_id: "read", last_read_seq: 5 },
      { ...reader, user_id: "bob" },
    ];
    expect(countsAfter(members, [change], () => false)).toEqual([
      { user_id: "bob", unread_deleted: 1, unread_mentions: 0 },
    ]);
  });
});
