/** Daily and minute budgets that a user's hub counts. The platform's rate limiter has no daily periods (rule 24). */

import { QUOTAS } from "@rocket-chat-api/protocol";
import type { EpochMs } from "./time.ts";

/** A budget of {@link QUOTAS}. */
export type Quota = keyof typeof QUOTAS;

/** The amount to take from each budget. */
export type Spending = Partial<Record<Quota, number>>;

/** For each period of each budget: its start, and what was used since. */
export type Spent = Partial<Record<Quota, { since: EpochMs; used: number }[]>>;

/** The budget that is exhausted, and the seconds until it is not. */
export interface Overspent {
  budget: Quota;
  limit: number;
  period: number;
  retry_after: number;
}

/** Takes from one period, or says when that is possible again. A period starts with its first use. */
function take(
  { limit, period }: { limit: number; period: number },
  before: { since: EpochMs; used: number } | undefined,
  amount: number,
  now: EpochMs,
): { since: EpochMs; used: number } | { retry_after: number } {
  const end = (before?.since ?? 0) + period * 1000;
  // If the clock was set back, the period does not get longer.
  const goes = before !== undefined && now < end && now >= before.since;
  const used = (goes ? before.used : 0) + amount;
  if (used <= limit) return { since: goes ? before.since : now, used };
  return { retry_after: goes ? Math.ceil((end - now) / 1000) : period };
}

/** Takes from all of these budgets, or from none of them. */
export function spend(
  spent: Spent,
  wanted: Spending,
  now: EpochMs,
): { spent: Spent } | { refused: Overspent } {
  const after: Spent = { ...spent };
  for (const [name, amount] of Object.entries(wanted) as [Quota, number][]) {
    const windows = [];
    for (const [i, window] of QUOTAS[name].entries()) {
      const taken = take(window, spent[name]?.[i], amount, now);
      if ("retry_after" in taken) return { refused: { budget: name, ...window, ...taken } };
      windows.push(taken);
    }
    after[name] = windows;
  }
  return { spent: after };
}
