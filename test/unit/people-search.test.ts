import { UserSearchQuery } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nameWords, parsePeopleQuery, textsOf } from "../../src/directory/people-search.ts";
import { unicode } from "./arbitraries.ts";

/** Whether a person is found by the beginning of one of their texts. */
function finds(q: string, display_name: string, username = "zzz"): boolean {
  const { prefix } = parsePeopleQuery(q);
  return textsOf({ username, display_name }).some((text) => text.startsWith(prefix));
}

describe("finding people", () => {
  it("[R3 PEOPLE-1] names are folded as messages are", () => {
    const folded: [q: string, name: string][] = [
      ["jose", "José"],
      ["JOSÉ", "Jose"],
      ["strauss", "Strauß"],
      ["straß", "STRASSE"],
      ["acme", "Acme"],
      ["orsted", "Ørsted"],
      ["ünal", "U\u0308nal"],
      ["ｆｕｌｌ", "full name"],
      ["οδυσσευσ", "Οδυσσεύς"],
      ["soft", "so\u00adft"],
    ];
    for (const [q, name] of folded) expect([q, name, finds(q, name)]).toEqual([q, name, true]);
  });

  it("[R3 PEOPLE-2] the beginning of the username, and of any word of the name, finds them", () => {
    for (const q of ["john", "jo", "smith", "smi", "von s", "john von", "JOHN"]) {
      expect([q, finds(q, "John von Smith")]).toEqual([q, true]);
    }
    for (const q of ["ohn", "mith", "johnn", "john smith", "n s"]) {
      expect([q, finds(q, "John von Smith")]).toEqual([q, false]);
    }
    expect(finds("john_d", "X", "john_doe")).toBe(true);
    expect(finds("doe", "X", "john_doe")).toBe(false);
    for (const q of ["田", "太郎", "山田太", "郎"]) expect(finds(q, "山田太郎")).toBe(true);
    expect(finds("田郎", "山田太郎")).toBe(false);
  });

  it("[R3 PEOPLE-2] signs between words may be left out, but count where they are asked for", () => {
    for (const q of ["jean-luc", "jean luc", "luc p", "jean-luc picard", "jean luc picard"]) {
      expect([q, finds(q, "Jean-Luc Picard")]).toEqual([q, true]);
    }
    for (const q of ["o'brien", "o’brien", "o brien", "brien"])
      expect([q, finds(q, "O’Brien")]).toEqual([q, true]);
    expect(finds("100%", "100% Wild")).toBe(true);
    expect(finds("100%", "1000 wild")).toBe(false);
    expect(finds("%wild", "100% Wild")).toBe(false);
    expect(finds("😀 s", "😀 Smiley")).toBe(true);
    expect(finds("😀 s", "Smiley")).toBe(false);
  });

  it("[R3 PEOPLE-3] a person has few and short texts, whatever their name; their whole name always finds them", () => {
    fc.assert(
      fc.property(unicode({ maxLength: 100 }), (name) => {
        const texts = textsOf({ username: "zzz", display_name: name });
        const isBounded = texts.length <= 16 && texts.every((text) => [...text].length <= 40);
        return isBounded && (parsePeopleQuery(name).prefix === "" || finds(name, name));
      }),
    );
    expect(textsOf({ username: "zzz", display_name: "a b ".repeat(25) }).length).toBe(16);
    expect(parsePeopleQuery("c a bbb ".repeat(20)).words).toHaveLength(8);
    expect(parsePeopleQuery("Smith-Jones, J.").words).toEqual(["smith", "jones", "j"]);
    for (const q of ["[a-z]", "smith = jones", "a_b", "@john smith"])
      expect(parsePeopleQuery(q).words).toEqual([]);
    expect(nameWords("  Smith-Jones,  J. ")).toBe("smith jones j");
  });

  it("[R3 PEOPLE-4] a search has two characters, or one letter of a script where that is a word", () => {
    const takes = (q: string) => UserSearchQuery.safeParse({ q }).success;
    for (const q of ["an", " an ", "李", "김", "あ", "カ", "é1", "..", "👨‍👩‍👧", "\u1112\u1161"])
      expect([q, takes(q)]).toEqual([q, true]);
    for (const q of [
      "",
      " ",
      "a",
      " a ",
      "é",
      "e\u0301",
      "a\u200b",
      "\u200b\u200b",
      "😀",
      "1",
      "ü",
      "я",
      "ก",
      "x".repeat(101),
    ]) {
      expect([q, takes(q)]).toEqual([q, false]);
    }
  });
});
