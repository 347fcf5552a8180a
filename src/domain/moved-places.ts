/** Places in a conversation that move with a recovery (domain/recovery.ts). */
import { messageId, parseMessageId } from "@rocket-chat-api/protocol";
import type { ForgottenRange } from "./recovery.ts";

/** Names of what holds a place: columns, and fields of JSON. */
export const IS_PLACE = /^(?:(?:.+_)?seq|visible_from)$/;

/** The same value, with every place and every id of a message above the beginning of a range moved behind its end. */
export function movedIn<T>(value: T, conversationId: string, { after, up_to }: ForgottenRange): T {
  const move = (place: number) => (place > after ? place + up_to - after : place);
  const walk = (one: unknown, key: string): unknown => {
    if (typeof one === "number") return IS_PLACE.test(key) ? move(one) : one;
    if (typeof one === "string") {
      const id = parseMessageId(one);
      return id?.conversation_id === conversationId ? messageId(conversationId, move(id.seq)) : one;
    }
    if (Array.isArray(one)) return one.map((item) => walk(item, key));
    if (typeof one !== "object" || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([name, item]) => [name, walk(item, name)]));
  };
  return walk(value, "") as T;
}
