/** From an id to the object that answers for it. */
import type { Env } from "../env.ts";
import { refuse } from "../middleware/errors.ts";
import { isConversationId, parseMessageId } from "../protocol/index.ts";

/** The conversation's object. An id that we cannot have given wakes nobody. */
export function conversationStub(env: Env, id: string) {
  if (!isConversationId(id)) refuse("CONVERSATION_NOT_FOUND");
  return env.CONVERSATION.get(env.CONVERSATION.idFromName(id));
}

/** The object that holds a message, and the message's place in it. */
export function messageStub(env: Env, messageId: string) {
  const place = parseMessageId(messageId) ?? refuse("NOT_FOUND", "No such message");
  return { stub: conversationStub(env, place.conversation_id), seq: place.seq };
}

/** A user's hub. */
export function hubStub(env: Env, userId: string) {
  return env.USER_HUB.get(env.USER_HUB.idFromName(userId));
}
