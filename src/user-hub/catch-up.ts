/** `sync` on the user's socket: each conversation brings it up to date (rule 21). */

import { type ErrorCode, FLOW_WINDOW, isConversationId } from "@rocket-chat-api/protocol";
import { codeOf } from "../domain/outage.ts";
import { found, type Outcome } from "../domain/outcome.ts";
import { sizeOf } from "../realtime/frame-batch.ts";
import type { Resumed } from "../realtime/objects.ts";
import type { Sessions } from "../realtime/sessions.ts";
import type { CatchUpBuffer } from "./catch-up-buffer.ts";

/** Conversations asked at a time. */
const CONCURRENCY = 16;

/** Pause until it is looked again whether a client has taken what it was sent, in milliseconds. */
const ROOM_RETRY_MS = 50;
/** A client that takes nothing for so long is too slow, in milliseconds. */
const ROOM_WAIT_MS = 30_000;

/** Waits until a client can be sent so many characters. One that takes nothing is closed. */
async function roomFor(sessions: Sessions, socket: WebSocket, size: number): Promise<void> {
  const start = Date.now();
  for (let now = start; !sessions.hasRoom(socket, size, now); now = Date.now()) {
    if (!sessions.isActive(socket, now)) return;
    if (now - start > ROOM_WAIT_MS) return sessions.close(socket, "TOO_SLOW", "too slow");
    await new Promise((resolve) => setTimeout(resolve, ROOM_RETRY_MS));
  }
}

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
  gate: CatchUpBuffer,
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
    await roomFor(sessions, socket, FLOW_WINDOW / 2);
    // What is asked for counts as delivered, so nothing is asked for who has gone.
    if (!sessions.isActive(socket, Date.now())) return;
    let resumed: Resumed = { frames: [], seq: 0 };
    try {
      const answer = await ask(id, since);
      if (answer.ok) resumed = answer.body;
      else failed[id] = answer.error.code;
    } catch (error) {
      failed[id] = codeOf(error);
    } finally {
      await roomFor(sessions, socket, sizeOf(resumed.frames));
      const frames = [...resumed.frames, ...gate.open(socket, id, resumed.seq)];
      if (frames.length > 0) sessions.send(socket, frames);
    }
  };
  const next = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
      if (!sessions.isActive(socket, Date.now())) return;
      await one(...entry);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, next));
  return found({ failed });
}
