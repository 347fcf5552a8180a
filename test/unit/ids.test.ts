import {
  isConversationId,
  MAX_SEQ,
  messageId,
  newConversationId,
  parseMessageId,
  seqWithin,
  Uuid,
} from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyString } from "./arbitraries.ts";

const random = fc.uint8Array({ minLength: 16, maxLength: 16 });
const conversationIds = random.map((bytes) => newConversationId(bytes));
const seqs = fc.integer({ min: 1, max: MAX_SEQ });

describe("ids", () => {
  it("[ID] the design's example: message 42 of its conversation", () => {
    const id = "9f1c2ab4-77de-8a01-b3c4-000000000000";
    expect(isConversationId(id)).toBe(true);
    expect(messageId(id, 42)).toBe("9f1c2ab4-77de-8a01-b3c4-00000000002a");
    expect(parseMessageId("9f1c2ab4-77de-8a01-b3c4-00000000002a")).toEqual({ conversation_id: id, seq: 42 });
  });

  it("[ID] a conversation's id is a UUIDv8 whose last 48 bits are 0", () => {
    fc.assert(
      fc.property(conversationIds, (id) => {
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-0{12}$/);
        expect(isConversationId(id)).toBe(true);
        expect(Uuid.parse(id)).toBe(id);
        expect(parseMessageId(id)).toBeUndefined();
      }),
    );
  });

  it("[ID] the key keeps 74 random bits: only the version's and the variant's six are fixed", () => {
    const zeros = newConversationId(new Uint8Array(16));
    const ones = newConversationId(new Uint8Array(16).fill(255));
    expect(zeros).toBe("00000000-0000-8000-8000-000000000000");
    expect(ones).toBe("ffffffff-ffff-8fff-bfff-000000000000");
    expect(new Set(Array.from({ length: 1000 }, () => newConversationId())).size).toBe(1000);
  });

  it("[ID] the bytes given are not changed", () => {
    const bytes = new Uint8Array(16).fill(255);
    newConversationId(bytes);
    expect(bytes).toEqual(new Uint8Array(16).fill(255));
  });

  it("[ID] conversation and seq go into a message's id and come out again", () => {
    fc.assert(
      fc.property(conversationIds, seqs, (conversation_id, seq) => {
        const id = messageId(conversation_id, seq);
        expect(Uuid.parse(id)).toBe(id);
        expect(isConversationId(id)).toBe(false);
        expect(parseMessageId(id)).toEqual({ conversation_id, seq });
        expect(seqWithin(conversation_id, id)).toBe(seq);
      }),
    );
  });

  it("[ID] ids of one conversation sort as their seq does", () => {
    fc.assert(
      fc.property(conversationIds, seqs, seqs, (id, a, b) => {
        expect(messageId(id, a) < messageId(id, b)).toBe(a < b);
      }),
    );
  });

  it("[ID] a message of another conversation has no position here", () => {
    fc.assert(
      fc.property(conversationIds, conversationIds, seqs, (here, there, seq) => {
        fc.pre(here !== there);
        expect(seqWithin(here, messageId(there, seq))).toBeUndefined();
      }),
    );
  });

  it("[ID] the first and the last seq fit; what is outside throws", () => {
    const id = newConversationId();
    expect(messageId(id, 1).endsWith("000000000001")).toBe(true);
    expect(messageId(id, MAX_SEQ).endsWith("ffffffffffff")).toBe(true);
    expect(parseMessageId(messageId(id, MAX_SEQ))?.seq).toBe(MAX_SEQ);
    for (const seq of [0, -1, 1.5, MAX_SEQ + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => messageId(id, seq)).toThrow(RangeError);
    }
  });

  it("[ID] other people's UUIDs are neither a conversation nor a message", () => {
    fc.assert(
      fc.property(fc.uuid({ version: [1, 4, 7] }), (id) => {
        expect(isConversationId(id)).toBe(false);
        expect(parseMessageId(id)).toBeUndefined();
      }),
    );
  });

  it("[ID] any text can be asked about", () => {
    fc.assert(
      fc.property(anyString(), (text) => {
        expect(isConversationId(text)).toBe(false);
        expect(parseMessageId(text)).toBeUndefined();
      }),
    );
  });

  it("[ID] a UUID is lower-cased once, at the edge; anything else is no UUID", () => {
    expect(Uuid.parse("9F1C2AB4-77DE-8A01-B3C4-00000000002A")).toBe("9f1c2ab4-77de-8a01-b3c4-00000000002a");
    const not = [
      "",
      "9f1c2ab4",
      "9f1c2ab477de8a01b3c400000000002a",
      "{9f1c2ab4-77de-8a01-b3c4-00000000002a}",
    ];
    for (const text of [...not, " 9f1c2ab4-77de-8a01-b3c4-00000000002a", 7, null]) {
      expect(Uuid.safeParse(text).success).toBe(false);
    }
  });
});
