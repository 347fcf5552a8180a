/** How often receipts are sent (rule 19). Pure functions. */
import {
  type ConversationType,
  MAX_RECEIPT_PUSH_MEMBERS,
  RECEIPT_INTERVAL_MS,
} from "@rocket-chat-api/protocol";
import type { EpochMs } from "../../domain/time.ts";

/** Receipts of groups that are too large to push them are only written, this often. */
const UNPUSHED_INTERVAL_MS = 10_000;
/** Every member's receipts go to every member: a pause that grows with the members lets the traffic grow only linearly. */
const INTERVAL_MS_PER_MEMBER = 25;

/** Milliseconds to gather receipts before they are sent; 0 is at once. */
export function receiptInterval(type: ConversationType, memberCount: number): number {
  if (type === "direct") return 0;
  if (!pushesReceipts(memberCount)) return UNPUSHED_INTERVAL_MS;
  return Math.max(RECEIPT_INTERVAL_MS, memberCount * INTERVAL_MS_PER_MEMBER);
}

/** Whether receipts are pushed to the members, or must be asked for. */
export function pushesReceipts(memberCount: number): boolean {
  return memberCount <= MAX_RECEIPT_PUSH_MEMBERS;
}

/** Flushes that may follow each other at the shortest interval. A chat at the pace of people never waits longer. */
const PROMPT_FLUSHES = 5;
/** Milliseconds in which one more prompt flush is earned. Once all are used, there is one flush in this time. */
const MS_PER_FLUSH = 5_000;
/** The same as a multiple of the shortest interval, which is long in large groups. */
const INTERVALS_PER_FLUSH = 4;

/** A flush after so many changes counts as two: in a busy group nobody waits for the ticks of one message. */
const BUSY_CHANGES = 16;

/** The prompt flushes of delivery receipts that are left. */
export interface FlushBudget {
  flushes: number;
  /** When there were so many. */
  at: EpochMs;
}

/** The budget of a conversation that has sent nothing. */
export function newFlushBudget(now: EpochMs): FlushBudget {
  return { flushes: PROMPT_FLUSHES, at: now };
}

function msPerFlush(shortest: number): number {
  return Math.max(MS_PER_FLUSH, INTERVALS_PER_FLUSH * shortest);
}

function flushesLeft({ flushes, at }: FlushBudget, shortest: number, now: EpochMs): number {
  return Math.min(PROMPT_FLUSHES, flushes + Math.max(0, now - at) / msPerFlush(shortest));
}

/**
 * The budget after a flush.
 * @param shortest milliseconds, see {@link receiptInterval}.
 * @param changes how many the conversation has seen since the flush before.
 */
export function afterFlush(
  budget: FlushBudget,
  shortest: number,
  changes: number,
  now: EpochMs,
): FlushBudget {
  const used = changes < BUSY_CHANGES ? 1 : 2;
  return { flushes: Math.max(1 - used, flushesLeft(budget, shortest, now) - used), at: now };
}

/**
 * Milliseconds to gather delivery receipts. They wait longer while messages follow each other without a pause: a flush
 * costs a group as many frames as one message from every member, and says nothing that the next flush would not say.
 */
export function deliveryInterval(shortest: number, budget: FlushBudget, now: EpochMs): number {
  const missing = 1 - flushesLeft(budget, shortest, now);
  return shortest === 0 ? 0 : Math.max(shortest, missing * msPerFlush(shortest));
}
