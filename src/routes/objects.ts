/** Finds the object for an id in a request. */
import { isConversationId } from "@rocket-chat-api/protocol";
import type { Env } from "../env.ts";
import { refuse } from "../middleware/errors.ts";
import { type ConversationObject, conversationObject } from "../realtime/objects.ts";

/** The conversation's object. An id that cannot exist does not wake an object. */
export function conversationStub(env: Env, id: string): ConversationObject {
  if (!isConversationId(id)) refuse("CONVERSATION_NOT_FOUND");
  return conversationObject(env, id);
}
