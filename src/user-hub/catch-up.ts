/** `sync` on the user's socket: each conversation brings it up to date (rule 21). */

import { type ErrorCode, FLOW_WINDOW, isConversationId } from "@rocket-chat-api/protocol";
import { codeOf } from "../domain/outage.ts";
import { found, type Outcome } from "../domain/outcome.ts";
import { concurrently } from "../realtime/concurrently.ts";
import { EncodedEvent } from "../realtime/encoded-event.ts";
import { sizeOf } from "../realtime/frame-batch.ts";
import type { Resumed } from "../realtime/objects.ts";
import type { Sender } from "../realtime/sender.ts";
import type { Sessions } from "../realtime/sessions.ts";
import type { CatchUpBuffer } from "./catch-up-buffer.ts";

/** Conversations asked at a time. */
const CONCURRENCY = 16;

/** Pause between two looks at whether a client has received what it was sent, in milliseconds. */
const ROOM_RETRY_MS = 50;
/** A client that receives nothing for this long is too slow, in milliseconds. */
const ROOM_WAIT_MS = 30_000;

/** The socket to bring up to date, and what holds its live events back. */
export interface CatchUpTarget {
  sessions: Sessions;
  sender: Sender;
  buffer: CatchUpBuffer;
  socket: WebSocket;
}

/** The conversations that could not be brought up to date. */
export interface ResumeReport {
  failed: Record<string, ErrorCode>;
}

/** Asks one conversation for the frames after a number. */
export type AskToResume = (conversationId: string, since: number) => Promise<Outcome<Resumed>>;

/**
 * Brings one socket up to date.
 * @param cursors how far the client has come, by conversation.
 */
export async function resumeSocket(
  target: CatchUpTarget,
  cursors: Record<string, number>,
  ask: AskToResume,
): Promise<Outcome<ResumeReport>> {
  const { sessions, socket } = target;
  const failed: Record<string, ErrorCode> = {};
  const resumeNext = async ([id, since]: [string, number]): Promise<void> => {
    const error = await resumeOne(target, id, since, ask);
    if (error) failed[id] = error;
  };
  const isOver = () => !sessions.isActive(socket, Date.now());
  await concurrently(Object.entries(cursors), CONCURRENCY, resumeNext, isOver);
  return found({ failed });
}

/** Brings a socket up to date in one conversation. @returns the error if that fails. */
async function resumeOne(
  target: CatchUpTarget,
  id: string,
  since: number,
  ask: AskToResume,
): Promise<ErrorCode | undefined> {
  const { sessions, sender, buffer, socket } = target;
  if (!isConversationId(id)) return "CONVERSATION_NOT_FOUND";
  await buffer.hold(socket, id);
  await waitForRoom(target, FLOW_WINDOW / 2);
  // The conversation counts its answer as delivered, so a socket that has closed asks for nothing.
  if (!sessions.isActive(socket, Date.now())) return undefined;
  let resumed: Resumed = { frames: [], seq: 0 };
  let error: ErrorCode | undefined;
  try {
    const answer = await ask(id, since);
    if (answer.ok) resumed = answer.body;
    else error = answer.error.code;
  } catch (thrown) {
    error = codeOf(thrown);
  }
  await waitForRoom(target, sizeOf(resumed.frames));
  const events = [...resumed.frames.map(EncodedEvent.fromFull), ...buffer.release(socket, id, resumed.seq)];
  if (events.length > 0) sender.send(socket, events);
  return error;
}

/** Waits until so many characters may be sent to a client. A client that receives nothing is closed. */
async function waitForRoom({ sessions, sender, socket }: CatchUpTarget, size: number): Promise<void> {
  const start = Date.now();
  for (let now = start; !sender.hasRoom(socket, size, now); now = Date.now()) {
    if (!sessions.isActive(socket, now)) return;
    if (now - start > ROOM_WAIT_MS) return sessions.close(socket, "TOO_SLOW", "too slow");
    await new Promise((resolve) => setTimeout(resolve, ROOM_RETRY_MS));
  }
}
