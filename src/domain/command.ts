/** An operation that is asked of a conversation, wherever it came from: a request, either socket, or the app's backend. */
import {
  type OperationCommand,
  type OperationInput,
  type OperationName,
  operationOf,
} from "@rocket-chat-api/protocol";
import type { Caller } from "./caller.ts";

export interface Command<Name extends OperationName = OperationName> {
  operation: Name;
  /** The conversation, where whoever asks has named it; a message names it by itself. */
  conversation_id?: string;
  /** The message that it is done to, for operations on messages. */
  message_id?: string;
  input: OperationInput<Name>;
  /** The users whom the input names, as the directory knows them. */
  people?: Caller[];
}

/** What a frame asks for. */
export function commandOfFrame(frame: OperationCommand): Command {
  const input = "data" in frame ? frame.data : {};
  const operation = operationOf(frame) as OperationName;
  if ("message_id" in frame) return { operation, message_id: frame.message_id, input };
  return { operation, conversation_id: frame.conversation_id, input };
}
