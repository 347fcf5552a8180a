/** What tests of blocks share: blocking, and what the copies have. */
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { Conversation } from "../../src/conversation/conversation.ts";
import type { BlockWord } from "../../src/domain/blocks.ts";
import { atTime } from "./checks.ts";
import { type Answer, api, hubObject, type Person } from "./kit.ts";

type Someone = Pick<Person, "user_id">;

/** Blocks somebody. All copies that can be reached have it when this resolves. */
export async function block(who: Person, whom: Someone): Promise<Answer> {
  return await api(who, "PUT", `/blocks/${whom.user_id}`);
}

/** Ends a block. */
export async function unblock(who: Person, whom: Someone): Promise<Answer> {
  return await api(who, "DELETE", `/blocks/${whom.user_id}`);
}

/** The ids of those whom a person has blocked, newest first. */
export async function blockedBy(who: Person): Promise<string[]> {
  const { body } = await api(who, "GET", "/blocks?limit=100");
  return body.blocks.map(({ user }: { user: { user_id: string } }) => user.user_id);
}

/** The directory's copy of one block; null if there is none. */
export async function listed(blocker: Someone, blocked: Someone): Promise<Record<string, unknown> | null> {
  const query = "SELECT is_blocked, version FROM blocks WHERE blocker_id = ? AND blocked_id = ?";
  return await env.DB.prepare(query).bind(blocker.user_id, blocked.user_id).first();
}

/** Rings a hub's alarm at a time, in milliseconds from now. */
export async function ringHub(who: Someone, inMs: number): Promise<void> {
  await atTime(Date.now() + inMs, () => runDurableObjectAlarm(hubObject(who.user_id)));
}

/** What one conversation was told, and by whom. */
export interface Told {
  conversation_id: string;
  word: BlockWord;
}

/**
 * Notes what conversations are told of the blocks of one user, and tells them. The tests and the service share the class;
 * the hubs of other tests may still be at work.
 * @param fails refuses a call, or waits in it.
 */
export function noteTold(
  { user_id }: Person,
  fails: (conversationId: string) => unknown = () => undefined,
): Told[] {
  const told: Told[] = [];
  const real = Conversation.prototype.setBlocks;
  vi.spyOn(Conversation.prototype, "setBlocks").mockImplementation(async function (
    this: Conversation,
    words: BlockWord[],
  ) {
    if (words.every(({ blocker_id }) => blocker_id !== user_id)) return await real.call(this, words);
    const conversation_id = (this as unknown as { ctx: DurableObjectState }).ctx.id.name ?? "";
    await fails(conversation_id);
    told.push(...words.map((word) => ({ conversation_id, word })));
    await real.call(this, words);
  });
  return told;
}
