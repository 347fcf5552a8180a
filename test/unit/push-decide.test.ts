import {
  DEFAULT_PUSH_PREFERENCES,
  type PushLevel,
  type PushPreferences,
  PushSkip,
} from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { type Decision, decide, type Situation } from "../../src/user-hub/push/decide.ts";
import { isQuiet } from "../../src/user-hub/push/quiet-time.ts";
import { wordFor } from "../../src/user-hub/push/words.ts";

const NOW = Date.parse("2026-11-26T12:00:00Z");
const ROOM = "9f1c2ab4-77de-8a01-b3c4-000000000000";
const PHONE = { device_id: "phone", is_active: true };

function situation(patch: Partial<Situation> = {}): Situation {
  return {
    user_id: "me",
    message: { seq: 10, kind: "message", is_direct: false, expires_at: null, sender_id: "ann" },
    is_sender_blocked: false,
    conversation: {
      conversation_id: ROOM,
      member_count: 3,
      last_read_seq: 9,
      is_muted: false,
      muted_until: null,
      push_level: null,
    },
    device: PHONE,
    preferences: DEFAULT_PUSH_PREFERENCES,
    screens: [],
    grace_ms: 5_000,
    has_waited: false,
    ...patch,
  };
}

const plain = situation();
const said = (decision: Decision) => (decision.decision === "skip" ? decision.reason : decision.decision);
const decided = (patch: Partial<Situation>) => said(decide(situation(patch), NOW));
const prefer = (patch: Partial<PushPreferences>) => ({
  preferences: { ...DEFAULT_PUSH_PREFERENCES, ...patch },
});
const inRoom = (patch: Partial<Situation["conversation"]>) => ({
  conversation: { ...plain.conversation, ...patch },
});
const message = (patch: Partial<Situation["message"]>) => ({ message: { ...plain.message, ...patch } });
const MENTION = message({ kind: "mention", is_direct: true });
const ALL = message({ kind: "mention", is_direct: false });

describe("the decision about one message and one device (rule 27)", () => {
  it("[R27 PUSH-1] reaches every reason that depends on push alone", () => {
    const reached = {
      own: decided(message({ sender_id: "me" })),
      blocked: decided({ is_sender_blocked: true }),
      no_device: decided({ device: undefined }),
      token_dead: decided({ device: { ...PHONE, is_active: false } }),
      expired: decided(message({ expires_at: NOW })),
      already_read: decided(inRoom({ last_read_seq: 10 })),
      muted: decided(inRoom({ is_muted: true })),
      level: decided(prefer({ level: "mentions" })),
      do_not_disturb: decided(prefer({ snooze_until: "2026-11-26T12:00:01Z" })),
      on_screen: decided({ screens: [{ device_id: "phone", conversation_id: ROOM }] }),
      active_elsewhere: decided({ screens: [{ device_id: "laptop", conversation_id: ROOM }] }),
    };
    for (const [reason, answer] of Object.entries(reached)) expect(answer).toBe(reason);
    // Message requests make one of the others (rule 29), and an hour without a provider the last.
    const others = PushSkip.options.filter((reason) => !(reason in reached));
    expect(others).toEqual(["requested", "provider_down"]);
    expect(decide(plain, NOW)).toEqual({ decision: "send" });
  });

  it("[R27 PUSH-2] waits once while another device is in the foreground, and never for the device itself", () => {
    const laptop = { screens: [{ device_id: "laptop", conversation_id: null }] };
    expect(decide(situation(laptop), NOW)).toEqual({ decision: "wait", ms: 5_000 });
    expect(decided({ ...laptop, has_waited: true })).toBe("send");
    expect(decided({ ...laptop, grace_ms: 0 })).toBe("send");
    expect(decided({ screens: [{ device_id: null, conversation_id: null }] })).toBe("wait");
    expect(decided({ screens: [{ device_id: "phone", conversation_id: null }] })).toBe("send");
    expect(decided({ ...laptop, has_waited: true, ...inRoom({ last_read_seq: 10 }) })).toBe("already_read");
  });

  it("[R27 PUSH-3] level, mute, kind and size of the group, in every combination", () => {
    const levels: PushLevel[] = ["all", "mentions", "none"];
    let pushed = 0;
    for (const level of levels)
      for (const push_level of [null, ...levels])
        for (const is_muted of [false, true])
          for (const member_count of [2, 100, 101])
            for (const [kind, said] of Object.entries({ plain: {}, named: MENTION, all: ALL })) {
              const asked = {
                ...prefer({ level }),
                ...inRoom({ push_level, is_muted, member_count }),
                ...said,
              };
              const answer = decided(asked);
              const effective = push_level ?? (level === "all" && member_count > 100 ? "mentions" : level);
              const isCalled = kind !== "plain";
              const expected =
                is_muted && kind !== "named"
                  ? "muted"
                  : effective === "all" || (effective === "mentions" && isCalled)
                    ? "send"
                    : "level";
              expect(answer, JSON.stringify({ level, push_level, is_muted, member_count, kind })).toBe(
                expected,
              );
              if (answer === "send") pushed += 1;
            }
    expect(pushed).toBeGreaterThan(50);
  });

  it("[R27 PUSH-4] a mute ends at its time, and a snooze", () => {
    expect(decided(inRoom({ is_muted: true, muted_until: NOW + 1 }))).toBe("muted");
    expect(decided(inRoom({ is_muted: true, muted_until: NOW }))).toBe("send");
    expect(decided(prefer({ snooze_until: "2026-11-26T12:00:00Z" }))).toBe("send");
  });

  it("[R27 PUSH-5] being added pushes unless the level is none or the conversation is muted", () => {
    const added = message({ kind: "added", is_direct: true });
    expect(decided(added)).toBe("send");
    expect(decided({ ...added, ...prefer({ level: "mentions" }) })).toBe("send");
    expect(decided({ ...added, ...prefer({ level: "none" }) })).toBe("level");
    expect(decided({ ...added, ...inRoom({ is_muted: true }) })).toBe("muted");
  });
});

describe("do not disturb", () => {
  const nights = [{ days: ["mon", "fri"] as ("mon" | "fri")[], from: "22:00", to: "07:00" }];
  const at = (time: string, timezone: string, periods = nights) =>
    isQuiet(periods, timezone, Date.parse(time));

  it("[R27 PUSH-6] belongs to the day on which it begins, across midnight, in the user's own time zone", () => {
    // The 27th of November 2026 is a Friday.
    expect(at("2026-11-27T21:59:59Z", "UTC")).toBe(false);
    expect(at("2026-11-27T22:00:00Z", "UTC")).toBe(true);
    expect(at("2026-11-28T06:59:59Z", "UTC")).toBe(true);
    expect(at("2026-11-28T07:00:00Z", "UTC")).toBe(false);
    expect(at("2026-11-28T22:30:00Z", "UTC")).toBe(false);
    expect(at("2026-11-27T19:00:00Z", "Europe/Istanbul")).toBe(true);
    expect(at("2026-11-27T18:59:00Z", "Europe/Istanbul")).toBe(false);
    expect(at("2026-11-28T03:00:00Z", "America/New_York")).toBe(true);
    expect(at("2026-11-27T17:30:00Z", "Pacific/Kiritimati")).toBe(false);
    expect(at("2026-11-27T08:30:00Z", "Pacific/Kiritimati")).toBe(true);
  });

  it("[R27 PUSH-7] follows the clock on the wall where daylight saving skips or repeats an hour", () => {
    const early = [{ days: ["sun"] as never, from: "02:30", to: "03:30" }];
    // On 29 March 2026 in Berlin the clock goes from 02:00 to 03:00; on 25 October from 03:00 back to 02:00.
    expect(at("2026-03-29T00:59:00Z", "Europe/Berlin", early)).toBe(false);
    expect(at("2026-03-29T01:00:00Z", "Europe/Berlin", early)).toBe(true);
    expect(at("2026-03-29T01:30:00Z", "Europe/Berlin", early)).toBe(false);
    expect(at("2026-10-25T00:30:00Z", "Europe/Berlin", early)).toBe(true);
    expect(at("2026-10-25T01:00:00Z", "Europe/Berlin", early)).toBe(false);
    expect(at("2026-10-25T01:30:00Z", "Europe/Berlin", early)).toBe(true);
    expect(at("2026-10-25T02:30:00Z", "Europe/Berlin", early)).toBe(false);
  });

  it("[R27 PUSH-8] a period that ends when it begins lasts a day; without periods nothing is quiet", () => {
    const day = [{ days: ["sat"] as never, from: "12:00", to: "12:00" }];
    expect(at("2026-11-28T11:59:00Z", "UTC", day)).toBe(false);
    expect(at("2026-11-28T12:00:00Z", "UTC", day)).toBe(true);
    expect(at("2026-11-29T11:59:00Z", "UTC", day)).toBe(true);
    expect(at("2026-11-29T12:00:00Z", "UTC", day)).toBe(false);
    expect(isQuiet([], "UTC", NOW)).toBe(false);
  });
});

describe("how much a conversation is to tell", () => {
  const word = (
    conversation: Partial<Situation["conversation"]>,
    preferences: Partial<PushPreferences>,
    has = true,
  ) =>
    wordFor(
      { ...plain.conversation, ...conversation },
      { ...DEFAULT_PUSH_PREFERENCES, ...preferences },
      has,
      NOW,
    );

  it("[R27 PUSH-9] nothing without a device or a wish; mentions where only those push; else all", () => {
    expect(word({}, {})).toBe("all");
    expect(word({}, {}, false)).toBe("none");
    expect(word({}, { level: "none" })).toBe("none");
    expect(word({ push_level: "all" }, { level: "none" })).toBe("all");
    expect(word({ push_level: "none" }, {})).toBe("mentions");
    expect(word({ is_muted: true }, {})).toBe("mentions");
    expect(word({ is_muted: true, muted_until: NOW }, {})).toBe("all");
    expect(word({ member_count: 101 }, {})).toBe("mentions");
    expect(word({ member_count: 101, push_level: "all" }, {})).toBe("all");
  });
});
