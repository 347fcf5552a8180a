/** Which answers to a socket's frames must keep the order of the frames (rule 20). */
import { type DecodedFrame, parseMessageId } from "../protocol/index.ts";

/** The lane of a frame that may be about any conversation: its answer keeps its place among all the others. */
export const EVERY_LANE = Symbol("every lane");

/** Answers of one lane are given in the order of their frames. */
export type Lane = string | typeof EVERY_LANE;

/**
 * The lane of a frame: the conversation that it is about.
 * @returns undefined for what is about none, or about many at once: nobody's answer should wait for that.
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

function laneOfCommand(command: Extract<DecodedFrame, { kind: "command" }>["command"]): string | undefined {
  switch (command.type) {
    case "message.send":
    case "typing.start":
    case "typing.stop":
      return command.conversation_id;
    case "message.read":
    case "message.delivered":
      return parseMessageId(command.message_id)?.conversation_id ?? command.message_id;
    case "sync": {
      const [first, ...others] = Object.keys(command.conversations);
      return others.length === 0 ? first : undefined;
    }
    case "presence.update":
    case "auth.refresh":
    case "flow.ack":
    case "ping":
      return undefined;
    default:
      return command satisfies never;
  }
}
