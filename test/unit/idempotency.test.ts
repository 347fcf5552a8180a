import { SendMessage } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSameSend, sameValue } from "../../src/conversation/messages/idempotency.ts";
import { attachmentIds } from "../../src/domain/attachments.ts";

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

  it("[R12 VAL-9] metadata is the same if its value is, whatever the order of keys and the spelling of numbers", () => {
    const same = [
      ['{"w":1,"h":2}', '{"h":2,"w":1}'],
      ['{"a":{"b":[{"c":1,"d":2}]}}', '{ "a": {"b":[{"d":2.0,"c":1e0}]} }'],
      ['{"a":0}', '{"a":-0}'],
      ['{"é":"\\u00e9"}', '{"\\u00e9":"é"}'],
      ['{"10":1,"9":2}', '{"9":2,"10":1}'],
      ['{"mentions":null,"a":1}', '{"a":1}'],
      ['{"__proto__":1,"a":2}', '{"a":2,"__proto__":1}'],
    ] as const;
    const others = [
      ['{"a":[1,2]}', '{"a":[2,1]}'],
      ['{"a":1}', '{"a":"1"}'],
      ['{"a":null}', "{}"],
      ['{"a":1}', '{"a":1,"b":1}'],
      ['{"a":{}}', '{"a":[]}'],
      ['{"a":[]}', '{"a":{"length":0}}'],
      ['{"__proto__":1}', "{}"],
      ['{"a":1,"b":2}', '{"a":1,"c":2}'],
    ] as const;
    for (const [metadata, again] of same)
      expect([again, isSameSend({ ...first, metadata }, { ...first, metadata: again })]).toEqual([
        again,
        true,
      ]);
    for (const [metadata, again] of others)
      expect([again, isSameSend({ ...first, metadata }, { ...first, metadata: again })]).toEqual([
        again,
        false,
      ]);
  });

  it("[R12 RETRY-4] what means nothing is the same however it is written: absent, null or empty", () => {
    const nothing = [null, "{}", '{"mentions":null}', '{"mentions":[]}', ' { "mentions" : [ ] } '];
    const something = ['{"a":null}', '{"mentions":["@ann"]}', '{"a":[]}', '{"a":{}}', '{"mention":null}'];
    const same = (one: string | null, other: string | null) =>
      isSameSend({ ...first, metadata: one }, { ...first, metadata: other });
    for (const one of nothing) {
      for (const other of nothing) expect([one, other, same(one, other)]).toEqual([one, other, true]);
      for (const other of something) {
        expect([one, other, same(one, other), same(other, one)]).toEqual([one, other, false, false]);
      }
    }
    expect(same('{"a":1,"mentions":[]}', '{"a":1}')).toBe(true);
    const bare = { type: "text", content: "", reply_to_seq: null, metadata: null };
    expect(isSameSend({ ...bare, attachment_ids: [] }, bare)).toBe(true);
    expect(isSameSend(bare, { ...bare, attachment_ids: [] })).toBe(true);
  });

  it("[R5 R12 RETRY-6] one attachment is the same in either field, and an empty list beside it is none", () => {
    const one = crypto.randomUUID();
    for (const fields of [
      { attachment_id: one },
      { attachment_ids: [one] },
      { attachment_id: one, attachment_ids: [] },
      { attachment_id: one, attachment_ids: null },
      { attachment_id: null, attachment_ids: [one] },
    ]) {
      expect([fields, attachmentIds(SendMessage.parse({ type: "image", ...fields }))]).toEqual([
        fields,
        [one],
      ]);
    }
    const both = { type: "image", attachment_id: one, attachment_ids: [one] };
    expect(SendMessage.safeParse(both).success).toBe(false);
  });

  it("[R12 VAL-9] the order of attachments is part of what is sent", () => {
    expect(
      isSameSend({ ...first, attachment_ids: ["a", "b"] }, { ...first, attachment_ids: ["a", "b"] }),
    ).toBe(true);
    expect(
      isSameSend({ ...first, attachment_ids: ["a", "b"] }, { ...first, attachment_ids: ["b", "a"] }),
    ).toBe(false);
    expect(isSameSend({ ...first, attachment_ids: ["a,b"] }, { ...first, attachment_ids: ["a", "b"] })).toBe(
      false,
    );
  });

  it("[R12 VAL-9] any value equals itself with its keys in another order", () => {
    const turned = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(turned);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, inner]) => [key, turned(inner)]),
      );
    };
    fc.assert(fc.property(fc.jsonValue(), (value) => sameValue(value, turned(value))));
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.jsonValue(),
        (one, other) => sameValue(one, other) === sameValue(other, one),
      ),
    );
  });

  it("[RETRY] what looks the same but is other code points is different", () => {
    const composed = { ...first, content: "é" };
    expect(isSameSend(composed, { ...composed, content: "e\u0301" })).toBe(false);
  });

  it("[RETRY] when the first has been deleted there is nothing to compare with", () => {
    expect(isSameSend(undefined, first)).toBe(true);
  });
});
