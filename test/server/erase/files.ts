/** Looks for a word in every byte that a local server keeps. */
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
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
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

/** Places of one file that are named, at most. */
const NAMED = 5;

function placesIn(bytes: Buffer, pattern: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(pattern); at >= 0 && places.length < NAMED; at = bytes.indexOf(pattern, at + 1))
    places.push(at);
  return places;
}

/** The files in which a word stands, with the form and what is around it. */
export function filesWith(folder: string, word: string): string[] {
  const forms = formsOf(word);
  return filesOf(folder).flatMap((path) => {
    const bytes = readFileSync(path);
    return [...forms].flatMap(([form, pattern]) =>
      placesIn(bytes, pattern).map((at) => {
        const around = bytes.subarray(Math.max(0, at - 60), at + 60).toString("latin1");
        return `${path.slice(folder.length)} (${form} at ${at}): ${JSON.stringify(around)}`;
      }),
    );
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
export function directoriesOf(state: string): string[] {
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

/**
 * Deletes the bytes of objects that no row of the local bucket names. The local bucket deletes them after it has answered, so a kill
 * leaves some; nobody can read them, and R2 itself has no such files.
 */
export function dropOrphans(state: string): void {
  const named = new Set<string>();
  for (const path of filesOf(state).filter((file) =>
    /\/r2\/miniflare-.*\/[0-9a-f]{64}\.sqlite$/.test(file),
  )) {
    const db = new DatabaseSync(path, { timeout: 15_000 });
    for (const { blob_id } of db.prepare("SELECT blob_id FROM _mf_objects").all()) named.add(String(blob_id));
    db.close();
  }
  for (const path of filesOf(state).filter((file) => /\/r2\/.*\/blobs\//.test(file))) {
    if (!named.has(basename(path))) rmSync(path);
  }
}
