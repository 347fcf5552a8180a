/** How far a long script has come, in a file: what was killed goes on from there. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** Where a rebuild keeps how far it has come, if nothing else is said. */
export const REBUILD_PROGRESS = ".rebuild.json";

/** A file that holds one JSON value, and is always whole. */
export class ProgressFile<T> {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** What was written last; undefined if nothing was, or the file is not ours. */
  read(): T | undefined {
    if (!existsSync(this.#path)) return undefined;
    try {
      return JSON.parse(readFileSync(this.#path, "utf8")) as T;
    } catch {
      return undefined;
    }
  }

  /** Replaces what was written. A crash leaves the old value or the new one. */
  write(value: T): void {
    const next = `${this.#path}.${process.pid}`;
    writeFileSync(next, JSON.stringify(value));
    renameSync(next, this.#path);
  }

  /** The work is done. */
  remove(): void {
    rmSync(this.#path, { force: true });
  }
}
