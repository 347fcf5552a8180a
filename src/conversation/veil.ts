/** What is told of a message from before somebody's time: that it changed, and nothing of what it says (rule 6). */
import { type FetchedMessage, type Message, seqWithin } from "../protocol/index.ts";
import type { Emission, Room } from "./room.ts";

/**
 * Tells of something that says what message `about` says, if it is about one. Whoever joined later hears the same
 * event, for its number, without the words.
 */
export function tellOf(room: Room, about: number | null, emission: Emission): Emission[] {
  const { event } = emission;
  const late = about === null ? [] : room.currentMembers().filter((member) => member.joined_seq > about);
  if (late.length === 0) return [emission];
  const to = new Set(emission.to);
  for (const { user_id } of late) to.delete(user_id);
  return [
    { event, to },
    { event: veil(event), to: new Set(late.map((member) => member.user_id)) },
  ];
}

function veil(event: Emission["event"]): Emission["event"] {
  switch (event.type) {
    case "message.edited":
      return {
        ...event,
        data: { ...event.data, content: "", metadata: null, mentions: [], mentions_all: false },
      };
    case "message.new":
      return { ...event, data: withoutQuote(event.data) };
    default:
      return event;
  }
}

function withoutQuote<M extends Message>(message: M): M {
  return message.reply_to ? { ...message, reply_to: { ...message.reply_to, content: "" } } : message;
}

/** A message as somebody fetches it who joined at `joinedSeq`: what it quotes from before has no text. */
export function veilQuote(room: Room, joinedSeq: number, message: FetchedMessage): FetchedMessage {
  const quoted = message.reply_to && seqWithin(room.id, message.reply_to.message_id);
  return typeof quoted === "number" && quoted < joinedSeq ? withoutQuote(message) : message;
}
