import { describe, expect, it } from "vitest";
import { outranks, type Ranked } from "../../src/domain/access.ts";
import {
  bannedPeople,
  checkSlowMode,
  checkTarget,
  checkWrite,
  deletedSince,
  endOf,
  FOREVER,
  isInForce,
  NOT_MUTED,
  shownEnd,
} from "../../src/domain/moderation.ts";

const ROLES = ["member", "moderator", "admin", "owner"] as const;
const NOW = Date.parse("2026-01-15T10:00:00.000Z");

describe("what moderators may, as decisions", () => {
  it("[ROOM-70] each role moderates the ones below it and no other, itself neither", () => {
    for (const [above, one] of ROLES.entries()) {
      for (const [below, other] of ROLES.entries()) {
        expect([one, other, outranks({ role: one }, { role: other })]).toEqual([one, other, above > below]);
        const refusal = checkTarget({ role: one }, { role: other });
        expect(refusal?.code).toBe(above > below ? undefined : "FORBIDDEN");
      }
    }
  });

  it("[ROOM-71] a mute holds until its time, for every role; a frozen group is closed to members alone", () => {
    const open = { is_frozen: false };
    const codes = (muted_until: number | null, settings: { is_frozen: boolean }) =>
      ROLES.map(
        (role) => checkWrite({ role, muted_until, muted_reason: null, muted_by: null }, settings, NOW)?.code,
      );
    expect(codes(null, open)).toEqual([undefined, undefined, undefined, undefined]);
    expect(codes(NOW, open)).toEqual([undefined, undefined, undefined, undefined]);
    expect(codes(NOW + 1, open)).toEqual(["MUTED", "MUTED", "MUTED", "MUTED"]);
    expect(codes(FOREVER, { is_frozen: true })).toEqual(["MUTED", "MUTED", "MUTED", "MUTED"]);
    expect(codes(null, { is_frozen: true })).toEqual(["FROZEN", undefined, undefined, undefined]);
    const member: Ranked & typeof NOT_MUTED = { role: "member", ...NOT_MUTED };
    expect(checkWrite(member, open, NOW)).toBeUndefined();
  });

  it("[ROOM-72] the pause of slow mode in whole seconds, rounded up, never longer than the setting", () => {
    const left = (last: number, seconds: number) =>
      checkSlowMode(last, seconds, NOW)?.details?.retry_after as number | undefined;
    expect(left(0, 3_600)).toBeUndefined();
    expect(left(NOW - 30_000, 30)).toBeUndefined();
    expect(left(NOW - 29_999, 30)).toBe(1);
    expect(left(NOW - 29_000, 30)).toBe(1);
    expect(left(NOW - 28_999, 30)).toBe(2);
    expect(left(NOW, 30)).toBe(30);
    // The time of a message may be ahead of the clock.
    expect(left(NOW + 5_000, 30)).toBe(30);
  });

  it("[ROOM-73] an end that is not said is none; times are shown as they were given", () => {
    for (const until of [null, undefined]) expect(shownEnd(endOf(until))).toBeNull();
    expect(shownEnd(endOf("2026-01-15T10:30:00.000Z"))).toBe("2026-01-15T10:30:00.000Z");
    expect(isInForce(FOREVER, NOW)).toBe(true);
    expect(isInForce(null, NOW)).toBe(false);
    expect(deletedSince("none", NOW)).toBeUndefined();
    expect(deletedSince("day", NOW)).toBe(NOW - 86_400_000);
    expect(deletedSince("all", NOW)).toBe(0);
  });

  it("[ROOM-74] who adds several banned people hears who they are, twenty at most, and when the last ban ends", () => {
    const bans = Array.from({ length: 25 }, (_, i) => ({ user_id: `u${i}`, until: NOW + i }));
    const { code, details } = bannedPeople(bans);
    expect(code).toBe("BANNED");
    expect(details).toMatchObject({ until: shownEnd(NOW + 24), user_ids: { length: 20 } });
    expect(bannedPeople([{ user_id: "u", until: FOREVER }, ...bans]).details).toMatchObject({ until: null });
  });
});
