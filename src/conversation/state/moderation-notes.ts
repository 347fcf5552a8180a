/** Writes notes for the log of moderation, in the turn of what they tell of (rule 29). */
import { asc, lte } from "drizzle-orm";
import type { ModerationNote } from "../../domain/moderation-note.ts";
import type { Room } from "./room.ts";
import { moderationNotes } from "./schema.ts";
import type { Store } from "./store.ts";

/** Notes something down. It reaches the directory later, and is deleted here then. */
export function noteModeration(room: Room, note: ModerationNote): void {
  room.store.db.insert(moderationNotes).values({ note }).run();
  room.notes += 1;
}

/** A note with its number, which no other note of this conversation ever has. */
export type NumberedNote = typeof moderationNotes.$inferSelect;

/** The oldest notes, limited. */
export function notesOf({ db }: Pick<Store, "db">, limit: number): NumberedNote[] {
  return db.select().from(moderationNotes).orderBy(asc(moderationNotes.id)).limit(limit).all();
}

/** The directory has the notes up to this one. */
export function dropNotes({ db }: Pick<Store, "db">, upTo: number): void {
  db.delete(moderationNotes).where(lte(moderationNotes.id, upTo)).run();
}
