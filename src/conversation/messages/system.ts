/** System messages: they record changes of the conversation in its history (rule 8). */

import type { UserSummary } from "@rocket-chat-api/protocol";
import { sentenceOf } from "../../domain/system-sentences.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Emission, Room } from "../state/room.ts";
import { append } from "./append.ts";

/** What a system message tells, for clients that write their own text. */
export interface Note {
  event: string;
  [detail: string]: unknown;
}

/** What the English sentence has beside the note, for clients that do not. */
export interface SentenceDetails {
  /** People who may be on no roster. */
  people?: readonly UserSummary[];
  /** The name that the group was given. */
  typed?: string | null;
}

/** Writes a system message. @param note what happened; its sentence is made from it. */
export function announce(
  room: Room,
  actor: UserSummary,
  note: Note,
  now: EpochMs,
  { people = [], typed }: SentenceDetails = {},
): Emission {
  const system = { ...note, actor_id: actor.user_id };
  const known = [actor, ...people];
  const nameOf = (userId: string) =>
    (known.find(({ user_id }) => user_id === userId) ?? room.person(userId)).display_name;
  const content = sentenceOf(system, { nameOf, typed }) ?? note.event;
  return append(room, actor.user_id, { type: "system", content, system }, now).emission;
}
