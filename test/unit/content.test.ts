import { preview, SendMessage } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkContent } from "../../src/domain/content.ts";
import { unicode } from "./arbitraries.ts";

const text = (content: string) => SendMessage.parse({ type: "text", content });

describe("content", () => {
  it("[CONTENT] the limit is in code points", () => {
    expect(checkContent(text("x".repeat(4096)), 4096)).toBeUndefined();
    expect(checkContent(text("😀".repeat(4096)), 4096)).toBeUndefined();
    const tooLong = { code: "MESSAGE_TOO_LONG", details: { max_length: 4096 } };
    expect(checkContent(text("x".repeat(4097)), 4096)).toMatchObject(tooLong);
    expect(checkContent(text("😀".repeat(4097)), 4096)).toMatchObject(tooLong);
    expect(checkContent(text(`${"x".repeat(4095)}😀`), 4096)).toBeUndefined();
    expect(checkContent(text(`${"x".repeat(4096)}😀`), 4096)).toMatchObject(tooLong);
  });

  it("[R13 VAL-14] a text shows something", () => {
    for (const content of ["", " ", "\n\t", "\u00a0\u3000", "\u200b", "\u00ad\u2800", "\u3164", "\ufe0f"]) {
      expect(checkContent(text(content), 4096)).toMatchObject({ code: "VALIDATION_ERROR" });
    }
    for (const content of [" x ", "\u200b.", "\u0301", "❤\ufe0f", "👩\u200d💻", "⠁"])
      expect(checkContent(text(content), 4096)).toBeUndefined();
  });

  it("[CONTENT] only what was offered as content can be sent", () => {
    for (const type of ["system", "sticker", "", null, undefined, 7]) {
      expect(SendMessage.safeParse({ type, content: "x" }).success).toBe(false);
    }
  });
});

describe("preview", () => {
  it("[PREVIEW] the first code points, never half of one", () => {
    expect(preview("hello", 10)).toBe("hello");
    expect(preview("hello", 5)).toBe("hello");
    expect(preview("hello", 4)).toBe("hell");
    expect(preview("😀😀😀", 2)).toBe("😀😀");
    expect(preview("a😀😀", 2)).toBe("a😀");
    fc.assert(
      fc.property(unicode({ maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (whole, max) => {
        const short = preview(whole, max);
        expect(short).toBe([...whole].slice(0, max).join(""));
        expect(short.isWellFormed()).toBe(true);
      }),
    );
  });
});
