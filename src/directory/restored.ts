/**
 * What a conversation gives back to a directory that has lost it: the people it knows, whose direct chat it is, and the
 * uploads that its messages show. A row that is there already is as new, or newer.
 */
import { type SQL, sql } from "drizzle-orm";
import type { AttachmentMark } from "../domain/attachments.ts";
import type { Caller } from "../domain/caller.ts";
import { UNKNOWN_CLAIMS } from "../domain/profile.ts";
import type { EpochMs } from "../domain/time.ts";
import { usernameChoices } from "../domain/usernames.ts";
import { pairOf } from "./pairs.ts";

/** What the first flush after a loss has beside the projection. */
export interface Restored {
  /** The roster's copies of profiles, former members too. */
  people: readonly Required<Caller>[];
  /** The two of a direct chat. */
  pair?: readonly [string, string];
  /** Those of them who were erased: nobody may sign in as one until their hub has been asked. */
  erased: readonly string[];
  created_at: EpochMs;
}

/** The statements that give it back. */
export function restoreStatements(
  conversationId: string,
  { people, pair, erased, created_at }: Restored,
  now: EpochMs,
): SQL[] {
  return [
    peopleStatement(people, created_at),
    ...(erased.length > 0 ? [erasedStatement(erased, now)] : []),
    ...(pair ? [pairStatement(conversationId, pair, created_at)] : []),
  ];
}

/**
 * Copies lag, so two people may seem to have the same name: the newer copy has it. What no choice helps with is left to the
 * person's next token. Nothing is known of tokens: the next one is noted, and changes nothing (domain/profile.ts).
 */
function peopleStatement(people: readonly Required<Caller>[], created_at: EpochMs): SQL {
  const newestFirst = [...people].sort((one, other) => other.profile_version - one.profile_version);
  const taken = new Set<string>();
  const rows = newestFirst
    .filter((person) => person.profile_version > 0)
    .map((person) => {
      const choices = usernameChoices(person.username, person.user_id).filter((name) => !taken.has(name));
      if (choices[0]) taken.add(choices[0]);
      return { ...person, choices };
    });
  const free = sql`(SELECT choice.value FROM json_each(one.value->'choices') AS choice
    WHERE NOT EXISTS (SELECT 1 FROM users AS u WHERE u.username = choice.value AND u.user_id <> one.value->>'user_id')
    ORDER BY choice.key LIMIT 1)`;
  return sql`INSERT OR IGNORE INTO users (user_id, username, display_name, search_name, profile_photo_url, claims, version,
      presence, created_at, read_receipts, shows_last_seen, who_can_message)
    SELECT one.value->>'user_id', ${free}, one.value->>'display_name', '', one.value->>'profile_photo_url', ${UNKNOWN_CLAIMS},
      one.value->>'profile_version', 'offline', ${created_at}, one.value->>'read_receipts',
      one.value->>'shows_last_seen', one.value->>'who_can_message'
    FROM json_each(${JSON.stringify(rows)}) AS one WHERE true
    ON CONFLICT (user_id) DO UPDATE SET username = excluded.username, display_name = excluded.display_name,
      profile_photo_url = excluded.profile_photo_url, version = excluded.version, is_indexed = 0,
      read_receipts = excluded.read_receipts, shows_last_seen = excluded.shows_last_seen,
      who_can_message = excluded.who_can_message
    WHERE excluded.version > users.version`;
}

function erasedStatement(erased: readonly string[], now: EpochMs): SQL {
  return sql`UPDATE users SET erased_at = coalesce(erased_at, ${now}), deactivated_at = coalesce(deactivated_at, ${now})
    WHERE user_id IN (SELECT value FROM json_each(${JSON.stringify(erased)}))`;
}

/** Two conversations can have been made of one pair while the directory was lost: the older one has the history. */
function pairStatement(conversationId: string, [one, other]: readonly [string, string], created_at: EpochMs) {
  return sql`INSERT INTO direct_pairs (pair, conversation_id) VALUES (${pairOf(one, other)}, ${conversationId})
    ON CONFLICT (pair) DO UPDATE SET conversation_id = excluded.conversation_id
    WHERE EXISTS (SELECT 1 FROM conversations AS c
      WHERE c.conversation_id = direct_pairs.conversation_id AND c.created_at > ${created_at})`;
}

/** The statement that gives back the rows of uploads which messages show. They know all that the collector needs. */
export function uploadsStatement(conversationId: string, marks: readonly AttachmentMark[]): SQL | undefined {
  const shown = marks.flatMap(({ shown: row }) => row ?? []);
  if (shown.length === 0) return undefined;
  return sql`INSERT OR IGNORE INTO attachments (attachment_id, conversation_id, uploader_id, type, file_name, mime_type,
      file_size, width, height, duration, placeholder, created_at, state, key_token)
    SELECT value->>'attachment_id', ${conversationId}, value->>'uploader_id', value->>'type', value->>'file_name',
      value->>'mime_type', value->>'file_size', value->>'width', value->>'height', value->>'duration',
      value->>'placeholder', value->>'created_at', 'bound', value->>'key_token'
    FROM json_each(${JSON.stringify(shown)})`;
}
