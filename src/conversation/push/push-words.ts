/** Which members have devices, and how much pushes to them: the words of their hubs (domain/push-note.ts). */
import { eq } from "drizzle-orm";
import { retryPause } from "../../domain/deadlines.ts";
import type { NumberedWord, PushWord } from "../../domain/push-note.ts";
import type { EpochMs } from "../../domain/time.ts";
import { pushWords } from "../state/schema.ts";
import type { Store } from "../state/store.ts";

type WordRow = typeof pushWords.$inferSelect;

export class PushWords {
  readonly #store: Pick<Store, "db" | "exists">;
  #rows: Map<string, WordRow> | undefined;

  constructor(store: Pick<Store, "db" | "exists">) {
    this.#store = store;
  }

  /** Whether any member asks for notes. */
  get isWanted(): boolean {
    for (const { word } of this.#known().values()) if (word !== "none") return true;
    return false;
  }

  /** The members who are told of something. */
  wanting(): WordRow[] {
    return [...this.#known().values()].filter(({ word }) => word !== "none");
  }

  /** The word of a member's hub; "none" if it has given none. */
  of(userId: string): PushWord {
    return this.#known().get(userId)?.word ?? "none";
  }

  /** Where notes to a member begin, if that lies before the cursor of all notes. */
  behind(userId: string): number | undefined {
    return this.#known().get(userId)?.behind_seq ?? undefined;
  }

  /**
   * Takes a hub's word, unless a newer one is known.
   * @param behind_seq where notes to this member begin, if this is the first word that asks for any.
   * @returns whether that is news.
   */
  set(user_id: string, { word, version }: NumberedWord, behind_seq: number): boolean {
    const known = this.#known().get(user_id);
    if (known ? known.version >= version : word === "none") return false;
    const begins = (known?.word ?? "none") === "none" && word !== "none";
    const from = begins ? behind_seq : (known?.behind_seq ?? null);
    // A hub that gives a word can be reached.
    this.#put({ user_id, word, version, behind_seq: from, failures: 0, retry_at: null });
    return true;
  }

  /** Whether a member's hub could not be reached last. */
  hasFailed(userId: string): boolean {
    return (this.#known().get(userId)?.failures ?? 0) > 0;
  }

  /** Sets where notes to a member begin: their hub can be reached. @param behind_seq null: where all notes begin. */
  setBehind(userId: string, behind_seq: number | null): void {
    const known = this.#known().get(userId);
    if (!known || (known.behind_seq === behind_seq && known.failures === 0)) return;
    this.#put({ ...known, behind_seq, failures: 0, retry_at: null });
  }

  /**
   * A member's hub could not be reached. Written down, because the object that waits does not live that long.
   * @param behind_seq where notes to this member begin.
   * @returns when to try again.
   */
  setFailed(userId: string, behind_seq: number, now: EpochMs): EpochMs {
    const known = this.#known().get(userId);
    const failures = (known?.failures ?? 0) + 1;
    const retry_at = now + retryPause(failures);
    if (known) this.#put({ ...known, behind_seq, failures, retry_at });
    return retry_at;
  }

  /** Forgets a former member. */
  remove(userId: string): void {
    if (!this.#known().delete(userId)) return;
    this.#store.db.delete(pushWords).where(eq(pushWords.user_id, userId)).run();
  }

  #put(row: WordRow): void {
    this.#known().set(row.user_id, row);
    const { user_id: _, ...set } = row;
    this.#store.db.insert(pushWords).values(row).onConflictDoUpdate({ target: pushWords.user_id, set }).run();
  }

  #known(): Map<string, WordRow> {
    if (!this.#rows) {
      const rows = this.#store.exists() ? this.#store.db.select().from(pushWords).all() : [];
      this.#rows = new Map(rows.map((row) => [row.user_id, row]));
    }
    return this.#rows;
  }
}
