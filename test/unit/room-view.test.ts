/** What the conversation view of the chat page decides by itself: pure functions of apps/web/src/room. */
import type { ConversationInfo, Member, Message } from "@rocket-chat-api/client";
import type { ShownMessage } from "@rocket-chat-api/react";
import { describe, expect, it } from "vitest";
import {
  candidatesOf,
  mentionQuery,
  namesIn,
  withMention,
} from "../../apps/web/src/room/composer/mentions.ts";
import { changeOf, placeOf } from "../../apps/web/src/room/list/rows.ts";
import { isEmojiOnly, partsOf } from "../../apps/web/src/room/list/text-parts.ts";
import { boxOf } from "../../apps/web/src/room/media/box.ts";
import { clockText, sizeText } from "../../apps/web/src/room/media/format.ts";
import {
  canDeleteForEveryone,
  canEdit,
  rightsOf,
  slowUntil,
  writeStop,
} from "../../apps/web/src/room/rights.ts";

const ANN = "ann-id";
const BOB = "bob-id";
const NOW = Date.parse("2026-11-16T12:00:00.000Z");

const member = (user_id: string, username: string, patch: Partial<Member> = {}): Member => ({
  ...{ user_id, username, display_name: `${username} Smith`, profile_photo_url: null },
  ...{ role: "member", is_owner: false, mute: null },
  ...patch,
});

const group = (settings: object = {}): ConversationInfo =>
  ({
    type: "group",
    settings: {
      ...{ only_admins_can_send: false, who_can_pin: "admins", slow_mode_seconds: 0, is_frozen: false },
      ...settings,
    },
  }) as ConversationInfo;

const said = (patch: Partial<Message> & { at?: string; key?: string } = {}): ShownMessage => {
  const { at = "2026-11-16T10:00:00", key = "k", ...rest } = patch;
  const message = {
    sender_id: BOB,
    type: "text",
    created_at: new Date(at).toISOString(),
    ...rest,
  } as Message;
  return { key, message, outgoing: null };
};

describe("the conversation view decides", () => {
  it("[ROOMVIEW-100] messages of one sender within five minutes stand together, and never across a day", () => {
    const first = said();
    const soon = said({ at: "2026-11-16T10:04:59" });
    expect(placeOf(undefined, first, soon)).toEqual({ startsDay: true, isFirst: true, isLast: false });
    expect(placeOf(first, soon, undefined)).toEqual({ startsDay: false, isFirst: false, isLast: true });
    expect(placeOf(first, said({ at: "2026-11-16T10:05:01" }), undefined).isFirst).toBe(true);
    expect(placeOf(first, said({ sender_id: ANN }), undefined).isFirst).toBe(true);
    expect(placeOf(first, said({ type: "system" }), undefined).isFirst).toBe(true);
    const late = said({ at: "2026-11-16T23:59:00" });
    expect(placeOf(late, said({ at: "2026-11-17T00:01:00" }), undefined).startsDay).toBe(true);
    expect(placeOf(undefined, late, said({ at: "2026-11-17T00:01:00" })).isLast).toBe(true);
  });

  it("[ROOMVIEW-101] the list knows whether rows came at the start, at the end, or are all others", () => {
    const keys = (...all: string[]) => all.map((key) => said({ key }));
    expect(changeOf(keys("b", "c"), keys("a", "b", "c"))).toBe("start");
    expect(changeOf(keys("a", "b", "c"), keys("b", "c", "d"))).toBe("start");
    expect(changeOf(keys("a", "b"), keys("a", "b", "c"))).toBe("end");
    expect(changeOf(keys("a", "b"), keys("x", "y"))).toBe("other");
    expect(changeOf(keys("a", "b"), keys("a", "b"))).toBe("same");
    expect(changeOf(keys(), keys("a"))).toBe("other");
  });

  it("[ROOMVIEW-102] links are http, https and mail alone; mentions are whole names; all else is text", () => {
    const parts = (content: string) =>
      partsOf({ content, mentions: [{ user_id: ANN, username: "ann" }], mentions_all: false }, ANN);
    expect(parts("see example.com.")).toEqual([
      { kind: "text", text: "see " },
      { kind: "link", text: "example.com", href: "https://example.com" },
      { kind: "text", text: "." },
    ]);
    for (const evil of ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"])
      expect(parts(evil).filter(({ kind }) => kind === "link")).toEqual([]);
    expect(parts("@Ann. and @anna, x@ann")).toEqual([
      { kind: "mention", text: "@Ann", isMine: true },
      { kind: "text", text: ". and @anna, x@ann" },
    ]);
    const whole = "a@b.c @ann https://x.yz/@ann?q=1 <i>";
    expect(
      parts(whole)
        .map(({ text }) => text)
        .join(""),
    ).toBe(whole);
  });

  it("[ROOMVIEW-103] one to three emoji are large, text with emoji is not", () => {
    for (const large of ["👍", "❤️", "👩‍👩‍👧 🇩🇪", "1️⃣", "👍🏽👍🏽👍🏽"])
      expect(isEmojiOnly(large), large).toBe(true);
    for (const plain of ["", "12", "ok 👍", "👍👍👍👍", "©x", "!"])
      expect(isEmojiOnly(plain), plain).toBe(false);
  });

  it("[ROOMVIEW-104] mentions complete by username or a word of the name, and all is for moderators", () => {
    expect(mentionQuery("hi @an", 6)).toEqual({ query: "an", start: 3, end: 6 });
    expect(mentionQuery("mail me@an", 10)).toBeNull();
    expect(mentionQuery("hi @an there", 12)).toBeNull();
    const members = [member(ANN, "ann"), member(BOB, "bob", { display_name: "Robert Andersson" })];
    const query = { query: "an", start: 3, end: 6 };
    expect(candidatesOf(query, members, ANN, null).map(({ username }) => username)).toEqual(["bob"]);
    expect(candidatesOf({ ...query, query: "a" }, members, BOB, "All").map((one) => one.username)).toEqual([
      "ann",
      "all",
    ]);
    expect(withMention("hi @an there", query, { username: "ann", name: "Ann", member: null })).toEqual({
      text: "hi @ann there",
      caret: 8,
    });
    expect(namesIn("@Bob, @ann. @nobody @all a@bob", members)).toEqual(["@bob", "@ann", "@all"]);
  });

  it("[ROOMVIEW-105] who may pin, edit and delete for everyone, as the server decides", () => {
    const facts = { viewerId: ANN, membership: "member" as const, isRequest: false };
    const plain = rightsOf({
      ...facts,
      conversation: group(),
      members: [member(ANN, "ann"), member(BOB, "bob")],
    });
    expect(plain).toMatchObject({ canPin: false, isModerator: false, other: null });
    const mod = rightsOf({
      ...facts,
      conversation: group(),
      members: [member(ANN, "ann", { role: "moderator" })],
    });
    expect(mod.canPin).toBe(true);
    const open = rightsOf({ ...facts, conversation: group({ who_can_pin: "everyone" }), members: [] });
    expect(open.canPin).toBe(true);
    const own = said({ sender_id: ANN, is_deleted: false }).message;
    const other = said({ is_deleted: false }).message;
    expect(canEdit(plain, own)).toBe(true);
    expect(canEdit(plain, { ...own, type: "image" })).toBe(false);
    expect(canEdit(mod, other)).toBe(false);
    expect(canDeleteForEveryone(plain, other)).toBe(false);
    expect(canDeleteForEveryone(mod, other)).toBe(true);
    expect(canDeleteForEveryone(mod, { ...other, type: "system" })).toBe(false);
  });

  it("[ROOMVIEW-106] why one cannot write: each reason, and until when", () => {
    const conversation = group();
    const members = [member(ANN, "ann"), member(BOB, "bob")];
    const rights = rightsOf({ viewerId: ANN, membership: "member", isRequest: false, conversation, members });
    const facts = { rights, conversation, membership: "member" as const, own: members[0], now: NOW };
    const free = { ...facts, hasBlocked: false, refused: null };
    expect(writeStop(free)).toBeNull();
    expect(writeStop({ ...free, membership: "removed" })).toEqual({ why: "left" });
    expect(writeStop({ ...free, membership: "removed", refused: "BANNED" })).toEqual({ why: "banned" });
    expect(writeStop({ ...free, hasBlocked: true })).toEqual({ why: "blocked_here" });
    expect(writeStop({ ...free, refused: "BLOCKED" })).toEqual({ why: "blocked" });
    expect(writeStop({ ...free, conversation: group({ is_frozen: true }) })).toEqual({ why: "frozen" });
    expect(writeStop({ ...free, conversation: group({ only_admins_can_send: true }) })).toEqual({
      why: "admins",
    });
    const until = new Date(NOW + 60_000).toISOString();
    const muted = (mute: Member["mute"]) => writeStop({ ...free, own: member(ANN, "ann", { mute }) });
    expect(muted({ until })).toEqual({ why: "muted", until: NOW + 60_000 });
    expect(muted({ until: null })).toEqual({ why: "muted", until: null });
    expect(muted({ until: new Date(NOW - 1).toISOString() })).toBeNull();
    const slow = group({ slow_mode_seconds: 30 });
    expect(slowUntil(slow, rights, NOW)).toBe(NOW + 30_000);
    expect(slowUntil(slow, { ...rights, isModerator: true }, NOW)).toBe(0);
    expect(slowUntil(slow, rights, null)).toBe(0);
  });

  it("[ROOMVIEW-107] the box of a picture keeps its shape, and sizes and durations read well", () => {
    expect(boxOf(3400, 1700)).toEqual({ width: 340, height: 170 });
    expect(boxOf(100, 200)).toEqual({ width: 100, height: 200 });
    expect(boxOf(undefined, undefined).width).toBeGreaterThan(0);
    expect(sizeText(1_234_567, "en")).toBe("1.2 MB");
    expect(sizeText(900, "en")).toBe("0.9 kB");
    expect(clockText(65, "en")).toBe("1:05");
    expect(clockText(3_723, "en")).toBe("1:02:03");
  });
});
