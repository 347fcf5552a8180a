/** The end of an erasure in a conversation: everything that leaves the object has left it, and its storage is written anew (rule 28). */
import type { SettledErasure, SettleOrder } from "../../domain/erased-person.ts";
import type { NumberedWord } from "../../domain/push-note.ts";
import { rewriteStorage } from "../../realtime/rewrite-storage.ts";

/** What an end needs of its object. */
export interface SettleHost {
  storage: DurableObjectStorage;
  /** Notes for the log of moderation. */
  notes: { drained(): Promise<boolean> };
  /** Resolves when the directory has everything. @returns false if it does not take it. */
  projected(): Promise<boolean>;
  /** What the hub of a person wants to be told of pushes. */
  setWord(userId: string, word: NumberedWord): void;
  forget(): void;
}

/** Newer than any word of a hub. */
const LAST_WORD: NumberedWord = { word: "none", version: Number.MAX_SAFE_INTEGER };

/** @returns whether everything has left, and whether the storage was written anew. */
export async function settleErasure(
  { storage, notes, projected, setWord, forget }: SettleHost,
  { user_id, comes_again = false }: SettleOrder,
): Promise<SettledErasure> {
  setWord(user_id, LAST_WORD);
  // The log gets its notes now: what is late would come after it was cleaned.
  const is_settled = (await notes.drained()) && (await projected());
  if (!is_settled || comes_again) return { is_settled, is_rewritten: false };
  const is_rewritten = await rewriteStorage(storage);
  // What is in memory is as it was; only what SQLite had prepared is made again.
  forget();
  return { is_settled, is_rewritten };
}
