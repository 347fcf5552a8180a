/** What the client library repeats of the protocol, so that its bundle holds no schemas, is the same there. */
import { readdirSync, readFileSync } from "node:fs";
import { ApiError, CLOSED, isRetryable, isStateEvent, messageIdAt, seqOf } from "@rocket-chat-api/client";
import {
  CLOSE,
  ERRORS,
  type ErrorCode,
  messageId,
  NumberedEvent,
  newConversationId,
  ServerEvent,
  UnnumberedEvent,
} from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";

describe("the client library and the protocol", () => {
  it("[CLIENT-20] agree on ids, on close codes and on what can be tried again", () => {
    const id = newConversationId();
    for (const seq of [1, 42, 2 ** 48 - 1]) {
      expect(messageIdAt(id, seq)).toBe(messageId(id, seq));
      expect(seqOf(messageId(id, seq))).toBe(seq);
    }
    for (const [name, code] of Object.entries(CLOSED)) expect(CLOSE[name as keyof typeof CLOSED]).toBe(code);
    for (const [code, { retryable, message }] of Object.entries(ERRORS)) {
      expect(isRetryable(new ApiError({ code: code as ErrorCode, message }))).toBe(retryable);
    }
  });

  it("[CLIENT-22] follow the same events: all of a conversation's, and its sync", () => {
    const followed = ServerEvent.options
      .map((option) => option.shape.type.value)
      .filter((type) => isStateEvent({ type }));
    const wanted = [...NumberedEvent.options, ...UnnumberedEvent.options].map(
      (option) => option.shape.type.value,
    );
    expect(followed.sort()).toEqual([...wanted, "conversation.sync"].sort());
    expect(isStateEvent({ type: "of.tomorrow" })).toBe(false);
  });

  it("[CLIENT-21] share figures and types only: no schema, and no dependency, comes into a client's bundle", () => {
    const directory = new URL("../../packages/client/src/", import.meta.url);
    for (const file of readdirSync(directory)) {
      const source = readFileSync(new URL(file, directory), "utf8");
      const imports = [...source.matchAll(/^(?:import|export) (?!type)[^;]*? from "([^"]+)";/gms)];
      for (const [, from = ""] of imports) {
        expect(
          from.startsWith("./") || from === "@rocket-chat-api/protocol/facts",
          `${file} imports ${from}`,
        ).toBe(true);
      }
    }
  });
});
