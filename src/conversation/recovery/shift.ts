/**
 * Gives what was said after a recovery, and before it was made whole, other numbers: those that it took were given before. All places
 * above one move by the same distance, so their order stays.
 */
import { eq, getTableColumns, gt, is, sql } from "drizzle-orm";
import { SQLiteTable } from "drizzle-orm/sqlite-core";
import { IS_PLACE, movedIn } from "../../domain/moved-places.ts";
import type { ForgottenRange } from "../../domain/recovery.ts";
import * as schema from "../state/schema.ts";
import type { Store } from "../state/store.ts";

/** Tables whose places are made again: cursors are set, and tallies counted. */
const MADE_AGAIN: ReadonlySet<unknown> = new Set([schema.cursors, schema.tallies]);

/** All columns that hold a place, by table. They follow from the schema, so a new one cannot be forgotten. */
export function placeColumns(): { table: SQLiteTable; columns: string[] }[] {
  const tables = Object.values(schema).filter((value): value is never => is(value, SQLiteTable));
  return tables
    .filter((table) => !MADE_AGAIN.has(table))
    .map((table) => ({
      table,
      columns: Object.keys(getTableColumns(table)).filter((name) => IS_PLACE.test(name)),
    }))
    .filter(({ columns }) => columns.length > 0);
}

/** Moves all places above the beginning of a forgotten range behind its end. */
export function shiftPlaces({ db }: Pick<Store, "db">, conversationId: string, range: ForgottenRange): void {
  shiftJson(db, conversationId, range);
  const { after, up_to } = range;
  for (const { table, columns } of placeColumns()) {
    for (const name of columns) {
      const column = sql.identifier(name);
      db.run(sql`UPDATE ${table} SET ${column} = ${column} + ${up_to - after} WHERE ${column} > ${after}`);
    }
  }
  db.delete(schema.tallies).where(gt(schema.tallies.seq, after)).run();
}

/** Moves the places, and the ids of messages, in columns of JSON. */
function shiftJson(db: Store["db"], conversationId: string, range: ForgottenRange): void {
  const { messages, members, evidence, delivered, moderationNotes } = schema;
  const moved = <T>(value: T): T => movedIn(value, conversationId, range);
  for (const { seq, system } of db.select().from(messages).where(gt(messages.seq, range.after)).all()) {
    if (system)
      db.update(messages)
        .set({ system: moved(system) })
        .where(eq(messages.seq, seq))
        .run();
  }
  for (const { user_id, shown_read } of db.select().from(members).all()) {
    if (!shown_read) continue;
    db.update(members)
      .set({ shown_read: moved(shown_read) })
      .where(eq(members.user_id, user_id))
      .run();
  }
  for (const { seq, kept } of db.select().from(evidence).where(gt(evidence.seq, range.after)).all()) {
    db.update(evidence)
      .set({ kept: moved(kept) })
      .where(eq(evidence.seq, seq))
      .run();
  }
  for (const { id, watermarks } of db.select().from(delivered).all()) {
    db.update(delivered)
      .set({ watermarks: moved(watermarks) })
      .where(eq(delivered.id, id))
      .run();
  }
  for (const { id, note } of db.select().from(moderationNotes).all()) {
    db.update(moderationNotes)
      .set({ note: moved(note) })
      .where(eq(moderationNotes.id, id))
      .run();
  }
}
