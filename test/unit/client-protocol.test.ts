/** The client library takes facts and types from the protocol, and no schemas. */
import { readdirSync, readFileSync } from "node:fs";
import {
  ApiError,
  CLOSE as CLIENT_CLOSE,
  createRest,
  Http,
  isRetryable,
  isStateEvent,
  messageIdAt,
  seqOf,
  Tokens,
} from "@rocket-chat-api/client";
import {
  CLOSE,
  declarationOf,
  ERRORS,
  type ErrorCode,
  messageId,
  NumberedEvent,
  newConversationId,
  OPERATION_NAMES,
  ServerEvent,
  UnnumberedEvent,
} from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";

/** The modules other than our own files that a file needs at run time, with all that it imports. */
function packagesBehind(file: URL, seen = new Set<string>()): string[] {
  if (seen.has(file.href)) return [];
  seen.add(file.href);
  const source = readFileSync(file, "utf8");
  const imports = [...source.matchAll(/^(?:import|export) (?!type)[^;]*? from "([^"]+)";/gms)];
  return imports.flatMap(([, from = ""]) => {
    return from.startsWith(".") ? packagesBehind(new URL(from, file), seen) : [from];
  });
}

describe("the client library and the protocol", () => {
  it("[CLIENT-20] agree on ids, on close codes and on what can be tried again", () => {
    const id = newConversationId();
    for (const seq of [1, 42, 2 ** 48 - 1]) {
      expect(messageIdAt(id, seq)).toBe(messageId(id, seq));
      expect(seqOf(messageId(id, seq))).toBe(seq);
    }
    expect(CLIENT_CLOSE).toEqual(CLOSE);
    for (const [code, { status, message }] of Object.entries(ERRORS)) {
      expect(isRetryable(new ApiError({ code: code as ErrorCode, message }))).toBe(
        status === 429 || status >= 500,
      );
    }
    // Codes of a later server: by their status, whatever they are called.
    for (const code of ["OF_TOMORROW", "constructor", "__proto__"] as string[] as ErrorCode[]) {
      expect(isRetryable(new ApiError({ code, message: "" }, { status: 503 }))).toBe(true);
      expect(isRetryable(new ApiError({ code, message: "" }, { status: 409 }))).toBe(false);
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

  it("[CLIENT-23] have the same operations: each row with a route is a method that asks at its address", async () => {
    const asked: string[] = [];
    const fetcher = async (url: string, init: RequestInit) => {
      asked.push(`${init.method} ${url.slice("https://chat.test/api/v1".length)} ${init.body ?? "-"}`);
      return new Response(null, { status: 204 });
    };
    const rest = createRest(new Http("https://chat.test", new Tokens(() => "token"), fetcher));
    const methods = rest as unknown as Record<string, (request: object) => Promise<unknown>>;
    const ids = { conversation_id: "c", message_id: "m", user_id: "u", emoji: "e", up_to_message_id: "m" };
    for (const name of OPERATION_NAMES) {
      const { rest: route, body, query } = declarationOf(name);
      if (!route) {
        expect(name in rest, name).toBe(false);
        continue;
      }
      const [method, template] = route;
      const wanted = template.replace(/\{(\w+)\}/g, (_, id: keyof typeof ids) => ids[id]);
      const named = Object.fromEntries(Object.entries(ids).filter(([id]) => template.includes(`{${id}}`)));
      await methods[name]?.({ ...named, ...((body || query) && { extra: 1 }) });
      const carried = body ? ' {"extra":1}' : query ? "?extra=1 -" : " -";
      expect(asked.pop(), name).toBe(`${method} ${wanted}${carried}`);
    }
    expect("markAsDelivered" in rest).toBe(false);
  });

  it("[CLIENT-24] a request is put together so that no value changes its route", async () => {
    const asked: string[] = [];
    const fetcher = async (url: string, init: RequestInit) => {
      asked.push(`${init.method} ${new URL(url).pathname}${new URL(url).search}`);
      return new Response(null, { status: 204 });
    };
    const rest = createRest(new Http("https://chat.test", new Tokens(() => "token"), fetcher));
    await rest.deleteMessage({ message_id: "m", delete_for_everyone: true });
    await rest.deleteMessage({ message_id: "m" });
    await rest.removeReaction({ message_id: "a/b", emoji: "❤️?#" });
    await rest.listMessages({ conversation_id: "c", before_id: undefined, limit: 5 });
    expect(asked).toEqual([
      "DELETE /api/v1/messages/m?delete_for_everyone=true",
      "DELETE /api/v1/messages/m",
      "DELETE /api/v1/messages/a%2Fb/reactions/%E2%9D%A4%EF%B8%8F%3F%23",
      "GET /api/v1/conversations/c/messages?limit=5",
    ]);
    for (const id of ["", ".", "..", undefined, null, 7] as string[]) {
      await expect(rest.getMessage({ message_id: id })).rejects.toBeInstanceOf(TypeError);
      await expect(rest.removeReaction({ message_id: "m", emoji: id })).rejects.toBeInstanceOf(TypeError);
      await expect(rest.user(id)).rejects.toBeInstanceOf(TypeError);
      await expect(rest.updatePreferences(id, { is_muted: true })).rejects.toBeInstanceOf(TypeError);
    }
    expect(asked).toHaveLength(4);
  });

  it("[CLIENT-21] share figures and types only: no schema, and no dependency but idb in its entry, comes into a client's bundle", () => {
    const directory = new URL("../../packages/client/src/", import.meta.url);
    const files = readdirSync(directory, { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => name.endsWith(".ts"))) {
      const source = readFileSync(new URL(file, directory), "utf8");
      const imports = [...source.matchAll(/^(?:import|export) (?!type)[^;]*? from "([^"]+)";/gms)];
      for (const [, from = ""] of imports) {
        expect(
          /^\.\.?\//.test(from) ||
            from === "@rocket-chat-api/protocol/facts" ||
            (file === "store/indexeddb.ts" && from === "idb"),
          `${file} imports ${from}`,
        ).toBe(true);
      }
    }
    expect(packagesBehind(new URL("../../packages/protocol/src/facts.ts", import.meta.url))).toEqual([]);
  });
});
