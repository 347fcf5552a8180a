/** Budgets that a user's own object counts, because the platform's counters know no days (rule 24). */
import { QUOTAS } from "@rocket-chat-api/protocol";

/** A budget of {@link QUOTAS}. */
export type Quota = keyof typeof QUOTAS;

/** How much of which budget something takes. */
export type Spending = Partial<Record<Quota, number>>;

/** For each period of each budget: when it began, and how much was taken since. */
export type Spent = Partial<Record<Quota, { since: number; used: number }[]>>;

/** Why something is too much, and in how many seconds it is not. */
export interface Overspent {
  budget: Quota;
  limit: number;
  period: number;
  retry_after: number;
}

/** One period after something is taken, or why it cannot be. A period begins with what is taken first. */
function take(
  { limit, period }: { limit: number; period: number },
  before: { since: number; used: number } | undefined,
  amount: number,
  now: number,
): { since: number; used: number } | { retry_after: number } {
  const end = (before?.since ?? 0) + period * 1000;
  // A clock that was set back must not make a period longer.
  const goes = before !== undefined && now < end && now >= before.since;
  const used = (goes ? before.used : 0) + amount;
  if (used <= limit) return { since: goes ? before.since : now, used };
  return { retry_after: goes ? Math.ceil((end - now) / 1000) : period };
}

/** Takes from budgets: from all of them, or from none. @param now milliseconds since 1970. */
export function spend(
  spent: Spent,
  wanted: Spending,
  now: number,
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
