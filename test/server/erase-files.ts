/** Looks for a word in every byte that a local server keeps. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The word as it may be written: as it is, in UTF-16, and in Base64 from each of three places. */
function formsOf(word: string): Map<string, Buffer> {
  const forms = new Map([
    ["utf-8", Buffer.from(word)],
    ["utf-16", Buffer.from(word, "utf16le")],
  ]);
  for (let shift = 0; shift < 3; shift++) {
    // What depends on the bytes before and after is cut off.
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(word)]).toString("base64");
    const first = Math.ceil((shift * 8) / 6);
    const last = Math.floor(((shift + word.length) * 8) / 6);
    forms.set(`base64+${shift}`, Buffer.from(encoded.slice(first, last)));
  }
  return forms;
}

/** Every file below a folder. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

/** The files in which a word stands, with the form and what is around it. */
export function filesWith(folder: string, word: string): string[] {
  const forms = formsOf(word);
  return filesOf(folder).flatMap((path) => {
    const bytes = readFileSync(path);
    return [...forms].flatMap(([form, pattern]) => {
      const at = bytes.indexOf(pattern);
      if (at < 0) return [];
      const around = bytes.subarray(Math.max(0, at - 60), at + 60).toString("latin1");
      return [`${path.slice(folder.length)} (${form} at ${at}): ${JSON.stringify(around)}`];
    });
  });
}

/**
 * Ends the write-ahead log of every database, as whoever opens it next does: a server that was killed, or stopped within seconds of
 * a write, leaves it.
 */
export function endLogs(state: string): void {
  for (const path of filesOf(state).filter((file) => file.endsWith(".sqlite"))) {
    const db = new DatabaseSync(path, { timeout: 15_000 });
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    db.close();
  }
}

/** The files of D1. */
function directoriesOf(state: string): string[] {
  return filesOf(state).filter((path) => /d1.*\/[0-9a-f]{64}\.sqlite$/.test(path));
}

/** Changes rows of D1, while no server runs. */
export function changeDirectory(state: string, ...statements: string[]): Record<string, unknown>[] {
  let rows: Record<string, unknown>[] = [];
  for (const path of directoriesOf(state)) {
    const db = new DatabaseSync(path, { timeout: 15_000 });
    for (const statement of statements) {
      if (/^select/i.test(statement)) rows = db.prepare(statement).all() as Record<string, unknown>[];
      else db.exec(statement);
    }
    db.close();
  }
  return rows;
}
