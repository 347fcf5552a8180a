/** How long messages are kept (rule 10): decisions only. */
import { MAX_EVENT_MESSAGES, MAX_EVENT_RANGES, type SeqRange } from "@rocket-chat-api/protocol";
import type { EpochMs } from "./time.ts";

const DAY_MS = 86_400_000;
/** How much later than due a message may go, in milliseconds. An alarm costs a row, so one alarm serves an hour of messages. */
export const RETENTION_SLACK_MS = 3_600_000;
/** Messages that are kept for a reason are looked at again after this time, in milliseconds: the reason may have ended. */
export const LOOK_AGAIN_MS = DAY_MS;

/** The days that a conversation keeps its messages; undefined if for ever. Its own setting cannot lengthen the deployment's. */
export function daysKept(deployment: number | undefined, own: number | null): number | undefined {
  if (own === null) return deployment;
  return deployment === undefined ? own : Math.min(deployment, own);
}

/** Messages from before this time are to go. */
export function keptSince(days: number, now: EpochMs): EpochMs {
  return now - days * DAY_MS;
}

/** When a message of this time is to go. */
export function goesAt(created_at: EpochMs, days: number): EpochMs {
  return created_at + days * DAY_MS + RETENTION_SLACK_MS;
}

/** What is looked at of a message that is old. */
export interface OldMessage {
  seq: number;
  isDeleted: boolean;
}

/** What goes in one turn. */
export interface Going {
  /** The messages that go. */
  seqs: number[];
  /** Ranges that hold these messages, and no other that is not to change. */
  ranges: SeqRange[];
  /** Messages that are old enough and stay for a reason. */
  kept: number[];
  /** Everything up to this place has been looked at. */
  upTo: number;
}

/**
 * Chooses what goes in one turn: as many of the oldest messages as one event can say. A range ends before a message that
 * stays, and before one that was deleted already: its tombstone does not change.
 * @param old in order. @param isKept whether a message stays for a reason.
 */
export function chooseGoing(old: readonly OldMessage[], isKept: (seq: number) => boolean): Going {
  const going: Going = { seqs: [], ranges: [], kept: [], upTo: 0 };
  let range: SeqRange | undefined;
  for (const { seq, isDeleted } of old) {
    if (isDeleted || isKept(seq)) {
      if (!isDeleted) going.kept.push(seq);
      range = undefined;
    } else {
      if (going.seqs.length === MAX_EVENT_MESSAGES || (!range && going.ranges.length === MAX_EVENT_RANGES)) {
        return going;
      }
      if (!range) {
        range = { from_seq: seq, to_seq: seq };
        going.ranges.push(range);
      }
      range.to_seq = seq;
      going.seqs.push(seq);
    }
    going.upTo = seq;
  }
  return going;
}
