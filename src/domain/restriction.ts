/** What a server has forbidden a user: everything, also for a time, or what was signed in before one (rules 28 and 29). */
import {
  type CloseKind,
  type ErasedMessages,
  type Failure,
  failure,
  timestamp,
} from "@rocket-chat-api/protocol";
import type { EpochMs } from "./time.ts";

export interface Restriction {
  is_deactivated: boolean;
  /** Tokens that were issued before are refused; 0 if none was revoked. */
  tokens_valid_from: EpochMs;
  /** The app has banned the user (rule 29). What an older release has stored says nothing of it. */
  ban?: RestrictionBan | null;
  /** The user was erased (rule 28): nothing about them is stored any more, and this never ends. */
  is_erased?: boolean;
  /** What became of their messages: a directory that was put back to a time before erases them again. */
  erased_messages?: ErasedMessages;
}

/** A ban by the app. */
export interface RestrictionBan {
  /** When it ends by itself; null if it does not. */
  until: EpochMs | null;
  reason: string;
}

/** Most users have no restriction. */
export const UNRESTRICTED: Restriction = { is_deactivated: false, tokens_valid_from: 0, ban: null };

/** The restriction of a user who was erased. */
export const ERASED: Restriction = { is_deactivated: true, tokens_valid_from: 0, ban: null, is_erased: true };

/**
 * Why a socket may not stay open, or undefined.
 * @param issued_at when its token was issued; 0 if the token does not say, which is before any revocation.
 */
export function closeReason(
  restriction: Restriction,
  issued_at: EpochMs,
  now: EpochMs,
): Extract<CloseKind, "DEACTIVATED" | "BANNED" | "TOKEN_EXPIRED"> | undefined {
  const { is_deactivated, tokens_valid_from } = restriction;
  if (is_deactivated) return "DEACTIVATED";
  if (banAt(restriction, now)) return "BANNED";
  return issued_at < tokens_valid_from ? "TOKEN_EXPIRED" : undefined;
}

/** Why a request is refused, or undefined. As with any token that is not accepted, the answer does not say more. */
export function checkRestriction(
  restriction: Restriction,
  issued_at: EpochMs,
  now: EpochMs,
): Failure | undefined {
  switch (closeReason(restriction, issued_at, now)) {
    case "DEACTIVATED":
      return failure("USER_DEACTIVATED");
    case "BANNED":
      return bannedFailure(restriction, now);
    case "TOKEN_EXPIRED":
      return failure("UNAUTHORIZED", "Invalid token");
    case undefined:
      return undefined;
  }
}

/** The ban that holds at a time; undefined if there is none, or it has ended. */
function banAt({ ban }: Restriction, now: EpochMs): RestrictionBan | undefined {
  return ban && (ban.until === null || ban.until > now) ? ban : undefined;
}

/** What a banned user reads: they can ask for nothing else. */
function bannedFailure(restriction: Restriction, now: EpochMs): Failure {
  const { until = null, reason = null } = banAt(restriction, now) ?? {};
  return failure("BANNED", undefined, { until: until === null ? null : timestamp(until), reason });
}

/** Whether the user may do nothing at all at a time: then nothing is pushed to them. */
export function isShutOut(restriction: Restriction, now: EpochMs): boolean {
  return restriction.is_deactivated || banAt(restriction, now) !== undefined;
}

/** When a restriction ends by itself; undefined if it does not, or has ended. */
export function endOfRestriction(restriction: Restriction, now: EpochMs): EpochMs | undefined {
  return banAt(restriction, now)?.until ?? undefined;
}
