/** What a server has forbidden a user: everything, or what was signed in before a time (rule 28). */
import { type CloseKind, type Failure, failure } from "@rocket-chat-api/protocol";
import type { EpochMs } from "./time.ts";

export interface Restriction {
  is_deactivated: boolean;
  /** Tokens that were issued before are refused; 0 if none was revoked. */
  tokens_valid_from: EpochMs;
}

/** Most users have no restriction. */
export const UNRESTRICTED: Restriction = { is_deactivated: false, tokens_valid_from: 0 };

/**
 * Why a socket may not stay open, or undefined.
 * @param issued_at when its token was issued; 0 if the token does not say, which is before any revocation.
 */
export function closeReason(
  { is_deactivated, tokens_valid_from }: Restriction,
  issued_at: EpochMs,
): Extract<CloseKind, "DEACTIVATED" | "TOKEN_EXPIRED"> | undefined {
  if (is_deactivated) return "DEACTIVATED";
  return issued_at < tokens_valid_from ? "TOKEN_EXPIRED" : undefined;
}

/** Why a request is refused, or undefined. As with any token that is not accepted, the answer does not say more. */
export function checkRestriction(restriction: Restriction, issued_at: EpochMs): Failure | undefined {
  switch (closeReason(restriction, issued_at)) {
    case "DEACTIVATED":
      return failure("USER_DEACTIVATED");
    case "TOKEN_EXPIRED":
      return failure("UNAUTHORIZED", "Invalid token");
    case undefined:
      return undefined;
  }
}
