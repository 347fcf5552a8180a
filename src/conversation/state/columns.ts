/** Column lists of statements. They follow from the schema, so a new column cannot be forgotten. */
import { getTableColumns, type SQL, sql } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import { messages } from "./schema.ts";

type MessageRow = typeof messages.$inferSelect;

/** The highest value of a column, as a subquery. */
export function highest(column: string, table: SQLiteTable, where: SQL = sql`1`): SQL<number | null> {
  return sql`(SELECT max(${sql.identifier(column)}) FROM ${table} WHERE ${where})`;
}

/** A placeholder for each column of a table, by name. */
export function valuesOf<Table extends SQLiteTable>(table: Table): Table["$inferInsert"] {
  const names = Object.keys(getTableColumns(table));
  return Object.fromEntries(names.map((name) => [name, sql.placeholder(name)])) as Table["$inferInsert"];
}

/** Sets each column of a table to the value of the row to insert. */
export function replacementsOf<Table extends SQLiteTable>(table: Table): Record<string, SQL> {
  const columns = Object.entries(getTableColumns(table));
  return Object.fromEntries(
    columns.map(([name, column]) => [name, sql`excluded.${sql.identifier(column.name)}`]),
  );
}

/** Nullable columns of a message. */
const OPTIONAL = Object.entries(getTableColumns(messages)).flatMap(([name, { notNull }]) =>
  notNull ? [] : (name as keyof MessageRow),
);
/** The ones that are empty in most messages. */
const RARE = OPTIONAL.filter((name) => name !== "client_message_id");

/** The columns of an empty message. */
export const NOTHING = Object.fromEntries(OPTIONAL.map((name) => [name, null])) as {
  [Name in keyof MessageRow as null extends MessageRow[Name] ? Name : never]: null;
};

/** Whether the rare columns of a message are all empty. */
export function isPlain(row: MessageRow): boolean {
  for (const name of RARE) if (row[name] !== null) return false;
  return true;
}

/** The columns of a plain message. None of them is JSON, so their values are bound as they are. */
const PLAIN = (Object.keys(getTableColumns(messages)) as (keyof MessageRow)[]).filter(
  (name) => !(RARE as readonly string[]).includes(name),
);

/** Inserts a plain message. Bound by hand: with Drizzle it takes twice as long, and most messages are plain. */
export const INSERT_PLAIN = `INSERT INTO messages (${PLAIN.join(", ")}) VALUES (${PLAIN.map(() => "?").join(", ")})`;

/** The values for {@link INSERT_PLAIN}. */
export function plainValues(row: MessageRow): (string | number | null)[] {
  return PLAIN.map((name) => row[name] as string | number | null);
}
