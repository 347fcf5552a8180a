/** What every socket does with a frame: decode, refuse what is broken, answer what was asked. */
import { verifyToken } from "../auth/verify.ts";
import type { Identity } from "../domain/caller.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import { budgetOfCommand } from "../domain/rate.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import {
  CLOSE,
  type ClientCommand,
  type DecodedFrame,
  encodeEvent,
  type Failure,
  failure,
  MAX_INVALID_IN_A_ROW,
  MAX_REFUSED_IN_A_ROW,
  type RequestId,
  type ServerEvent,
} from "../protocol/index.ts";
import { isLimited, overBudget, withinBudget } from "./rate-limit.ts";
import type { Session, Sessions } from "./sessions.ts";

/** Commands that the object itself carries out; the rest is about the socket. */
export type ObjectCommand = Exclude<ClientCommand, { type: "auth.refresh" | "flow.ack" }>;

/** Carries out one command. What it sends by itself goes out before the answer. */
export type Dispatch = (session: Session, command: ObjectCommand) => Promise<Outcome<unknown> | Answered>;

/** What an object does with what its sockets say. */
export interface FrameHandlers {
  dispatch: Dispatch;
  /** A newer token of the same person has come. */
  refreshed(identity: Identity): void;
}

/** The object has answered by itself. */
export const ANSWERED = Symbol("answered");
export type Answered = typeof ANSWERED;

/**
 * Handles one frame from a client. Never throws: whatever goes wrong becomes an `error` frame, and only a frame that
 * is no JSON, too large, or one of many invalid ones closes the socket (rule 23).
 */
export async function handleFrame(
  env: Env,
  sessions: Sessions,
  socket: WebSocket,
  decoded: DecodedFrame,
  handlers: FrameHandlers,
): Promise<void> {
  sessions.heard(socket);
  // Without limits nothing is awaited on the way to the object, so frames stay in order by themselves.
  if (isLimited(env) && !(await admit(env, sessions, socket, decoded))) return;
  switch (decoded.kind) {
    case "too_large":
      return socket.close(CLOSE.FRAME_TOO_LARGE, "frame too large");
    case "bad":
      sendFailure(sessions, socket, decoded.failure, undefined);
      return socket.close(CLOSE.BAD_FRAME, "not JSON");
    case "invalid":
      sendFailure(sessions, socket, decoded.failure, decoded.request_id);
      return countInvalid(sessions, socket);
    case "command":
      return await answer(env, sessions, socket, decoded.command, handlers);
    default:
      return decoded satisfies never;
  }
}

/** The newest frame of each socket that waits or has waited for its budget. */
const turns = new WeakMap<WebSocket, Promise<unknown>>();
/** Commands over budget since the last one within it. Forgotten in hibernation: by then the client has paused. */
const refusals = new WeakMap<WebSocket, number>();

/** Whether a frame may go on; if not, its sender has been told. Returns in the order of the frames. */
async function admit(
  env: Env,
  sessions: Sessions,
  socket: WebSocket,
  decoded: DecodedFrame,
): Promise<boolean> {
  const command = decoded.kind === "command" ? decoded.command : undefined;
  const budget = command && budgetOfCommand(command.type);
  // What has no budget waits for its turn too.
  if (command === undefined || budget === undefined) return await inTurn(socket, Promise.resolve(true));
  const admitted = await inTurn(socket, withinBudget(env, budget, sessions.of(socket).caller.user_id));
  const inARow = admitted ? 0 : (refusals.get(socket) ?? 0) + 1;
  refusals.set(socket, inARow);
  if (!admitted) sendFailure(sessions, socket, overBudget(budget), command.request_id);
  if (inARow === MAX_REFUSED_IN_A_ROW) socket.close(CLOSE.RATE_LIMITED, "rate limited");
  return admitted;
}

/** Waits for an answer, and for the frames before: the counter is asked for many at a time, and they go on in order. */
async function inTurn<T>(socket: WebSocket, answer: Promise<T>): Promise<T> {
  const before = turns.get(socket);
  const turn = (async () => {
    const value = await answer;
    await before;
    return value;
  })();
  turns.set(socket, turn);
  return await turn;
}

function countInvalid(sessions: Sessions, socket: WebSocket): void {
  const session = sessions.of(socket);
  const count = session.invalid_in_a_row + 1;
  if (count >= MAX_INVALID_IN_A_ROW) socket.close(CLOSE.BAD_FRAME, "too many invalid frames");
  else sessions.update(socket, { ...session, invalid_in_a_row: count });
}

async function answer(
  env: Env,
  sessions: Sessions,
  socket: WebSocket,
  command: ClientCommand,
  handlers: FrameHandlers,
): Promise<void> {
  if (command.type === "flow.ack") return sessions.acknowledged(socket, command.received);
  const session = sessions.of(socket);
  if (session.invalid_in_a_row > 0) sessions.update(socket, { ...session, invalid_in_a_row: 0 });
  const outcome = await carryOut(env, sessions, socket, command, handlers);
  const event = outcome === ANSWERED ? undefined : answerEvent(command, outcome);
  if (event !== undefined) sessions.send(socket, [encodeEvent(event)]);
}

/** What answers a command; undefined where nothing is to be said. */
export function answerEvent(
  { type, request_id }: Pick<ClientCommand, "type" | "request_id">,
  outcome: Outcome<unknown>,
): ServerEvent | undefined {
  if (!outcome.ok) return { type: "error", request_id, ...outcome.error };
  // A send is always acknowledged; the rest only where the client asked, so that a guide client hears nothing new.
  if (request_id === undefined && type !== "message.send") return undefined;
  return { type: "ack", request_id, data: outcome.body };
}

async function carryOut(
  env: Env,
  sessions: Sessions,
  socket: WebSocket,
  command: Exclude<ClientCommand, { type: "flow.ack" }>,
  handlers: FrameHandlers,
): Promise<Outcome<unknown> | Answered> {
  try {
    if (command.type === "auth.refresh") {
      return await refresh(env, sessions, socket, command.token, handlers);
    }
    return await handlers.dispatch(sessions.of(socket), command);
  } catch (error) {
    log("error", "command.failed", { command: command.type, error: String(error) });
    return { ok: false, error: failure("INTERNAL_ERROR") };
  }
}

/** `auth.refresh`: a newer token of the same person extends the session (rule 4). */
async function refresh(
  env: Env,
  sessions: Sessions,
  socket: WebSocket,
  token: string,
  { refreshed }: FrameHandlers,
): Promise<Outcome<unknown>> {
  const verified = await verifyToken(token, env);
  if (!verified.ok) {
    if (verified.reason) log("info", "refresh.refused", { token_refused: verified.reason });
    return { ok: false, error: verified.error };
  }
  const session = sessions.of(socket);
  if (verified.body.user_id !== session.caller.user_id) {
    return refused("FORBIDDEN", "The token belongs to somebody else");
  }
  sessions.update(socket, { ...session, expires_at: verified.body.expires_at });
  refreshed(verified.body);
  return found({ expires_at: new Date(verified.body.expires_at).toISOString() });
}

function sendFailure(sessions: Sessions, socket: WebSocket, error: Failure, request_id: RequestId): void {
  sessions.send(socket, [encodeEvent({ type: "error", request_id, ...error })]);
}
