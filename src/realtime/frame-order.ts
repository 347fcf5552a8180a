/** Which answers to the frames of a socket must keep the order of the frames (rule 20). */
import { type ClientCommand, type DecodedFrame, parseMessageId } from "@rocket-chat-api/protocol";

/** The lane of a frame that may be about any conversation: its answer keeps its place among all others. */
export const EVERY_LANE = Symbol("every lane");

/** Answers in one lane are given in the order of their frames. */
export type Lane = string | typeof EVERY_LANE;

/**
 * The lane of a frame: the conversation that it is about.
 * @returns undefined if it is about none, or about many at once: other answers should not wait for that.
 */
export function laneOf(frame: DecodedFrame): Lane | undefined {
  switch (frame.kind) {
    case "bad":
    case "too_large":
      return EVERY_LANE;
    case "invalid":
      return frame.conversation_id ?? EVERY_LANE;
    case "command":
      return laneOfCommand(frame.command);
    default:
      return frame satisfies never;
  }
}

function laneOfCommand(command: ClientCommand): string | undefined {
  if (command.type === "device.state") return undefined;
  if ("conversation_id" in command) return command.conversation_id;
  if ("message_id" in command) {
    return parseMessageId(command.message_id)?.conversation_id ?? command.message_id;
  }
  if (command.type !== "sync") return undefined;
  const [first, ...others] = Object.keys(command.conversations);
  return others.length === 0 ? first : undefined;
}
