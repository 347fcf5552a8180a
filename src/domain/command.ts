/** A command: an operation on a conversation, from a REST request or either kind of socket. */
import {
  type OperationCommand,
  type OperationInput,
  type OperationName,
  operationOf,
} from "@rocket-chat-api/protocol";
import type { Caller } from "./caller.ts";
import type { Trace } from "./trace.ts";

export interface Command<Name extends OperationName = OperationName> {
  operation: Name;
  /** The conversation, if the request names it. A message id contains it. */
  conversation_id?: string;
  /** The message, for operations on messages. */
  message_id?: string;
  input: OperationInput<Name>;
  /** The users that the input names, from the directory. */
  people?: Caller[];
  /** Whether what is sent pushes to nobody. Only a server may say so. */
  silent?: boolean;
  /** Of the request, or of the one that opened the socket. An older release names none. */
  trace?: Trace | undefined;
}

/** Converts a frame to a command. @param trace of the socket that it came over. */
export function commandOfFrame(frame: OperationCommand, trace: Trace | undefined): Command {
  const input = "data" in frame ? frame.data : {};
  const operation = operationOf(frame) as OperationName;
  if ("message_id" in frame) return { operation, message_id: frame.message_id, input, trace };
  return { operation, conversation_id: frame.conversation_id, input, trace };
}
