/** The answers to frames: acknowledgements, and refusals with the ids that the client gave the frame (rule 20). */

import {
  type ClientCommand,
  type CloseKind,
  closeFailure,
  type DecodedFrame,
  type ErrorEvent,
  type Failure,
  type ServerEvent,
} from "@rocket-chat-api/protocol";
import type { Outcome } from "../domain/outcome.ts";

/** An event, a close, or both. */
export interface Answer {
  event?: ServerEvent | undefined;
  close?: { kind: CloseKind; reason: string } | undefined;
}

/** The answer to a command; undefined if it gets none. */
export function answerEvent(command: ClientCommand, outcome: Outcome<unknown>): ServerEvent | undefined {
  if (!outcome.ok) return errorEvent(outcome.error, { kind: "command", command });
  const { type, request_id } = command;
  // A send is always acknowledged, others only if they have a `request_id`: a client of the guide expects no more.
  if (request_id === undefined && type !== "message.send") return undefined;
  return { type: "ack", request_id, data: outcome.body };
}

/** A refusal with the ids that the client gave the frame. */
export function errorEvent(reason: Failure, frame: DecodedFrame): ErrorEvent {
  return { type: "error", ...idsOf(frame), ...reason };
}

function idsOf(frame: DecodedFrame): Pick<ErrorEvent, "request_id" | "client_message_id"> {
  if (frame.kind === "invalid") {
    const { request_id, client_message_id } = frame;
    return { request_id, client_message_id };
  }
  if (frame.kind !== "command") return {};
  const { command } = frame;
  const client_message_id = command.type === "message.send" ? command.data.client_message_id : undefined;
  return { request_id: command.request_id, client_message_id: client_message_id ?? undefined };
}

/** The refusal of a frame that is too many. @param isLast whether the socket closes. */
export function tooMuch(reason: Failure, frame: DecodedFrame, isLast: boolean): Answer {
  return isLast
    ? closing("RATE_LIMITED", "rate limited", reason, frame)
    : { event: errorEvent(reason, frame) };
}

/** A refusal after which the socket closes. */
export function closing(kind: CloseKind, reason: string, cause: Failure, frame: DecodedFrame): Answer {
  return { event: errorEvent(closeFailure(kind, cause), frame), close: { kind, reason } };
}
