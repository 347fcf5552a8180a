/** What operators give to scripts, and what scripts must not take. */
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { plainSecret, secretOf } from "../../scripts/deploy/ask.ts";
import { rebuildSome } from "../../scripts/rebuild.ts";
import {
  BACKUP_BEGINS,
  backupEnds,
  backupProblem,
  insertsOf,
  isLastPage,
  PAGE_BYTES,
  pageOf,
  type SqlRow,
} from "../../scripts/sql.ts";

const KEY = "-----BEGIN PRIVATE KEY-----\nMIGTAgEA\nMBMGByqG\n-----END PRIVATE KEY-----";

/** Lines as a terminal gives them. It gives no more after the last: who waits for another waits for ever. */
async function* typed(text: string): AsyncGenerator<string> {
  yield* text.split("\n");
  await new Promise(() => undefined);
}

describe("a secret", () => {
  it.each([
    ["a b\"c'd", "a b\"c'd"],
    ["secret\n", "secret"],
    ["secret\r\n", "secret"],
    ["  secret ", "secret"],
    [`${KEY.replaceAll("\n", "\r\n")}\r\n`, KEY],
    ["\r\n", ""],
  ])(
    "[SETUP-11] %j of the environment is %j: no line end of a file or of Windows is part of it",
    (given, secret) => {
      expect(plainSecret(given)).toBe(secret);
    },
  );

  it.each([
    ["secret\nthe next answer", "secret"],
    [`${KEY}\nthe next answer`, KEY],
    [`${KEY.replaceAll("\n", "\r\n")}\nthe next answer`, KEY],
    ["", ""],
  ])("[SETUP-12] typed or pasted as %j it is whole: a key in PEM has several lines", async (text, secret) => {
    expect(await secretOf(typed(text))).toBe(secret);
  });
});

describe("a file to restore, for which everything else is deleted", () => {
  const whole = `${BACKUP_BEGINS}\nINSERT INTO users (user_id) VALUES\n('a\r\nb');\n${backupEnds(1)}\n`;

  it.each([
    ["a whole backup", whole, undefined],
    ["a whole one, of no rows", `${BACKUP_BEGINS}\n${backupEnds(0)}\n`, undefined],
    ["nothing", "", /no file of npm run backup/],
    ["SQL of something else", "DROP TABLE users;\n", /no file of npm run backup/],
    [
      "one that was interrupted between two statements",
      `${whole.split(";")[0]};\n`,
      /not copied or written whole/,
    ],
    ["one that was cut off in its last line", whole.slice(0, -4), /not copied or written whole/],
    ["one with other line ends", whole.replaceAll("\n", "\r\n"), /line ends were changed/],
  ])("[KEEP-30] %s", (_, text, problem) => {
    const found = backupProblem(text);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });
});

describe("a rebuild", () => {
  it("[KEEP-54] goes on past an object that never ends, and names it", async () => {
    const asked: string[][] = [];
    const chat = {
      rebuildDirectory: async ({ objects }: { objects: string[] }) => {
        asked.push(objects);
        const isEndless = (id: string) => id === "endless";
        const ends = objects.filter((id) => id !== "broken" && !isEndless(id));
        const failed = objects.filter((id) => id === "broken");
        return { done: ends, pending: objects.filter(isEndless), empty: [], failed };
      },
    };
    const waits = { looks: 3, look_ms: 1 };
    const failed = await rebuildSome(chat, "conversations", ["one", "endless", "broken", "two"], waits);
    expect(failed).toEqual(["broken", "endless"]);
    expect(asked).toEqual([["one", "endless", "broken", "two"], ["endless"], ["endless"], ["endless"]]);
  });
});

describe("what a backup reads and writes", () => {
  const table = { name: "t", key: ["a", "b"], columns: ["a", "b", "text", "other"] };

  /** A table with these texts, under a key of two columns. */
  function filled(texts: readonly string[]): DatabaseSync {
    const db = new DatabaseSync(":memory:");
    db.exec("CREATE TABLE t (a TEXT, b INTEGER, text TEXT, other REAL, PRIMARY KEY (a, b)) WITHOUT ROWID");
    const insert = db.prepare("INSERT INTO t VALUES (?, ?, ?, ?)");
    for (const [i, text] of texts.entries()) insert.run(`it's ${i % 7}`, i, text, i % 2 ? 0.1 * i : null);
    return db;
  }

  const rowsOf = (db: DatabaseSync, sql: string) => db.prepare(sql).all() as SqlRow[];
  const all = (db: DatabaseSync) => rowsOf(db, "SELECT * FROM t ORDER BY a, b");

  it.each([
    ["none", []],
    ["many small ones", Array.from({ length: 4_500 }, (_, i) => `row ${i}`)],
    [
      "large ones after small ones",
      Array.from({ length: 400 }, (_, i) => "é".repeat(i < 200 ? 10 : 100_000)),
    ],
    ["one that is larger than a page", ["small", "x".repeat(PAGE_BYTES + 1), "small"]],
  ])("[KEEP-32] rows are read in pages of few bytes, each once, in order: %s", (_, texts) => {
    const db = filled(texts);
    const read: SqlRow[] = [];
    for (let last: SqlRow | undefined; ; last = read.at(-1)) {
      const rows = rowsOf(db, pageOf(table, last));
      const sizes = rows.map((row) => Buffer.byteLength(String(row.text)));
      expect(sizes.slice(0, -1).reduce((sum, size) => sum + size, 0)).toBeLessThan(PAGE_BYTES);
      read.push(...rows);
      if (isLastPage(rows)) break;
    }
    expect(read).toEqual(all(db));
  });

  it.each([
    ["letters of four bytes", "😀".repeat(70_000)],
    ["letters of three bytes", "語".repeat(70_000)],
    ["a letter where a piece ends", `${"x".repeat(29_999)}😀${"'".repeat(30_000)}`],
  ])("[KEEP-33] no statement is longer than D1 takes, and the text comes back whole: %s", (_, text) => {
    const db = filled([text]);
    const written = all(db);
    const statements = insertsOf("t", table.key, written);
    for (const statement of statements) expect(Buffer.byteLength(statement)).toBeLessThan(100_000);
    db.exec("DELETE FROM t");
    for (const statement of statements) db.exec(statement);
    expect(all(db)).toEqual(written);
  });
});
