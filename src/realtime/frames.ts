/** What every socket does with a frame: refuse what is broken or too much, carry out the rest, answer in order. */

import {
  type ClientCommand,
  type DecodedFrame,
  failure,
  MAX_FRAME_BYTES,
  MAX_INVALID_IN_A_ROW,
  MAX_REFUSED_IN_A_ROW,
  type ServerEvent,
} from "@rocket-chat-api/protocol";
import { verifyToken } from "../auth/verify.ts";
import { attachmentIds } from "../domain/attachments.ts";
import type { Identity } from "../domain/caller.ts";
import { codeOf } from "../domain/outage.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import {
  budgetOfCommand,
  type FrameBucket,
  fullBucket,
  isCostlyCommand,
  takeFrame,
  type UserBudget,
} from "../domain/rate.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import { Answers, type Place } from "./answers.ts";
import { type Answer, answerEvent, closing, errorEvent, tooMuch } from "./frame-answers.ts";
import { EVERY_LANE, type Lane } from "./frame-order.ts";
import { type Counted, count, isLimited, overBudget, tooManyFrames } from "./rate-limit.ts";
import type { Session, Sessions } from "./sessions.ts";

/** Commands that the object itself carries out; the rest is about the socket. */
export type ObjectCommand = Exclude<ClientCommand, { type: "auth.refresh" | "flow.ack" | "ping" }>;

/** Gives the answer to a command, at the moment at which it is to go out. */
export type Reply = (outcome: Outcome<unknown>) => void;

/** What frames need of their object. */
export interface FramesHost {
  env: Env;
  sessions: Sessions;
  /** The lane of a frame (domain/frame-order.ts). */
  laneOf(frame: DecodedFrame): Lane | undefined;
  /** Carries out one command. What it sends by itself goes out before the answer, which may come by `reply`. */
  execute(
    socket: WebSocket,
    session: Session,
    command: ObjectCommand,
    reply: Reply,
  ): Promise<Outcome<unknown>>;
  /** A newer token of the same person has come (`auth.refresh`). */
  refreshed(identity: Identity): void;
  /** Sends an answer. */
  send(socket: WebSocket, event: ServerEvent): void;
  /** What waits to be sent goes out: the socket is about to be closed. */
  flush(): void;
}

/** What is remembered of a socket between two frames. Forgotten in hibernation: by then the client has paused. */
interface Line {
  answers: Answers<Answer>;
  /** The newest frame that waits or has waited for its budget. */
  turn: Promise<unknown> | undefined;
  /** Commands over budget since the last one within it. */
  refusedInARow: number;
  /** The newest send of each lane that waits for its attachments. */
  sending: Map<Lane, Promise<unknown>>;
  bucket: FrameBucket;
  /** Frames that were too many, less those since that were not; at the bound nothing is read any more. */
  excess: number;
}

/** What becomes of a frame before it is read: it is heard, or it is one too many. */
export type Heard = "heard" | "too_many" | "last";

export class Frames {
  readonly #host: FramesHost;
  readonly #lines = new WeakMap<WebSocket, Line>();

  constructor(host: FramesHost) {
    this.#host = host;
  }

  /**
   * Counts a frame that has just come. Everything counts, also what is no JSON: to read it is what costs. A socket that
   * is closed, or whose token has ended, is heard no more.
   */
  receive(socket: WebSocket): Heard | "ignored" {
    const now = Date.now();
    if (!this.#host.sessions.isActive(socket, now)) return "ignored";
    if (!isLimited(this.#host.env)) return "heard";
    const line = this.#lineOf(socket);
    if (line.excess >= MAX_REFUSED_IN_A_ROW) return "ignored";
    const { isTaken, bucket } = takeFrame(line.bucket, now);
    line.bucket = bucket;
    line.excess = isTaken ? Math.max(0, line.excess - 1) : line.excess + 1;
    if (isTaken) return "heard";
    return line.excess < MAX_REFUSED_IN_A_ROW ? "too_many" : "last";
  }

  /**
   * Handles one frame from a client. Never throws: whatever goes wrong becomes an `error`, and only a frame that is no
   * JSON, too large, or one of many invalid ones closes the socket (rule 23).
   * @param heard what {@link receive} said of it.
   */
  async handle(socket: WebSocket, frame: DecodedFrame, heard: Heard): Promise<void> {
    const { sessions, env } = this.#host;
    if (!sessions.isActive(socket, Date.now())) return;
    const line = this.#lineOf(socket);
    // The last word comes behind all that is still to be answered.
    const lane = heard === "last" ? EVERY_LANE : this.#host.laneOf(frame);
    const place = line.answers.begin(lane);
    const isHeard = heard === "heard";
    const budget = isHeard && frame.kind === "command" ? budgetOfCommand(frame.command) : undefined;
    let counted: Counted = "within";
    // Without limits nothing is awaited on the way to the object, so frames stay in order by themselves.
    if (isLimited(env) && !(isHeard && isSignOfLife(frame))) {
      counted = await inTurn(line, budget && count(env, budget, sessions.of(socket).caller.user_id));
      // A frame before this one may have closed the socket.
      if (!sessions.isActive(socket, Date.now())) return line.answers.finish(place, undefined);
    }
    const excess = isHeard ? undefined : tooMuch(tooManyFrames(), frame, heard === "last");
    const refusal =
      excess ??
      (budget && counted !== "within" ? this.#uncounted(line, budget, frame, counted) : undefined) ??
      this.#refusalOf(socket, frame);
    // What closes the socket closes it now for the frames behind; the word itself waits for its place.
    if (refusal?.close) sessions.shut(socket);
    if (refusal) return line.answers.finish(place, refusal);
    if (budget) line.refusedInARow = 0;
    if (frame.kind === "command") await this.#answer(socket, line, place, lane, frame.command);
  }

  #lineOf(socket: WebSocket): Line {
    let line = this.#lines.get(socket);
    if (!line) {
      const answers = new Answers<Answer>((answer) => this.#give(socket, answer));
      line = {
        answers,
        turn: undefined,
        refusedInARow: 0,
        sending: new Map(),
        bucket: fullBucket(Date.now()),
        excess: 0,
      };
      this.#lines.set(socket, line);
    }
    return line;
  }

  #give(socket: WebSocket, { event, close }: Answer): void {
    if (event) this.#host.send(socket, event);
    if (!close) return;
    this.#host.flush();
    this.#host.sessions.close(socket, close.kind, close.reason, "told");
  }

  /** Why a frame is no command, or undefined if it is one. */
  #refusalOf(socket: WebSocket, frame: DecodedFrame): Answer | undefined {
    switch (frame.kind) {
      case "command":
        this.#countInvalid(socket, 0);
        return undefined;
      case "too_large": {
        const tooLarge = failure("PAYLOAD_TOO_LARGE", "The frame is too large", {
          max_bytes: MAX_FRAME_BYTES,
        });
        return closing("FRAME_TOO_LARGE", "frame too large", tooLarge, frame);
      }
      case "bad":
        return closing("BAD_FRAME", "not JSON", frame.failure, frame);
      case "invalid":
        if (this.#countInvalid(socket, 1) < MAX_INVALID_IN_A_ROW)
          return { event: errorEvent(frame.failure, frame) };
        return closing("BAD_FRAME", "too many invalid frames", frame.failure, frame);
      default:
        return frame satisfies never;
    }
  }

  /** @param more 0 starts anew. @returns invalid frames in a row. */
  #countInvalid(socket: WebSocket, more: 0 | 1): number {
    const session = this.#host.sessions.of(socket);
    const count = more === 0 ? 0 : session.invalid_in_a_row + more;
    if (count !== session.invalid_in_a_row)
      this.#host.sessions.update(socket, { ...session, invalid_in_a_row: count });
    return count;
  }

  /**
   * The refusal of a command that is too much; after many in a row it is the last. What nobody could count is refused
   * only where it costs much.
   */
  #uncounted(
    line: Line,
    budget: UserBudget,
    frame: DecodedFrame,
    counted: "over" | "unknown",
  ): Answer | undefined {
    if (counted === "unknown") {
      const isCostly = frame.kind === "command" && isCostlyCommand(frame.command.type);
      return isCostly ? { event: errorEvent(failure("SERVICE_UNAVAILABLE"), frame) } : undefined;
    }
    line.refusedInARow += 1;
    return tooMuch(overBudget(budget), frame, line.refusedInARow >= MAX_REFUSED_IN_A_ROW);
  }

  async #answer(
    socket: WebSocket,
    line: Line,
    place: Place<Answer>,
    lane: Lane | undefined,
    command: ClientCommand,
  ): Promise<void> {
    if (command.type === "flow.ack") return this.#host.sessions.acknowledged(socket, command.received);
    if (command.type === "ping") {
      const { request_id } = command;
      this.#host.sessions.pinged(socket, Date.now());
      return line.answers.finish(place, { event: { type: "pong", request_id } });
    }
    const reply: Reply = (outcome) => line.answers.finish(place, { event: answerEvent(command, outcome) });
    const run = () => this.#carryOut(socket, command, reply);
    reply(await (command.type === "message.send" ? inOrder(line, lane, command, run) : run()));
  }

  async #carryOut(
    socket: WebSocket,
    command: Exclude<ClientCommand, { type: "flow.ack" | "ping" }>,
    reply: Reply,
  ): Promise<Outcome<unknown>> {
    const { sessions } = this.#host;
    try {
      if (command.type === "auth.refresh") return await refresh(this.#host, socket, command.token);
      return await this.#host.execute(socket, sessions.of(socket), command, reply);
    } catch (error) {
      const code = codeOf(error);
      log("error", "command.failed", { command: command.type, code, ...errorFields(error) });
      return { ok: false, error: failure(code) };
    }
  }
}

/** Frames that only say that a client is there, and how far it has read. They wait for nobody. */
function isSignOfLife(frame: DecodedFrame): boolean {
  return frame.kind === "command" && (frame.command.type === "flow.ack" || frame.command.type === "ping");
}

/**
 * Waits for the counter, and for the frames before: it is asked for many at a time, and they go on in order.
 * @param counted undefined for what has no budget, and waits for its turn all the same.
 * @returns what it says.
 */
async function inTurn(line: Line, counted: Promise<Counted> | undefined): Promise<Counted> {
  const before = line.turn;
  const turn = (async () => {
    const word = await (counted ?? "within");
    await before;
    return word;
  })();
  line.turn = turn;
  return await turn;
}

/**
 * Sends in the order of the frames: what follows a send whose attachments are looked at waits for it. All others are
 * in order by themselves.
 */
async function inOrder<T>(
  { sending }: Line,
  lane: Lane | undefined,
  command: Extract<ClientCommand, { type: "message.send" }>,
  run: () => Promise<T>,
): Promise<T> {
  const before = lane === undefined ? undefined : sending.get(lane);
  const sent = before ? before.then(run) : run();
  if (lane !== undefined && attachmentIds(command.data).length > 0) {
    const done = sent.then(
      () => undefined,
      () => undefined,
    );
    sending.set(lane, done);
    void done.then(() => sending.get(lane) === done && sending.delete(lane));
  }
  return await sent;
}

/** `auth.refresh`: a newer token of the same person extends the session (rule 4). */
async function refresh(
  { env, sessions, refreshed }: FramesHost,
  socket: WebSocket,
  token: string,
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
