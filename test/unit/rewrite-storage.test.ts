/** What is in the file of a database after its storage was written anew (rule 28): each byte of it is looked at. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noteFileBytes, type RewrittenStorage, rewriteStorage } from "../../src/realtime/rewrite-storage.ts";

const WORD = "canary";

/** The storage of an object over a file: what is written between two waits is one transaction. */
class FileStorage implements RewrittenStorage {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #values = new Map<string, unknown>();
  /** What others do while it waits for the disk. */
  onSync: () => void | Promise<void> = () => undefined;

  constructor(path: string) {
    this.#path = path;
    this.#db = new DatabaseSync(path);
    this.#db.exec("PRAGMA page_size = 4096; PRAGMA secure_delete = OFF; PRAGMA journal_mode = WAL");
  }

  readonly kv = {
    get: <T>(key: string) => this.#values.get(key) as T | undefined,
    put: <T>(key: string, value: T) => void this.#values.set(key, value),
  };

  get sql() {
    const number = (pragma: string) =>
      Number(Object.values(this.#db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
    const exec = <T>(query: string, ...values: unknown[]) => {
      if (!this.#db.isTransaction) this.#db.exec("BEGIN");
      const rows = this.#db.prepare(query).all(...(values as SQLInputValue[])) as T[];
      return { toArray: () => rows, one: () => rows[0] as T };
    };
    return {
      exec,
      get databaseSize() {
        return (number("page_count") - number("freelist_count")) * 4096;
      },
    };
  }

  transactionSync<T>(run: () => T): T {
    if (!this.#db.isTransaction) this.#db.exec("BEGIN");
    return run();
  }

  async sync(): Promise<void> {
    if (this.#db.isTransaction) this.#db.exec("COMMIT");
    await this.onSync();
  }

  /** The bytes of the file. */
  bytes(): Buffer {
    if (this.#db.isTransaction) this.#db.exec("COMMIT");
    this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return readFileSync(this.#path);
  }

  close(): void {
    this.#db.close();
  }
}

let folder: string;
let storage: FileStorage;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rewrite-"));
  storage = new FileStorage(join(folder, "object.sqlite"));
});
afterEach(() => {
  storage.close();
  rmSync(folder, { recursive: true });
});

const TABLES = [
  "CREATE TABLE messages (seq INTEGER PRIMARY KEY, sender TEXT NOT NULL, content TEXT NOT NULL, key TEXT)",
  "CREATE UNIQUE INDEX messages_by_key ON messages (key) WHERE key IS NOT NULL",
  "CREATE TABLE `notes` (id INTEGER PRIMARY KEY AUTOINCREMENT, note TEXT)",
  "CREATE TABLE marks (user_id TEXT, seq INTEGER, PRIMARY KEY (user_id, seq)) WITHOUT ROWID",
  "CREATE INDEX marks_by_seq ON marks (seq)",
];

/** Rows of many lengths. Each column may have the word, over and over. */
async function write(count: number): Promise<void> {
  const numbers = `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${count})`;
  const words = (of: string) => `substr(replace(hex(zeroblob(400)), '00', '${WORD}'), 1, ${of})`;
  const { sql } = storage;
  sql.exec(`${numbers} INSERT INTO messages SELECT n, 'u' || n % 9, ${words("50 + n * 37 % 1100")},
    n || ${words("12")} FROM n`);
  sql.exec(`${numbers} INSERT INTO notes (note) SELECT ${words("n % 90")} FROM n`);
  sql.exec(`${numbers} INSERT INTO marks SELECT ${words("6")} || n, n FROM n`);
  await storage.sync();
}

/** Some rows go, the others lose what they say. */
async function erase(): Promise<void> {
  const { sql } = storage;
  sql.exec("DELETE FROM messages WHERE seq % 7 = 0");
  sql.exec("UPDATE messages SET content = CASE seq % 2 WHEN 0 THEN '' ELSE 'gone' END, key = NULL");
  sql.exec("DELETE FROM notes WHERE id > 20");
  sql.exec("UPDATE notes SET note = NULL");
  sql.exec("DELETE FROM marks WHERE seq % 3 > 0");
  sql.exec("UPDATE marks SET user_id = 'x' || seq");
  await storage.sync();
}

/** All rows, and what there is besides. */
function contents(): unknown {
  const names = ["messages", "notes", "marks", "sqlite_sequence"];
  const { sql } = storage;
  const schema = sql.exec(
    "SELECT type, name, tbl_name FROM sqlite_master WHERE name <> 'zeros' ORDER BY name",
  );
  return [
    schema.toArray(),
    ...names.map((name) => sql.exec(`SELECT * FROM ${name} ORDER BY 1, 2`).toArray()),
  ];
}

/** How often the word stands in the file. */
const found = () => storage.bytes().toString("latin1").split(WORD).length - 1;

async function begin(count: number): Promise<void> {
  for (const statement of TABLES) storage.sql.exec(statement);
  await write(count);
}

describe("storage that is written anew", () => {
  it.each([100, 3_000, 20_000])(
    "[R28 ERASE-24] has nothing of what was deleted, and every row that stays: %i messages",
    async (count) => {
      await begin(count);
      await erase();
      const before = contents();
      expect(found()).toBeGreaterThan(count);
      expect(await rewriteStorage(storage)).toBe(true);
      expect(found()).toBe(0);
      expect(contents()).toEqual(before);
      expect(storage.sql.exec("PRAGMA integrity_check").one()).toEqual({ integrity_check: "ok" });
    },
  );

  it("[R28 ERASE-25] has nothing of it while others write and delete in between, whichever wait that is", async () => {
    await begin(3_000);
    await erase();
    let others = 0;
    storage.onSync = () => {
      if (others > 40) return;
      for (let i = 0; i < 30; i++) {
        others += 1;
        const values = [1e6 + others, "other", "o".repeat(i * 90), `other ${others}`];
        storage.sql.exec("INSERT INTO messages VALUES (?, ?, ?, ?)", ...values);
      }
      // Retention goes on too.
      storage.sql.exec("DELETE FROM messages WHERE seq IN (SELECT seq FROM messages LIMIT 200)");
    };
    expect(await rewriteStorage(storage)).toBe(true);
    expect(found()).toBe(0);
    const { n } = storage.sql.exec("SELECT count(*) AS n FROM messages WHERE sender = 'other'").one() as {
      n: number;
    };
    expect(n).toBe(others);
  });

  it("[R28 ERASE-26] is as it should be where two ask for it at once, whichever waits longer for the disk, and its file does not grow each time", async () => {
    await begin(1_000);
    await erase();
    await rewriteStorage(storage);
    const first = storage.bytes().length;
    let random = 1;
    for (let turn = 0; turn < 30; turn++) {
      storage.onSync = () => undefined;
      storage.sql.exec(`INSERT INTO notes (note) VALUES ('${WORD} ${turn}')`);
      await storage.sync();
      storage.sql.exec("UPDATE notes SET note = NULL");
      const waiting: (() => void)[] = [];
      storage.onSync = () => new Promise((resolve) => waiting.push(resolve));
      let isDone = false;
      const both = Promise.all([rewriteStorage(storage), rewriteStorage(storage)]);
      const ended = both.finally(() => (isDone = true)).catch(() => undefined);
      while (!isDone) {
        await new Promise(setImmediate);
        random = (random * 48_271) % 2_147_483_647;
        waiting.splice(random % Math.max(waiting.length, 1), 1)[0]?.();
      }
      await ended;
      expect(await both).toEqual([true, true]);
      expect(found()).toBe(0);
    }
    // Tables copied into new pages each time would be 36 MB.
    expect(storage.bytes().length).toBeLessThan(first + 60 * 200_000);
  });

  it("[R28 ERASE-30] has nothing of a person who has said nearly everything: it is known how large the file was before", async () => {
    await begin(6_000);
    noteFileBytes(storage);
    storage.sql.exec("DELETE FROM messages WHERE seq > 10");
    await erase();
    noteFileBytes(storage);
    expect(await rewriteStorage(storage)).toBe(true);
    expect(found()).toBe(0);
  });

  it("[R28 ERASE-27] is left as it is where it has more than 64 MB; others wait for at most 4 MB of zeros at a time", async () => {
    await begin(1);
    const fill = (bytes: number) => storage.sql.exec("INSERT INTO notes (note) VALUES (zeroblob(?))", bytes);
    fill(8_000_000);
    await storage.sync();
    let seen = storage.sql.databaseSize;
    let most = 0;
    storage.onSync = () => {
      most = Math.max(most, storage.sql.databaseSize - seen);
      seen = storage.sql.databaseSize;
    };
    expect(await rewriteStorage(storage)).toBe(true);
    // The copy itself, in pages that zeros had, is not more either.
    expect(most).toBeLessThan(5_000_000);
    storage.onSync = () => undefined;
    fill(64_000_000);
    expect(await rewriteStorage(storage)).toBe(false);
    storage.sql.exec("DELETE FROM notes");
    expect(await rewriteStorage(storage)).toBe(true);
    // It was that large once.
    storage.kv.put("file_bytes", 600_000_000);
    expect(await rewriteStorage(storage)).toBe(false);
  });
});
