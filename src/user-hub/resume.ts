/** `sync` on the user's socket: each conversation brings it up to date (rule 21). */
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

/**
 * Brings one socket up to date.
 * @param ask one conversation for its frames.
 */
export async function resumeSocket(
  sessions: Sessions,
  gate: SyncGate,
  socket: WebSocket,
  cursors: Record<string, number>,
  ask: (conversationId: string, since: number) => Promise<Outcome<string[]>>,
): Promise<Outcome<ResumeReport>> {
  const failed: Record<string, ErrorCode> = {};
  const waiting = Object.entries(cursors);
  const one = async (id: string, since: number): Promise<void> => {
    if (!isConversationId(id)) {
      failed[id] = "CONVERSATION_NOT_FOUND";
      return;
    }
    gate.close(socket, id);
    let frames: string[] = [];
    try {
      const answer = await ask(id, since);
      if (answer.ok) frames = answer.body;
      else failed[id] = answer.error.code;
    } catch {
      failed[id] = "SERVICE_UNAVAILABLE";
    } finally {
      const waited = gate.open(socket, id);
      if (frames.length + waited.length > 0) sessions.send(socket, [...frames, ...waited]);
    }
  };
  const next = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry; entry = waiting.shift()) await one(...entry);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, next));
  return found({ failed });
}
