/** Blocks as the blocker's hub tells them, for tests of what happens inside a conversation. */
import { env } from "cloudflare:workers";
import type { BlockWord } from "../../src/domain/blocks.ts";
import { conversationObject, type Person } from "./kit.ts";

let version = 0;

/** The next word of a hub. */
export function word(blocker: Person, blocked: Person, is_blocked = true): BlockWord {
  version += 1;
  return { blocker_id: blocker.user_id, blocked_id: blocked.user_id, is_blocked, version };
}

/** Tells the directory and conversations that one person has blocked another, or no longer does. */
export async function block(
  ids: string | string[],
  blocker: Person,
  blocked: Person,
  isBlocked = true,
): Promise<void> {
  const one = word(blocker, blocked, isBlocked);
  await list(one);
  await Promise.all([ids].flat().map((id) => conversationObject(id).setBlocks([one])));
}

export async function unblock(ids: string | string[], blocker: Person, blocked: Person): Promise<void> {
  await block(ids, blocker, blocked, false);
}

/** Writes the directory's copy. */
export async function list({ blocker_id, blocked_id, is_blocked, version }: BlockWord): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO blocks (blocker_id, blocked_id, version, is_blocked) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT DO UPDATE SET version = ?3, is_blocked = ?4 WHERE ?3 > version`,
  )
    .bind(blocker_id, blocked_id, version, Number(is_blocked))
    .run();
}
