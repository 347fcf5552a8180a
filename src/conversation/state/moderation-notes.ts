/** Writes notes for the log of moderation, in the turn of what they tell of (rule 29). */
import type { ModerationNote } from "../../domain/moderation-note.ts";
import type { Room } from "./room.ts";
import { moderationNotes } from "./schema.ts";

/** Notes something down. It reaches the directory later, and is deleted here then. */
export function noteModeration({ store }: Room, note: ModerationNote): void {
  store.db.insert(moderationNotes).values({ note }).run();
}
