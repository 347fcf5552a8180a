import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unreadCount } from "../../src/domain/unread.ts";

const message = fc.record({
  sender: fc.constantFrom("me", "ann", "bob"),
  isSystem: fc.boolean(),
  isDeleted: fc.boolean(),
});

describe("unread count", () => {
  it("[UNREAD BLOCK-1] the difference of the running numbers is what counting would give", () => {
    const blocked = fc.subarray(["ann", "bob"]);
    fc.assert(
      fc.property(fc.array(message), fc.nat(), blocked, (history, cut, unseen) => {
        const countable = (part: typeof history) => part.filter((one) => !one.isSystem);
        const mine = (part: typeof history) => countable(part).filter((one) => one.sender === "me");
        const theirs = (part: typeof history) => countable(part).filter((one) => unseen.includes(one.sender));
        const watermark = history.length === 0 ? 0 : cut % (history.length + 1);
        const read = history.slice(0, watermark);
        const above = countable(history.slice(watermark)).filter(
          (one) => one.sender !== "me" && !unseen.includes(one.sender),
        );
        const count = unreadCount(countable(history).length, mine(history).length, theirs(history).length, {
          read_no: countable(read).length,
          read_sent_no: mine(read).length,
          read_blocked_no: theirs(read).length,
          unread_deleted: above.filter((one) => one.isDeleted).length,
        });
        expect(count).toBe(above.filter((one) => !one.isDeleted).length);
      }),
    );
  });

  it("[UNREAD] nothing said, nothing unread; one's own is never unread", () => {
    const none = { read_no: 0, read_sent_no: 0, read_blocked_no: 0, unread_deleted: 0 };
    expect(unreadCount(0, 0, 0, none)).toBe(0);
    expect(unreadCount(5, 5, 0, none)).toBe(0);
    expect(unreadCount(5, 2, 0, none)).toBe(3);
    expect(unreadCount(5, 2, 1, none)).toBe(2);
  });
});
