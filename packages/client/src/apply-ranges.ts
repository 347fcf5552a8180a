/** Events about many messages at once: those of retention, and of the erasure of a person. */
import type { SeqRange } from "@rocket-chat-api/protocol";
import { seqOf } from "./ids.ts";
import { passBy } from "./messages.ts";
import { type Applied, applied, type ConversationState, gap } from "./state.ts";
import { readUpTo } from "./unread.ts";

/** Places right before what is loaded whose changes are noted: a page that is on its way has no older ones. */
const NOTED = 1_000;

/**
 * Messages in these ranges have changed. Most lie before what is loaded. Where one may be shown, quoted or counted, the client
 * asks: rare as this is, only the server knows what is left of each.
 */
export function changedInRanges(
  state: ConversationState,
  ranges: readonly SeqRange[],
  changed_seq: number,
): Applied {
  const isWithin = (seq: number) => ranges.some(({ from_seq, to_seq }) => seq >= from_seq && seq <= to_seq);
  const first = Math.min(state.loaded_from, readUpTo(state) + 1);
  const isQuoted = state.messages.some(({ reply_to }) => reply_to && isWithin(seqOf(reply_to.message_id)));
  if (isQuoted || ranges.some(({ to_seq }) => to_seq >= first))
    return gap({ ...state, seq: changed_seq - 1 });
  let next = state;
  for (let seq = Math.max(1, first - NOTED); seq < first; seq++)
    if (isWithin(seq)) next = passBy(next, seq, changed_seq);
  return applied(next);
}
