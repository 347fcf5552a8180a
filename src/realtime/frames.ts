/** What every socket does with a frame: refuse it if it is broken or too much, execute it, answer in order. */

import {
  type ClientCommand,
  type DecodedFrame,
  failure,
  MAX_FRAME_BYTES,
  MAX_INVALID_IN_A_ROW,
  type ServerEvent,
} from "@rocket-chat-api/protocol";
import { attachmentIds } from "../domain/attachments.ts";
import type { Identity } from "../domain/caller.ts";
import { codeOf } from "../domain/outage.ts";
import { type Outcome, refused } from "../domain/outcome.ts";
import { budgetOfCommand } from "../domain/rate.ts";
import { safeToken, type Trace } from "../domain/trace.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import { inTrace } from "../tracing.ts";
import { Answers, type Place } from "./answers.ts";
import { type Answer, answerEvent, closing, errorEvent, tooMuch } from "./frame-answers.ts";
import { type Admission, FrameBudget } from "./frame-budget.ts";
import { EVERY_LANE, type Lane } from "./frame-order.ts";
import { type Counted, isLimited, tooManyFrames } from "./rate-limit.ts";
import { refreshToken } from "./refresh-token.ts";
import { SendOrder } from "./send-order.ts";
import type { Sender } from "./sender.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";

/** Commands that the object executes. The others are about the socket itself. */
export type ObjectCommand = Exclude<ClientCommand, { type: "auth.refresh" | "flow.ack" | "ping" }>;

/** Answers a command before its promise resolves: inside the turn that made the change. */
export type Reply = (outcome: Outcome<unknown>) => void;

/** The object behind the sockets, as far as frames need it. */
export interface FrameHost {
  /** The lane of a frame (frame-order.ts). */
  laneOf(frame: DecodedFrame): Lane | undefined;
  /** Executes a command. What it sends goes out before the answer, which it can give early by `reply`. */
  execute(
    socket: WebSocket,
    session: Session,
    command: ObjectCommand,
    reply: Reply,
  ): Promise<Outcome<unknown>>;
  /** A newer token of the same user has come (`auth.refresh`). */
  refreshed(socket: WebSocket, identity: Identity): void;
  /** Sends an answer. */
  answer(socket: WebSocket, event: ServerEvent): void;
  /** Sends what waits to be sent, because the socket is about to be closed. */
  flush(): void;
}

/** What frames need of the sockets of their object. */
export interface FrameSockets {
  env: Env;
  sessions: Sessions;
  sender: Sender;
}

/** What is kept of a socket between two frames. It is lost in hibernation: by then nothing waits any more. */
interface SocketState {
  answers: Answers<Answer>;
  budget: FrameBudget;
  sends: SendOrder;
}

export class Frames {
  readonly #its: FrameSockets;
  readonly #host: FrameHost;
  readonly #states = new WeakMap<WebSocket, SocketState>();

  constructor(sockets: FrameSockets, host: FrameHost) {
    this.#its = sockets;
    this.#host = host;
  }

  /** Counts a new frame, before it is parsed. Frames of a closed socket or an ended token are ignored. */
  receive(socket: WebSocket): Admission | "ignored" {
    const now = Date.now();
    if (!this.#its.sessions.isActive(socket, now)) return "ignored";
    return isLimited(this.#its.env) ? this.#stateOf(socket).budget.admit(now) : "admitted";
  }

  /** The trace of the request that opened a socket. */
  traceOf(socket: WebSocket): Trace | undefined {
    return this.#its.sessions.of(socket).trace;
  }

  /** Notes what a client says it has received. @returns whether the frame was about that, and is done. */
  acknowledged(socket: WebSocket, frame: DecodedFrame): boolean {
    if (frame.kind !== "command" || frame.command.type !== "flow.ack") return false;
    this.#its.sender.acknowledged(socket, frame.command.received);
    return true;
  }

  /**
   * Handles a frame from a client. Never throws: a failure becomes an `error` event. Only a frame that is no JSON, too
   * large, or one of many invalid ones closes the socket (rule 23).
   * @param admission what {@link receive} said of it.
   */
  async handle(socket: WebSocket, frame: DecodedFrame, admission: Admission): Promise<void> {
    const { env, sessions } = this.#its;
    if (!sessions.isActive(socket, Date.now())) return;
    const state = this.#stateOf(socket);
    const { answers, budget, sends } = state;
    // The last answer comes after all that are still due.
    const lane = admission === "last" ? EVERY_LANE : this.#host.laneOf(frame);
    const place = answers.begin(lane);
    const command = admission === "admitted" && frame.kind === "command" ? frame.command : undefined;
    const draws = command && budgetOfCommand(command);
    let counted: Counted = "within";
    // Pings and acknowledgements are free and wait for nothing. Without limits nothing is awaited on the way to the
    // object, so frames stay in order by themselves.
    if (isLimited(env) && !(command && draws === undefined)) {
      counted = await budget.count(env, draws, sessions.of(socket).caller.user_id);
      // An earlier frame may have closed the socket.
      if (!sessions.isActive(socket, Date.now())) return answers.finish(place, undefined);
    }
    const refusal =
      (admission === "admitted" ? undefined : tooMuch(tooManyFrames(), frame, admission === "last")) ??
      (draws && budget.refusalOf(frame, draws, counted)) ??
      this.#refusalOf(socket, frame);
    // If it closes the socket, later frames are ignored from now on; the answer itself waits for its place.
    if (refusal?.close) sessions.shut(socket);
    if (refusal || !command) return answers.finish(place, refusal);
    if (draws) budget.accepted();
    const done = this.#execute(socket, state, place, lane, command);
    if (lane !== undefined && command.type === "message.send" && attachmentIds(command.data).length > 0)
      sends.add(
        lane,
        done.catch(() => undefined),
      );
    await done;
  }

  async #execute(
    socket: WebSocket,
    { answers, sends }: SocketState,
    place: Place<Answer>,
    lane: Lane | undefined,
    command: ClientCommand,
  ): Promise<void> {
    const { sessions, sender } = this.#its;
    if (command.type === "flow.ack") return sender.acknowledged(socket, command.received);
    if (command.type === "ping") {
      sender.pinged(socket, Date.now());
      return answers.finish(place, { event: { type: "pong", request_id: command.request_id } });
    }
    const earlier = lane !== undefined && command.type === "message.send" && sends.before(lane);
    if (earlier) await earlier;
    const reply: Reply = (outcome) => answers.finish(place, { event: answerEvent(command, outcome) });
    let outcome: Outcome<unknown>;
    try {
      outcome =
        command.type === "auth.refresh"
          ? await this.#refresh(socket, command.token)
          : await this.#host.execute(socket, sessions.of(socket), command, reply);
    } catch (error) {
      const code = codeOf(error);
      const frame_request_id = safeToken(command.request_id);
      const fields = { command: command.type, frame_request_id, code, ...errorFields(error) };
      log("error", "command.failed", fields, this.traceOf(socket) ?? null);
      outcome = refused(code);
    }
    reply(outcome);
  }

  /** Takes a newer token. What comes of that stands in the log as the socket's. */
  async #refresh(socket: WebSocket, token: string): Promise<Outcome<unknown>> {
    return await inTrace(this.traceOf(socket), () =>
      refreshToken(this.#its, socket, token, (identity) => this.#host.refreshed(socket, identity)),
    );
  }

  #stateOf(socket: WebSocket): SocketState {
    let state = this.#states.get(socket);
    if (!state) {
      const answers = new Answers<Answer>((answer) => this.#give(socket, answer));
      state = { answers, budget: new FrameBudget(Date.now()), sends: new SendOrder() };
      this.#states.set(socket, state);
    }
    return state;
  }

  #give(socket: WebSocket, { event, close }: Answer): void {
    if (event) this.#host.answer(socket, event);
    if (!close) return;
    this.#host.flush();
    this.#its.sessions.close(socket, close.kind, close.reason, "explained");
  }

  /** The refusal of a frame that is no command, or undefined. */
  #refusalOf(socket: WebSocket, frame: DecodedFrame): Answer | undefined {
    switch (frame.kind) {
      case "command":
        this.#countInvalid(socket, 0);
        return undefined;
      case "too_large": {
        const details = { max_bytes: MAX_FRAME_BYTES };
        const tooLarge = failure("PAYLOAD_TOO_LARGE", "The frame is too large", details);
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

  /** @param more 0 resets the count. @returns invalid frames in a row. */
  #countInvalid(socket: WebSocket, more: 0 | 1): number {
    const { sessions } = this.#its;
    const session = sessions.of(socket);
    const invalid_in_a_row = more === 0 ? 0 : session.invalid_in_a_row + more;
    if (invalid_in_a_row !== session.invalid_in_a_row)
      sessions.update(socket, { ...session, invalid_in_a_row });
    return invalid_in_a_row;
  }
}
