/**
 * What a user's hub gives back to a directory that has lost it: what a server has forbidden the user, their blocks, who has
 * which push token, which conversations are muted, and their presence. Conversations give the profile back, and should come first.
 */
import type { PresenceStatus, PushLevel } from "@rocket-chat-api/protocol";
import { type SQL, sql } from "drizzle-orm";
import { type Restriction, UNRESTRICTED } from "../domain/restriction.ts";
import type { EpochMs } from "../domain/time.ts";
import { usernameChoices, usernameFrom } from "../domain/usernames.ts";
import { type Directory, runBatch } from "./database.ts";

/** What a hub knows of its user. */
export interface RestoredUser {
  user_id: string;
  restriction: Restriction;
  presence: PresenceStatus;
  /** Whether a socket is open at the hub. */
  connected: boolean;
  blocks: readonly { user_id: string; version: number; is_blocked: boolean }[];
  tokens: readonly { token_hash: string; device_id: string; token_version: number; is_active: boolean }[];
  /** What the user has set for single conversations. */
  choices: readonly {
    conversation_id: string;
    is_muted: boolean;
    muted_until: EpochMs | null;
    push_level: PushLevel | null;
  }[];
}

/** Writes it, as one batch. What the directory has is kept where it is newer, or stricter. */
export async function restoreUser(db: Directory, user: RestoredUser, now: EpochMs): Promise<void> {
  const { user_id, presence, connected, blocks, tokens, choices } = user;
  await runBatch(db, [
    ...restrictionStatements(user, now),
    sql`UPDATE users SET presence = ${presence}, connected = ${Number(connected)} WHERE user_id = ${user_id}`,
    ...(blocks.length > 0 ? [blocksStatement(user_id, blocks)] : []),
    ...(tokens.length > 0 ? [tokensStatement(user_id, tokens)] : []),
    ...(choices.length > 0 ? [choicesStatement(user_id, choices)] : []),
  ]);
}

/**
 * Only adds: a directory that was put back to an earlier state may know of a ban that was lifted since, and who is let in
 * again by mistake has read everything. Somebody in no conversation gets a row without a name, which their next token brings.
 */
function restrictionStatements({ user_id, restriction }: RestoredUser, now: EpochMs): SQL[] {
  const { is_deactivated, tokens_valid_from, ban, is_erased = false } = { ...UNRESTRICTED, ...restriction };
  if (!is_deactivated && tokens_valid_from === 0 && !ban) return [];
  const choices = JSON.stringify(usernameChoices(usernameFrom({}, user_id), user_id));
  return [
    sql`INSERT OR IGNORE INTO users (user_id, username, display_name, search_name, claims, version, presence, created_at)
      SELECT ${user_id}, value, value, '', '[null]', 1, 'offline', ${now} FROM json_each(${choices})
      WHERE NOT EXISTS (SELECT 1 FROM users WHERE username = value) ORDER BY key LIMIT 1`,
    sql`UPDATE users SET
        deactivated_at = coalesce(deactivated_at, iif(${Number(is_deactivated)} = 1, ${now}, NULL)),
        erased_at = coalesce(erased_at, iif(${Number(is_erased)} = 1, ${now}, NULL)),
        tokens_valid_from = max(tokens_valid_from, ${tokens_valid_from}),
        banned_until = iif(banned_at IS NULL, ${ban?.until ?? null}, banned_until),
        ban_reason = iif(banned_at IS NULL, ${ban?.reason ?? null}, ban_reason),
        banned_at = coalesce(banned_at, iif(${Number(Boolean(ban))} = 1, ${now}, NULL))
      WHERE user_id = ${user_id}`,
  ];
}

function blocksStatement(userId: string, blocks: RestoredUser["blocks"]): SQL {
  return sql`INSERT INTO blocks (blocker_id, blocked_id, version, is_blocked)
    SELECT ${userId}, value->>'user_id', value->>'version', value->>'is_blocked'
    FROM json_each(${JSON.stringify(blocks)}) WHERE true
    ON CONFLICT (blocker_id, blocked_id) DO UPDATE SET version = excluded.version, is_blocked = excluded.is_blocked
    WHERE excluded.version > blocks.version`;
}

/** Two hubs may have the same token, if one was not reached when the other took it: the later registration owns it. */
function tokensStatement(userId: string, tokens: RestoredUser["tokens"]): SQL {
  const active = tokens.filter((token) => token.is_active);
  return sql`INSERT INTO device_tokens (token_hash, user_id, device_id, version, former)
    SELECT value->>'token_hash', ${userId}, value->>'device_id', value->>'token_version', '[]'
    FROM json_each(${JSON.stringify(active)}) WHERE true
    ON CONFLICT (token_hash) DO UPDATE SET version = excluded.version, user_id = excluded.user_id,
      device_id = excluded.device_id, former = json_array(device_tokens.user_id)
    WHERE excluded.version > device_tokens.version`;
}

function choicesStatement(userId: string, choices: RestoredUser["choices"]): SQL {
  return sql`INSERT OR IGNORE INTO preferences (user_id, conversation_id, is_muted, muted_until, is_pinned, is_archived,
      push_level, rev)
    SELECT ${userId}, value->>'conversation_id', value->>'is_muted', value->>'muted_until', 0, 0, value->>'push_level',
      coalesce((SELECT value FROM revision WHERE id = 1), 0)
    FROM json_each(${JSON.stringify(choices)})`;
}
