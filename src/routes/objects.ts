/** From an id to the object that answers for it. */
import type { Operation, OperationResult } from "../conversation/operations.ts";
import type { Caller } from "../domain/caller.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Env } from "../env.ts";
import { refuse } from "../middleware/errors.ts";
import { isConversationId, parseMessageId } from "../protocol/index.ts";

type ConversationStub = ReturnType<Env["CONVERSATION"]["get"]>;

/** The conversation's object. An id that we cannot have given wakes nobody. */
export function conversationStub(env: Env, id: string): ConversationStub {
  if (!isConversationId(id)) refuse("CONVERSATION_NOT_FOUND");
  return env.CONVERSATION.get(env.CONVERSATION.idFromName(id));
}

/** The object that holds a message, and the message's place in it. */
export function messageStub(env: Env, messageId: string): { stub: ConversationStub; seq: number } {
  const place = parseMessageId(messageId) ?? refuse("NOT_FOUND", "No such message");
  return { stub: conversationStub(env, place.conversation_id), seq: place.seq };
}

/** A user's hub. */
export function hubStub(env: Env, userId: string) {
  return env.USER_HUB.get(env.USER_HUB.idFromName(userId));
}

/** Does something in a conversation; the answer is of the operation's own kind. */
export async function act<Type extends Operation["type"]>(
  stub: ConversationStub,
  caller: Caller,
  operation: Extract<Operation, { type: Type }>,
): Promise<Outcome<OperationResult[Type]>> {
  return (await stub.act(caller, operation)) as Outcome<OperationResult[Type]>;
}

/** As {@link act}, on a message. A conversation that is not there means a message that is not there. */
export async function actOnMessage<Type extends Operation["type"]>(
  stub: ConversationStub,
  caller: Caller,
  operation: Extract<Operation, { type: Type }>,
): Promise<Outcome<OperationResult[Type]>> {
  const outcome = await act(stub, caller, operation);
  if (outcome.ok || outcome.error.code !== "CONVERSATION_NOT_FOUND") return outcome;
  return { ok: false, error: { code: "NOT_FOUND", message: "No such message" } };
}
