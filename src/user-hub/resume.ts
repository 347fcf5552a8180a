/** `sync` on the user's socket: each conversation brings it up to date (rule 21). */

import { codeOf } from "../domain/outage.ts";
import { found, type Outcome } from "../domain/outcome.ts";
import type { Sessions } from "../objects/sessions.ts";
import { type ErrorCode, isConversationId } from "../protocol/index.ts";
import type { SyncGate } from "./sync-gate.ts";

/** Conversations asked at a time. */
const CONCURRENCY = 16;

/** What was asked for and could not be had, by conversation. */
export interface ResumeReport {
  failed: Record<string, ErrorCode>;
}

/** A conversation's answer. */
export interface Resumed {
  frames: string[];
  /** The number up to which they bring a client; 0 for who is not in the conversation. */
  seq: number;
}

/**
 * Brings one socket up to date.
 * @param ask one conversation for its frames.
 */
export async function resumeSocket(
  sessions: Sessions,
  gate: SyncGate,
  socket: WebSocket,
  cursors: Record<string, number>,
  ask: (conversationId: string, since: number) => Promise<Outcome<Resumed>>,
): Promise<Outcome<ResumeReport>> {
  const failed: Record<string, ErrorCode> = {};
  const waiting = Object.entries(cursors);
  const one = async (id: string, since: number): Promise<void> => {
    if (!isConversationId(id)) {
      failed[id] = "CONVERSATION_NOT_FOUND";
      return;
    }
    await gate.close(socket, id);
    let resumed: Resumed = { frames: [], seq: 0 };
    try {
      const answer = await ask(id, since);
      if (answer.ok) resumed = answer.body;
      else failed[id] = answer.error.code;
    } catch (error) {
      failed[id] = codeOf(error);
    } finally {
      const frames = [...resumed.frames, ...gate.open(socket, id, resumed.seq)];
      if (frames.length > 0) sessions.send(socket, frames);
    }
  };
  const next = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry; entry = waiting.shift()) await one(...entry);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, next));
  return found({ failed });
}
