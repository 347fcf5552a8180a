/** Filters of the app in the directory (rule 29). */
import {
  type Filter,
  type FilterSummary,
  MAX_FILTER_CHARACTERS,
  MAX_FILTERS,
  type PutFilter,
  timestamp,
} from "@rocket-chat-api/protocol";
import { asc, eq, sql } from "drizzle-orm";
import type { FilterRule } from "../../domain/filter/filter-set.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Directory } from "../database.ts";
import { type FilterRow, moderationFilters } from "../filters-schema.ts";

const { entries: _, ...SUMMARY } = {
  name: moderationFilters.name,
  type: moderationFilters.type,
  match: moderationFilters.match,
  action: moderationFilters.action,
  entry_count: moderationFilters.entry_count,
  created_at: moderationFilters.created_at,
  updated_at: moderationFilters.updated_at,
  entries: moderationFilters.entries,
};

function toSummary(row: Omit<FilterRow, "id" | "version" | "characters" | "entries">): FilterSummary {
  const { name, type, match, action, entry_count, created_at, updated_at } = row;
  return {
    ...{ name, type, match, action, entry_count },
    created_at: timestamp(created_at),
    updated_at: timestamp(updated_at),
  };
}

/** A filter as servers see it. */
function toFilter(row: FilterRow): Filter {
  return { ...toSummary(row), entries: row.entries };
}

/** All filters without their entries, by name. */
export async function listFilters(db: Directory): Promise<FilterSummary[]> {
  const rows = await db.select(SUMMARY).from(moderationFilters).orderBy(asc(moderationFilters.name));
  return rows.map(toSummary);
}

/** One filter, or undefined. */
export async function findFilter(db: Directory, name: string): Promise<Filter | undefined> {
  const [row] = await db.select().from(moderationFilters).where(eq(moderationFilters.name, name));
  return row && toFilter(row);
}

/** What a filter is stored with. */
export type WantedFilter = Omit<PutFilter, "match"> & { name: string; match: FilterRow["match"] };

/** What became of a filter; `limit` says why nothing did. */
export type PutFilterResult = { filter: Filter; isNew: boolean } | { limit: "filters" | "characters" };

/** Makes a filter, or replaces one. The limits are checked by the statement that writes, so two writers cannot pass them. */
export async function putFilter(db: Directory, wanted: WantedFilter, now: EpochMs): Promise<PutFilterResult> {
  const { name, type, match, action, entries } = wanted;
  const characters = entries.reduce((sum, { length }) => sum + length, 0);
  const others = sql`FROM moderation_filters WHERE name <> ${name}`;
  const written = await db
    .insert(moderationFilters)
    .select(
      sql`SELECT NULL, ${name}, ${type}, ${match}, ${action}, ${crypto.randomUUID()}, ${entries.length},
        ${characters}, ${now}, ${now}, ${JSON.stringify(entries)}
      WHERE (SELECT count(*) ${others}) < ${MAX_FILTERS}
        AND (SELECT coalesce(sum(characters), 0) ${others}) + ${characters} <= ${MAX_FILTER_CHARACTERS}`,
    )
    .onConflictDoUpdate({
      target: moderationFilters.name,
      set: Object.fromEntries(
        ["type", "match", "action", "version", "entry_count", "characters", "updated_at", "entries"].map(
          (column) => [column, sql`excluded.${sql.identifier(column)}`],
        ),
      ),
    })
    .returning();
  const [row] = written;
  if (row) return { filter: toFilter(row), isNew: row.created_at === row.updated_at };
  return {
    limit: characters > MAX_FILTER_CHARACTERS || (await hasRoom(db, name)) ? "characters" : "filters",
  };
}

async function hasRoom(db: Directory, name: string): Promise<boolean> {
  const others = (await listFilters(db)).filter((filter) => filter.name !== name);
  return others.length < MAX_FILTERS;
}

/** Deletes a filter. Repeating it is harmless. */
export async function deleteFilter(db: Directory, name: string): Promise<void> {
  await db.delete(moderationFilters).where(eq(moderationFilters.name, name));
}

/** What tells whether any filter has changed. */
export async function versionsOf(db: Directory): Promise<string> {
  const { name, version } = moderationFilters;
  const rows = await db.select({ version }).from(moderationFilters).orderBy(asc(name));
  return rows.map((row) => row.version).join(" ");
}

/** All filters with their entries, and what {@link versionsOf} says of them. */
export async function readFilters(db: Directory): Promise<{ versions: string; rules: FilterRule[] }> {
  const rules = await db.select().from(moderationFilters).orderBy(asc(moderationFilters.name));
  return { versions: rules.map((row) => row.version).join(" "), rules };
}
