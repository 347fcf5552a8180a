import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { afterDeletion, afterMentions, unreadCount } from "../../src/domain/unread.ts";

const message = fc.record({
  sender: fc.constantFrom("me", "ann", "bob"),
  isSystem: fc.boolean(),
  isDeleted: fc.boolean(),
});

describe("unread count", () => {
  it("[UNREAD] the difference of the running numbers is what counting would give", () => {
    fc.assert(
      fc.property(fc.array(message), fc.nat(), (history, cut) => {
        const countable = (part: typeof history) => part.filter((one) => !one.isSystem);
        const mine = (part: typeof history) => countable(part).filter((one) => one.sender === "me");
        const watermark = history.length === 0 ? 0 : cut % (history.length + 1);
        const read = history.slice(0, watermark);
        const above = countable(history.slice(watermark)).filter((one) => one.sender !== "me");
        const count = unreadCount(countable(history).length, mine(history).length, {
          read_no: countable(read).length,
          read_sent_no: mine(read).length,
          unread_deleted: above.filter((one) => one.isDeleted).length,
        });
        expect(count).toBe(above.filter((one) => !one.isDeleted).length);
      }),
    );
  });

  it("[UNREAD] nothing said, nothing unread; one's own is never unread", () => {
    const none = { read_no: 0, read_sent_no: 0, unread_deleted: 0 };
    expect(unreadCount(0, 0, none)).toBe(0);
    expect(unreadCount(5, 5, none)).toBe(0);
    expect(unreadCount(5, 2, none)).toBe(3);
  });
});

describe("what a deletion or an edit changes in what is unread", () => {
  const someone = fc.constantFrom("me", "ann", "bob");
  const mentions = fc.option(
    fc.record({ all: fc.boolean(), user_ids: fc.uniqueArray(someone, { maxLength: 2 }) }),
    { nil: null },
  );
  const said = fc.record({
    sender_id: someone,
    mentions,
    hidden_by: fc.uniqueArray(someone, { maxLength: 2 }).map((list) => new Set(list)),
  });

  it("[UNREAD] the difference is what counting before and after would give, for every member", () => {
    fc.assert(
      fc.property(
        fc.array(said, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(11), { maxLength: 5 }),
        mentions,
        fc.nat(12),
        someone,
        (history, chosen, now, last_read_seq, user_id) => {
          const member = { user_id, last_read_seq };
          const messages = history.map((one, index) => ({ ...one, seq: index + 1 }));
          const calling = (list: typeof messages) =>
            list.filter((one) => {
              const isMine =
                one.sender_id === user_id || one.hidden_by.has(user_id) || one.seq <= last_read_seq;
              return !isMine && (one.mentions?.all || one.mentions?.user_ids.includes(user_id));
            }).length;
          const counted = (list: typeof messages) =>
            list.filter((one) => {
              return one.sender_id !== user_id && !one.hidden_by.has(user_id) && one.seq > last_read_seq;
            }).length;
          const gone = messages.filter((_, index) => chosen.includes(index));
          const left = messages.filter((_, index) => !chosen.includes(index));
          const change = afterDeletion(gone, member);
          expect(counted(messages) - change.deleted).toBe(counted(left));
          expect(calling(messages) + change.mentions).toBe(calling(left));
          const [first] = messages;
          if (!first) return;
          const edited = [{ ...first, mentions: now }, ...messages.slice(1)];
          expect(calling(messages) + afterMentions(first, now, member).mentions).toBe(calling(edited));
        },
      ),
    );
  });
});
