import { hasVisible, lineProblem } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";

/** Shows invisible characters in a test's message. */
const shown = (text: string) =>
  JSON.stringify(text).replace(/[^ -~]/gu, (c) => `U+${c.codePointAt(0)?.toString(16)}`);

describe("visible text", () => {
  const invisible = [
    "",
    " ",
    "\t\n",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\u00ad",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\ufe0f",
    "\u034f",
    "\u2800",
    "\u3164",
    "\u115f",
    "\u1160",
    "\uffa0",
    "\u180e",
    "\u202e\u202c",
    "\u2066\u2069",
    "\u0000",
    "\u0085",
    "\u2028",
    "\u{e0020}\u{e007f}",
    "\u{e0100}",
    "\u{1d159}",
    "\ud800",
    " \u200b\u3164\u2800 ",
  ];
  for (const text of invisible) {
    it(`[R13 TEXT-1] shows nothing: ${shown(text)}`, () => expect(hasVisible(text)).toBe(false));
  }

  const visible = [
    "a",
    ".",
    " x ",
    "\u200bx",
    "中",
    "ก",
    "😀",
    "👨‍👩‍👧",
    "❤️",
    "1️⃣",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "🇩🇪",
    "\u0301",
    "\u06dd",
    "\u{10ffff}x",
    "⠁",
    "ᄀ",
  ];
  for (const text of visible) {
    it(`[R13 TEXT-1] shows something: ${shown(text)}`, () => expect(hasVisible(text)).toBe(true));
  }
});

describe("one line", () => {
  it("[R13 TEXT-2] line breaks and control characters do not stand in a line", () => {
    for (const sign of [
      "\n",
      "\r",
      "\t",
      "\u000b",
      "\u000c",
      "\u0085",
      "\u2028",
      "\u2029",
      "\u0000",
      "\u001b",
      "\u007f",
      "\u009f",
    ]) {
      expect([shown(sign), lineProblem(`a${sign}b`)]).toEqual([
        shown(sign),
        expect.stringContaining("line breaks"),
      ]);
    }
  });

  it("[R13 TEXT-2] a text direction that is opened is closed, and none is closed that the text has not opened", () => {
    const open = [
      "\u202aa",
      "a\u202b",
      "\u202da",
      "\u202ea",
      "\u2066a",
      "\u2067a",
      "\u2068a",
      "\u202ea\u2069",
      "\u2066a\u202c",
    ];
    const stray = [
      "a\u202c",
      "a\u2069",
      "\u2066\u2069\u2069",
      "\u202ea\u202c\u202c",
      "\u202e\u2066\u202c\u2069\u202c",
    ];
    for (const text of [...open, ...stray]) {
      expect([shown(text), lineProblem(text)]).toEqual([shown(text), expect.stringContaining("direction")]);
    }
  });

  it("[R13 TEXT-2] everything else stands in a line", () => {
    const fine = [
      "",
      "José Núñez",
      "שלום",
      "\u200eAnn\u200f",
      "\u202ba\u202c",
      "\u202ea\u202c",
      "\u2068a\u2069",
      "\u2066\u202ea\u2069",
      "\u2067\u2066a\u2069\u2069",
      "👨‍👩‍👧",
      "می‌خواهم",
      "a b",
    ];
    for (const text of fine) expect([shown(text), lineProblem(text)]).toEqual([shown(text), undefined]);
  });
});
