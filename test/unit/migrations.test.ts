import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";

const FOLDER = new URL("../../migrations/", import.meta.url);
const FORM = /^[a-z0-9_.-]{3,32}$/;

/** A directory as it was before a migration, and the migration. */
function directoryBefore(name: string): { db: DatabaseSync; migrate: () => void } {
  const db = new DatabaseSync(":memory:");
  const files = readdirSync(FOLDER)
    .filter((file) => file.endsWith(".sql"))
    .sort();
  const at = files.findIndex((file) => file.endsWith(`_${name}.sql`));
  const run = (file: string) => db.exec(readFileSync(new URL(file, FOLDER), "utf8"));
  files.slice(0, at).forEach(run);
  return { db, migrate: () => run(files[at] ?? "") };
}

describe("the migration of profiles", () => {
  it("[R28 NAME-9] a directory with names that several people have survives it: the first one keeps the name", () => {
    const { db, migrate } = directoryBefore("profiles");
    const insert =
      db.prepare(`INSERT INTO users (user_id, username, display_name, search_name, claims, version, presence, created_at)
      VALUES (?, ?, ?, ?, ?, 3, 'offline', ?)`);
    const add = (id: string, username: string, at: number) =>
      insert.run(
        id,
        username,
        `The ${username}`,
        `the ${username}`,
        JSON.stringify([username, username, null]),
        at,
      );
    add("00000000-0000-4000-8000-00000000aaaa", "ann", 1);
    add("00000000-0000-4000-8000-00000000bbbb", "ann", 2);
    add("00000000-0000-4000-8000-00000000cccc", "ann", 2);
    // Two whose ids end alike, and somebody who has what would stand in.
    add("00000000-0000-4000-8000-1111000bbbb", "ann", 3);
    add("00000000-0000-4000-8000-00000000dddd", "ann_cccc", 0);
    const long = "x".repeat(32);
    for (let i = 0; i < 5; i++) add(`00000000-0000-4000-8000-0000000${i}0000`, long, i);
    for (const name of ["admin", "all", "system"])
      add(`00000000-0000-4000-8000-${name.padEnd(12, "e")}`, name, 0);
    add("00000000-0000-4000-8000-00000000ffff", "alone", 9);
    migrate();
    const rows = db.prepare("SELECT user_id, username, version, is_untold, is_indexed FROM users").all();
    const byId = new Map(rows.map((row) => [String(row.user_id).slice(-12), row]));
    const names = rows.map((row) => String(row.username));
    expect(new Set(names).size).toBe(rows.length);
    for (const name of names) expect(name).toMatch(FORM);
    expect(byId.get("00000000aaaa")).toMatchObject({ username: "ann", version: 3, is_untold: 0 });
    expect(byId.get("00000000bbbb")).toMatchObject({ username: "ann_bbbb", version: 4, is_untold: 1 });
    expect(byId.get("00000000dddd")).toMatchObject({ username: "ann_cccc", version: 3 });
    expect(byId.get("00000000cccc")?.username).toMatch(/^user_[0-9a-f]{27}$/);
    expect(byId.get("00000000ffff")).toMatchObject({ username: "alone", version: 3, is_untold: 0 });
    for (const name of ["admin", "all", "system"]) expect(names).not.toContain(name);
    // What people were found by until now still finds them.
    const found = db.prepare("SELECT user_id FROM user_names WHERE text >= ? AND text < ?");
    expect(found.all("alo", "alo~")).toHaveLength(1);
    expect(found.all("the ann", "the ann~")).toHaveLength(5);
    expect(() => add("00000000-0000-4000-8000-000000001234", "alone", 10)).toThrow(/UNIQUE/);
  });

  it("[R28 NAME-9] an empty directory too", () => {
    const { db, migrate } = directoryBefore("profiles");
    migrate();
    expect(db.prepare("SELECT count(*) AS n FROM users").get()).toEqual({ n: 0 });
  });
});
