/** The word that each conversation should have (words.ts), and what changes in its row if that is another one. */
import type { PushWord } from "../../domain/push-note.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { ConversationRow, PushState, PushStore } from "./push-store.ts";
import { wordFor } from "./words.ts";

/** What all words depend on. Read once for all conversations. */
export interface Wish {
  preferences: PushState["preferences"];
  hasActiveDevice: boolean;
  isLevelSomewhere: boolean;
}

export function wishOf(store: PushStore, { preferences }: PushState): Wish {
  const { hasActiveDevice } = store;
  const isLevelSomewhere = preferences.level === "none" && store.isLevelSomewhere;
  return { preferences, hasActiveDevice, isLevelSomewhere };
}

/** How much the words ask for. */
const RANKS: Record<PushWord, number> = { none: 0, mentions: 1, all: 2 };

/**
 * A conversation with the word that it should have, to be told; undefined if it has that word.
 * @param since the word should be so: a conversation that hears of it later is asked for what was said since.
 */
export function reworded(
  row: ConversationRow,
  { preferences, hasActiveDevice, isLevelSomewhere }: Wish,
  now: EpochMs,
  since: EpochMs,
): ConversationRow | undefined {
  const word = wordFor(row, preferences, hasActiveDevice, now, isLevelSomewhere);
  if (word === row.word) return undefined;
  // What was said before needs no decision.
  const fresh = row.word === "none" ? { seq: 0, rev: 0 } : {};
  const isRaised = RANKS[word] > RANKS[row.word];
  const wanted_since = word === "none" ? null : isRaised ? (row.wanted_since ?? since) : row.wanted_since;
  return { ...row, ...fresh, word, is_told: false, wanted_since };
}
