import {
  boundedText,
  CleanText,
  ClientMessageId,
  codePoints,
  HttpUrl,
  holdsCleanText,
  limitParam,
  MAX_METADATA_BYTES,
  Metadata,
  queryInteger,
} from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyString, cleanText, unicode } from "./arbitraries.ts";

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;

describe("text", () => {
  it("[TEXT] characters are code points", () => {
    expect(codePoints("")).toBe(0);
    expect(codePoints("abc")).toBe(3);
    expect(codePoints("😀😀")).toBe(2);
    // A family is seven code points, though one picture.
    expect(codePoints("👨‍👩‍👧‍👦")).toBe(7);
    fc.assert(fc.property(unicode(), (text) => codePoints(text) === [...text].length));
  });

  it("[TEXT] NUL and lone surrogates are refused, everything else is kept as it is", () => {
    for (const text of ["\0", "a\0", "\ud800", "\udc00", "\udc00\ud800", "x\ud83d"]) {
      expect(accepts(CleanText, text)).toBe(false);
    }
    for (const text of ["", " x ", "😀", "\u0001", "\u202e", "\ufffd"])
      expect(CleanText.parse(text)).toBe(text);
    fc.assert(fc.property(cleanText(), (text) => CleanText.parse(text) === text));
    const isClean = (text: string) => !text.includes("\0") && text.isWellFormed();
    fc.assert(fc.property(anyString(), (text) => accepts(CleanText, text) === isClean(text)));
  });

  it("[TEXT] bounded text is trimmed, then counted in code points", () => {
    const name = boundedText(1, 3);
    expect(name.parse("  ab ")).toBe("ab");
    expect(name.parse("😀😀😀")).toBe("😀😀😀");
    for (const text of ["", "   ", "abcd", "😀😀😀😀", "a\0b"]) expect(accepts(name, text)).toBe(false);
  });

  it("[TEXT] a client_message_id has 1 to 64 characters", () => {
    for (const id of ["x", "x".repeat(64), "😀".repeat(64), " "])
      expect(accepts(ClientMessageId, id)).toBe(true);
    for (const id of ["", "x".repeat(65), "😀".repeat(65), "\0", "\ud83d", 7, null]) {
      expect(accepts(ClientMessageId, id)).toBe(false);
    }
  });
});

describe("metadata", () => {
  it("[META] keys and values are clean, however deep", () => {
    for (const bad of ["\0", "\ud800"]) {
      for (const value of [{ a: bad }, { [bad]: 1 }, { a: [{ b: [bad] }] }, { a: { [bad]: { c: 1 } } }]) {
        expect(holdsCleanText(value)).toBe(false);
        expect(accepts(Metadata, value)).toBe(false);
      }
    }
    // What looks like an escape but is text is fine.
    for (const good of [{ a: "\\ud800" }, { a: "\\u0000" }, { a: "😀", b: [1, null, true, { c: 2 }] }, {}]) {
      expect(Metadata.parse(good)).toEqual(good);
    }
  });

  it("[R14 PROTO-1] a key __proto__ is refused however deep and however it is spelled, never dropped", () => {
    const bad = [
      '{"__proto__":1}',
      '{"__proto__":null}',
      '{"__proto__":{"polluted":true},"a":1}',
      '{"\\u005f_proto__":[]}',
      '{"a":{"__proto__":1}}',
      '{"a":[[{"b":1,"__proto__":{}}]]}',
      '{"mentions":["@ann"],"__proto__":{"mentions":["@bob"]}}',
    ];
    for (const text of bad) {
      const { error } = Metadata.safeParse(JSON.parse(text));
      expect([text, error?.issues.map(({ message }) => message)]).toEqual([
        text,
        ["must not have the key __proto__"],
      ]);
    }
    // Other names of prototypes are names, and so is this one as a value.
    const good = [
      '{"constructor":{"prototype":{"polluted":true}}}',
      '{"proto":1,"__proto":2,"__PROTO__":3," __proto__":4}',
      '{"mentions":["__proto__"],"a":"__proto__","b":"\\"__proto__\\":1"}',
      '{"hasOwnProperty":1,"toJSON":"x"}',
    ];
    for (const text of good) expect(JSON.stringify(Metadata.parse(JSON.parse(text)))).toBe(text);
  });

  it("[META] at most 4 KiB of JSON, and a JSON object", () => {
    const room = MAX_METADATA_BYTES - JSON.stringify({ a: "" }).length;
    expect(accepts(Metadata, { a: "x".repeat(room) })).toBe(true);
    expect(accepts(Metadata, { a: "x".repeat(room + 1) })).toBe(false);
    expect(accepts(Metadata, { a: "€".repeat(Math.ceil((room + 1) / 3)) })).toBe(false);
    for (const value of [[], "x", 1, null]) expect(accepts(Metadata, value)).toBe(false);
  });

  it("[META] mentions are a list of texts", () => {
    expect(accepts(Metadata, { mentions: ["@user1", "@all"] })).toBe(true);
    for (const mentions of ["@user1", [7], [null], ["\0"], Array(101).fill("@x"), ["x".repeat(65)]]) {
      expect(accepts(Metadata, { mentions })).toBe(false);
    }
  });
});

describe("query parameters", () => {
  it("[QUERY] a number is digits within its bounds", () => {
    const limit = limitParam(20);
    expect(limit.parse(undefined)).toBe(20);
    expect(limit.parse("1")).toBe(1);
    expect(limit.parse("100")).toBe(100);
    const bad = [
      "",
      "0",
      "101",
      "-1",
      "+1",
      "1e2",
      "0x10",
      "1.0",
      " 5 ",
      "5\n",
      "٣",
      "NaN",
      "9".repeat(30),
      ["1", "2"],
    ];
    for (const value of bad) expect(accepts(limit, value)).toBe(false);
    expect(accepts(queryInteger(1, 1_000_000, 1), "1000001")).toBe(false);
  });

  it("[R3 PHOTO-2] a picture's address is https, or of this machine, names nobody, and is not endless", () => {
    const local = [
      "http://localhost:9000/x",
      "http://127.0.0.1/x",
      "http://[::1]:8787/x",
      "http://app.localhost/x",
    ];
    for (const url of ["https://example.com/a.png", "HTTPS://EXAMPLE.COM", ...local])
      expect([url, accepts(HttpUrl, url)]).toEqual([url, true]);
    const bad = [
      "http://example.com/a.png",
      "http://localhost.example.com/x",
      "http://127.0.0.1.example.com/x",
      "http://10.0.0.1/x",
      "https://user@example.com/a.png",
      "https://user:secret@example.com/a.png",
      "https://:secret@example.com/a.png",
      "http://user@localhost/x",
      "javascript:alert(1)",
      "data:text/html,x",
      "ftp://x",
      "//x",
      "x",
      "",
      `https://x/${"y".repeat(2048)}`,
    ];
    for (const url of bad) expect(accepts(HttpUrl, url)).toBe(false);
  });
});
