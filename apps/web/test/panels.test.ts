import type { Member, Role } from "@rocket-chat-api/client";
import { describe, expect, it } from "vitest";
import { duration } from "../src/panels/details/durations.ts";
import { inOrder, isInForce, matching, rightsOver } from "../src/panels/details/rights.ts";
import { isPicture } from "../src/panels/parts/picture.ts";
import { piecesOf } from "../src/panels/search/highlight.ts";
import { firstQuery, keepQuery } from "../src/panels/search/query.ts";
import { moment, presenceText } from "../src/panels/times.ts";

const ROLES: readonly Role[] = ["owner", "admin", "moderator", "member"];

function member(role: Role, name: string = role): Member {
  return {
    user_id: name,
    username: name,
    display_name: name,
    profile_photo_url: null,
    role: role === "owner" ? "admin" : role,
    is_owner: role === "owner",
    mute: null,
  };
}

describe("what a panel offers", () => {
  it("[PANEL-30] only managers change roles and remove, never the owner's; only the owner gives the group away", () => {
    const table = ROLES.map((own) =>
      ROLES.map((role) => {
        const { roles, canBeOwner, canRemove } = rightsOver(member(own, "viewer"), member(role));
        return [roles.length, canRemove ? "remove" : "", canBeOwner ? "give" : ""].join(" ").trim();
      }),
    );
    expect(table).toEqual([
      ["0  give", "2 remove give", "2 remove give", "2 remove give"],
      ["0", "2 remove", "2 remove", "2 remove"],
      ["0", "0", "0", "0"],
      ["0", "0", "0", "0"],
    ]);
    const own = member("admin", "viewer");
    expect(rightsOver(own, own)).toEqual({
      roles: [],
      canBeOwner: false,
      canRemove: false,
      canModerate: false,
    });
    expect(rightsOver(undefined, member("member")).canRemove).toBe(false);
  });

  it("[PANEL-31] one mutes and bans those whose role is lower, and a plain member nobody", () => {
    const table = ROLES.map((own) =>
      ROLES.filter((role) => rightsOver(member(own, "viewer"), member(role)).canModerate),
    );
    expect(table).toEqual([["admin", "moderator", "member"], ["moderator", "member"], ["member"], []]);
  });

  it("[PANEL-32] members stand by their role, then by name; one finds them without accents", () => {
    const all = [
      member("member", "Zoé"),
      member("member", "ann"),
      member("moderator", "Max"),
      member("owner", "Olga"),
      member("member", "me"),
    ];
    expect(inOrder(all, "me", "en").map((one) => one.display_name)).toEqual([
      "Olga",
      "Max",
      "me",
      "ann",
      "Zoé",
    ]);
    expect(matching(all, " ZOE ").map((one) => one.display_name)).toEqual(["Zoé"]);
    expect(matching(all, "")).toHaveLength(5);
  });

  it("[PANEL-33] a mute holds until its time", () => {
    const now = Date.UTC(2026, 0, 1);
    expect(isInForce(null, now)).toBe(false);
    expect(isInForce({ until: null }, now)).toBe(true);
    expect(isInForce({ until: new Date(now).toISOString() }, now)).toBe(false);
    expect(isInForce({ until: new Date(now + 1).toISOString() }, now)).toBe(true);
  });

  it("[PANEL-34] matches of a search are text: what was escaped is shown, and nothing becomes markup", () => {
    expect(piecesOf("a &lt;b&gt; <mark>x &amp;amp; y</mark>&#39;s")).toEqual([
      { text: "a <b> ", isMatch: false },
      { text: "x &amp; y", isMatch: true },
      { text: "'s", isMatch: false },
    ]);
    expect(piecesOf("")).toEqual([]);
  });

  it("[PANEL-35] a search is kept, but not for another conversation than the one that is to be searched", () => {
    expect(firstQuery(null)).toEqual({ q: "", conversationId: "", senderId: "" });
    keepQuery({ q: "lunch", conversationId: "a", senderId: "u" });
    expect(firstQuery(null).q).toBe("lunch");
    expect(firstQuery("a")).toEqual({ q: "lunch", conversationId: "a", senderId: "u" });
    expect(firstQuery("b")).toEqual({ q: "", conversationId: "b", senderId: "" });
  });

  it("[PANEL-36] a picture is an https address without a user name; http on this machine alone", () => {
    const good = ["", "https://example.com/a.png", "http://localhost:8787/a.png"];
    expect(good.filter((one) => !isPicture(one))).toEqual([]);
    const bad = ["http://example.com/a.png", "https://me:pw@example.com/a", "javascript:alert(1)", "a.png"];
    expect(bad.filter(isPicture)).toEqual([]);
  });

  it("[PANEL-37] times and lengths are words", () => {
    const now = new Date(2026, 4, 20, 12);
    expect(moment(new Date(2026, 4, 20, 9, 5), now, "en-GB")).toMatch(/^0?9:05$/);
    expect(moment(new Date(2026, 4, 19, 9, 5), now, "en-GB")).toMatch(/^yesterday, 0?9:05$/);
    expect(moment(new Date(2026, 4, 21, 9, 5), now, "en-GB")).toMatch(/^Thu,? 21 May, 0?9:05$/);
    expect([duration(604_800, "en"), duration(5_400, "en"), duration(1, "en")]).toEqual([
      "7 days",
      "90 minutes",
      "1 second",
    ]);
    const i18n = { language: "en", t: (key: string) => key } as unknown as Parameters<typeof presenceText>[1];
    expect(presenceText(undefined, i18n)).toBeUndefined();
    expect(presenceText({ status: "offline", last_seen_at: null }, i18n)).toBeUndefined();
    expect(presenceText({ status: "online", last_seen_at: null }, i18n)).toBe("panels.online");
  });
});
