/** How often receipts are told, and what they say (rule 19). */
import {
  type ConversationType,
  MAX_RECEIPT_PUSH_MEMBERS,
  RECEIPT_INTERVAL_MS,
  type ReceiptStatus,
} from "@rocket-chat-api/protocol";

/** Receipts of larger groups are only written down, this often. */
const UNPUSHED_INTERVAL_MS = 10_000;
/** What everybody has read goes to everybody, so the pause grows with the members and the traffic only linearly. */
const INTERVAL_MS_PER_MEMBER = 25;

/** Milliseconds to gather receipts before they are told; 0 is at once. */
export function receiptInterval(type: ConversationType, memberCount: number): number {
  if (type === "direct") return 0;
  if (!pushesReceipts(memberCount)) return UNPUSHED_INTERVAL_MS;
  return Math.max(RECEIPT_INTERVAL_MS, memberCount * INTERVAL_MS_PER_MEMBER);
}

/** Rounds that may follow each other at the shortest pause: a chat at the pace of people never waits longer. */
const PROMPT_ROUNDS = 5;
/** One more prompt round is earned in this time, in milliseconds; where all are used up, one is told this often. */
const MS_PER_ROUND = 5_000;
/** The same as a multiple of the shortest pause, which is long in large groups. */
const PAUSES_PER_ROUND = 4;

/** Prompt rounds of delivery receipts that are left. */
export interface RoundBudget {
  rounds: number;
  /** When that was reckoned, in milliseconds since 1970. */
  at: number;
}

/** A conversation that has told nothing. */
export function newRoundBudget(now: number): RoundBudget {
  return { rounds: PROMPT_ROUNDS, at: now };
}

function msPerRound(shortest: number): number {
  return Math.max(MS_PER_ROUND, PAUSES_PER_ROUND * shortest);
}

function earned({ rounds, at }: RoundBudget, shortest: number, now: number): number {
  return Math.min(PROMPT_ROUNDS, rounds + Math.max(0, now - at) / msPerRound(shortest));
}

/** A round has been told. @param shortest milliseconds between two rounds, see {@link receiptInterval}. */
export function afterRound(budget: RoundBudget, shortest: number, now: number): RoundBudget {
  return { rounds: Math.max(0, earned(budget, shortest, now) - 1), at: now };
}

/**
 * Milliseconds to gather what was delivered, where messages follow each other without a pause: a round costs a group
 * as many frames as a message from every member, and tells nothing that the next round would not.
 */
export function deliveryInterval(shortest: number, budget: RoundBudget, now: number): number {
  const missing = 1 - earned(budget, shortest, now);
  return shortest === 0 ? 0 : Math.max(shortest, missing * msPerRound(shortest));
}

/** Whether receipts are pushed to everybody, or must be asked for. */
export function pushesReceipts(memberCount: number): boolean {
  return memberCount <= MAX_RECEIPT_PUSH_MEMBERS;
}

/** What two watermarks say about a message. Who has read a message has also received it. */
export function statusOf(seq: number, readSeq: number, deliveredSeq: number): ReceiptStatus {
  if (readSeq >= seq) return "read";
  return deliveredSeq >= seq ? "delivered" : "sent";
}
