import type { Role } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import {
  type Mentioned,
  type MentionSet,
  resolveMentions,
  reviseMentions,
} from "../../src/domain/mentions.ts";

const who = (user_id: string, username: string, role: Role = "member") => ({
  user_id,
  username,
  role,
  joined_seq: 1,
  left_seq: null,
});
const ann = who("A", "ann", "owner");
const bob = who("B", "bob");
const cat = who("C", "cat");

const called = (set: MentionSet | null) => set && { all: set.all, ids: set.user_ids };
/** What was written, and whom it called then. */
const written = (names: string[], sender = ann, members = [ann, bob, cat]): Mentioned => ({
  names,
  set: resolveMentions(names, sender, members),
});
/** The same from before the names of those who were called were kept. */
const old = ({ names, set }: Mentioned): Mentioned => ({
  names,
  set: set && { all: set.all, user_ids: set.user_ids },
});

describe("mentions of an edited message (rules 14 and 16)", () => {
  const bobby = { ...bob, username: "bobby" };
  const thief = who("T", "bob");
  const today = [ann, bobby, cat, thief];

  it("[MENTION-1] a name stays whose it was: who was renamed is called, who took the name is not", () => {
    for (const before of [written(["@bob"]), old(written(["@bob"]))]) {
      expect(called(reviseMentions(before, ["@bob"], ann, today))).toEqual({ all: false, ids: ["B"] });
      expect(called(reviseMentions(before, ["BOB", "@cat"], ann, today))).toEqual({
        all: false,
        ids: ["B", "C"],
      });
    }
  });

  it("[MENTION-2] a new name is looked up now; one that is gone calls nobody any more", () => {
    const before = written(["@cat"]);
    expect(called(reviseMentions(before, ["@bob"], ann, today))).toEqual({ all: false, ids: ["T"] });
    expect(called(reviseMentions(before, ["@bobby", "@cat"], ann, today))).toEqual({
      all: false,
      ids: ["B", "C"],
    });
    expect(reviseMentions(before, [], ann, today)).toBeNull();
    expect(reviseMentions(before, undefined, ann, today)).toBeNull();
  });

  it("[MENTION-3] a name that was nobody's stays nobody's, and who has left keeps their mention", () => {
    expect(reviseMentions(written(["@dan"]), ["@dan"], ann, [ann, who("D", "dan")])).toBeNull();
    expect(called(reviseMentions(written(["@bob"]), ["@bob"], ann, [ann, cat]))).toEqual({
      all: false,
      ids: ["B"],
    });
  });

  it("[MENTION-4] @all neither vanishes nor becomes real with the role of its sender; a new one needs the role", () => {
    const member = { ...ann, role: "member" as const };
    expect(called(reviseMentions(written(["@all"]), ["@all"], member, today))).toEqual({
      all: true,
      ids: [],
    });
    expect(reviseMentions(written(["@all"], bob), ["@all"], { ...bob, role: "admin" }, today)).toBeNull();
    expect(reviseMentions(written(["@cat"]), ["@all"], member, today)).toBeNull();
    expect(called(reviseMentions(written(["@cat"]), ["@all"], ann, today))).toEqual({ all: true, ids: [] });
  });

  it("[MENTION-5] names that JavaScript gives every object call nobody, and may be somebody's", () => {
    const names = ["constructor", "__proto__", "tostring", "hasownproperty"];
    for (const before of [written(names), old(written(names)), written([])]) {
      expect(reviseMentions(before, names, ann, today)).toBeNull();
    }
    const proto = who("P", "__proto__");
    const kept = written(["@__proto__"], ann, [ann, proto]);
    const stored: Mentioned = { names: kept.names, set: JSON.parse(JSON.stringify(kept.set)) };
    expect(called(reviseMentions(stored, ["@__proto__"], ann, [ann]))).toEqual({ all: false, ids: ["P"] });
  });

  it("[MENTION-6] in an old message whose people were renamed, their names stand for them together", () => {
    const before = old(written(["@bob", "@cat"]));
    const both = [ann, bobby, { ...cat, username: "kitty" }, thief];
    expect(called(reviseMentions(before, ["@bob", "@cat"], ann, both))?.ids.sort()).toEqual(["B", "C"]);
    expect(called(reviseMentions(before, ["@cat"], ann, today))).toEqual({ all: false, ids: ["C"] });
  });
});
