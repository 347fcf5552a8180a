/** How messages stand together: days, and groups of one sender. Pure. */
import type { ShownMessage } from "@rocket-chat-api/react";
import { daysBetween } from "../../i18n/dates.ts";

/** Messages of one sender stand together if no more than this lies between them, in milliseconds. */
const TOGETHER_MS = 5 * 60 * 1000;

/** How a message stands among its neighbours. */
export interface Place {
  /** Whether a new day begins with it. */
  readonly startsDay: boolean;
  /** Whether it is the first of its sender's group. */
  readonly isFirst: boolean;
  /** Whether it is the last of its sender's group. */
  readonly isLast: boolean;
}

/** Where a message stands. @param before the message above it, if any. @param after the one below it. */
export function placeOf(
  before: ShownMessage | undefined,
  shown: ShownMessage,
  after: ShownMessage | undefined,
): Place {
  const startsDay = !before || !isSameDay(before, shown);
  return {
    startsDay,
    isFirst: startsDay || !before || !areTogether(before, shown),
    isLast: !after || !isSameDay(shown, after) || !areTogether(shown, after),
  };
}

function isSameDay(one: ShownMessage, other: ShownMessage): boolean {
  return daysBetween(new Date(one.message.created_at), new Date(other.message.created_at)) === 0;
}

function areTogether({ message: one }: ShownMessage, { message: other }: ShownMessage): boolean {
  const isSame = one.sender_id === other.sender_id && one.type !== "system" && other.type !== "system";
  return isSame && Date.parse(other.created_at) - Date.parse(one.created_at) <= TOGETHER_MS;
}

/** What has become of a list since it was rendered last. */
export type Change = "same" | "start" | "end" | "other";

/**
 * How a list has changed, by the keys of its first and last rows: the virtual list keeps its place from the end when rows
 * come or go at the start.
 */
export function changeOf(before: readonly ShownMessage[], after: readonly ShownMessage[]): Change {
  if (before === after) return "same";
  const [firstBefore, firstAfter] = [before[0]?.key, after[0]?.key];
  const [lastBefore, lastAfter] = [before.at(-1)?.key, after.at(-1)?.key];
  if (firstBefore === firstAfter)
    return lastBefore === lastAfter && before.length === after.length ? "same" : "end";
  if (firstBefore === undefined || firstAfter === undefined) return "other";
  const grew = after.some(({ key }) => key === firstBefore);
  const shrank = before.some(({ key }) => key === firstAfter);
  return grew || shrank ? "start" : "other";
}
