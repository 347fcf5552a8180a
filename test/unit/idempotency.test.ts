import { describe, expect, it } from "vitest";
import { isSameSend } from "../../src/domain/idempotency.ts";

const first = { type: "text", content: "hello", reply_to_seq: 3, metadata: '{"a":1}' };

describe("a repeated client_message_id", () => {
  it("[RETRY] the same send again is a retry", () => {
    expect(isSameSend(first, { ...first })).toBe(true);
    const bare = { type: "text", content: "hello", reply_to_seq: null, metadata: null };
    expect(isSameSend(bare, { ...bare })).toBe(true);
  });

  it("[RETRY] anything different is a mistake", () => {
    const others = [
      { content: "Hello" },
      { content: "hello " },
      { type: "image" },
      { reply_to_seq: 4 },
      { reply_to_seq: null },
      { reply_to_seq: 0 },
      { metadata: null },
      { metadata: '{"a":2}' },
    ];
    for (const other of others) expect(isSameSend(first, { ...first, ...other })).toBe(false);
  });

  it("[RETRY] what looks the same but is other code points is different", () => {
    const composed = { ...first, content: "é" };
    expect(isSameSend(composed, { ...composed, content: "e\u0301" })).toBe(false);
  });

  it("[RETRY] when the first has been deleted there is nothing to compare with", () => {
    expect(isSameSend(undefined, first)).toBe(true);
  });
});
