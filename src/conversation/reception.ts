/** The conversation's own sockets: who comes, what they say, who goes. */
import { openDirectory } from "../directory/database.ts";
import { setHasSockets } from "../directory/presence.ts";
import type { Caller } from "../domain/caller.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import { ANSWERED, type Answered, answerEvent, handleFrame, type ObjectCommand } from "../objects/frames.ts";
import type { Handshake, Session } from "../objects/sessions.ts";
import { type DecodedFrame, decodeFrame, seqWithin } from "../protocol/index.ts";
import type { Engine, Reply } from "./engine.ts";

/** Commands that do not depend on the socket over which they come. */
export type RoomCommand = Exclude<ObjectCommand, { type: "sync" }>;

type CarryOut = (caller: Caller, command: RoomCommand, reply?: Reply) => Promise<Outcome<unknown>>;

export class Reception {
  readonly #ctx: DurableObjectState;
  readonly #env: Env;
  readonly #engine: Engine;
  readonly #carryOut: CarryOut;
  /** Sockets over which their user typed last, so that a close ends it whatever else is open. */
  readonly #typists = new WeakSet<WebSocket>();

  constructor(ctx: DurableObjectState, env: Env, engine: Engine, carryOut: CarryOut) {
    this.#ctx = ctx;
    this.#env = env;
    this.#engine = engine;
    this.#carryOut = carryOut;
  }

  /** Takes the socket of a member. */
  admit(handshake: Handshake): Response {
    const { room, sessions, clock } = this.#engine;
    const isFirst = sessions.isEmpty;
    const { socket, response } = sessions.accept(handshake, room?.head);
    // In the turn of the accept: what comes next is heard live, so nothing falls between.
    if (handshake.since !== undefined) this.#bring(socket, handshake.caller, handshake.since);
    clock.ringBy(handshake.expires_at);
    this.#ctx.waitUntil(this.#arrived(handshake.caller.user_id, isFirst, handshake.expires_at));
    return response;
  }

  /** Handles a frame, in the next turn. */
  hear(socket: WebSocket, frame: string | ArrayBuffer): void {
    let decoded: DecodedFrame | undefined;
    this.#engine.inTurn(
      () => decoded && void this.#handle(socket, decoded),
      () => {
        decoded = this.#acknowledged(socket, decodeFrame(frame));
      },
    );
  }

  /** Notes what a client has received, which waits for no turn. @returns the frame if it is about something else. */
  #acknowledged(socket: WebSocket, frame: DecodedFrame): DecodedFrame | undefined {
    if (frame.kind !== "command" || frame.command.type !== "flow.ack") return frame;
    this.#engine.sessions.acknowledged(socket, frame.command.received);
    return undefined;
  }

  async #handle(socket: WebSocket, frame: DecodedFrame): Promise<void> {
    const { sessions, clock } = this.#engine;
    await handleFrame(this.#env, sessions, socket, frame, {
      dispatch: (session, command) => this.#dispatch(socket, session, command),
      // A hub that cannot be reached is no trouble of the socket's: the next request with this token does it.
      refreshed: (identity) =>
        this.#ctx.waitUntil(
          this.#engine.hubs.call(identity.user_id, (hub) => hub.claimsSeen(identity)).catch(() => {}),
        ),
    });
    clock.ringBy(sessions.of(socket).expires_at);
  }

  /** A socket has closed. What it said before comes first. */
  async gone(socket: WebSocket): Promise<void> {
    await new Promise<void>((resolve) => this.#engine.inTurn(() => resolve(this.#left(socket))));
  }

  /** Its user no longer types, and may be gone. */
  async #left(socket: WebSocket): Promise<void> {
    const { sessions, room, typing } = this.#engine;
    const { user_id } = sessions.of(socket).caller;
    sessions.forget(socket);
    if (!room) return;
    const isLast = !sessions.sockets(user_id).some((other) => other !== socket);
    if (isLast || this.#typists.has(socket)) typing.stop(room, user_id);
    if (!isLast) return;
    if (sessions.isEmpty) await this.list(false);
    await this.#engine.hubs.call(user_id, (hub) => hub.detach(room.id));
  }

  /** Tells the directory whether presences are to be told here. */
  async list(hasSockets: boolean): Promise<void> {
    try {
      await setHasSockets(openDirectory(this.#env.DB), this.#engine.room?.id ?? "", hasSockets);
    } catch (error) {
      // Presence is a courtesy: chat goes on.
      log("warn", "listing.failed", { error: String(error) });
    }
  }

  async #dispatch(
    socket: WebSocket,
    session: Session,
    command: ObjectCommand,
  ): Promise<Outcome<unknown> | Answered> {
    const id = this.#engine.room?.id ?? "";
    const elsewhere =
      ("conversation_id" in command && command.conversation_id !== id) ||
      ("message_id" in command && seqWithin(id, command.message_id) === undefined) ||
      ("conversations" in command && Object.keys(command.conversations).some((other) => other !== id));
    if (elsewhere) return refused("VALIDATION_ERROR", "This socket belongs to another conversation");
    if (command.type === "typing.start") this.#typists.add(socket);
    if (command.type === "typing.stop") this.#typists.delete(socket);
    if (command.type === "message.send") return await this.#send(socket, session, command);
    if (command.type !== "sync") return await this.#carryOut(session.caller, command);
    for (const since of Object.values(command.conversations)) this.#bring(socket, session.caller, since);
    return found({ failed: {} });
  }

  /** The answer to a send goes out in its turn, and for clients that take many events in one frame in the same one. */
  async #send(
    socket: WebSocket,
    session: Session,
    command: Extract<RoomCommand, { type: "message.send" }>,
  ): Promise<Outcome<unknown> | Answered> {
    let answered = false;
    const outcome = await this.#carryOut(session.caller, command, (result) => {
      answered = true;
      const event = answerEvent(command, result);
      if (event !== undefined) this.#engine.fanOut.answer(socket, event);
    });
    return answered ? ANSWERED : outcome;
  }

  /** A socket has opened: where presences are told, and that its user is online. */
  async #arrived(userId: string, isFirst: boolean, expiresAt: number): Promise<void> {
    if (isFirst) await this.list(true);
    const id = this.#engine.room?.id ?? "";
    await this.#engine.hubs.call(userId, (hub) => hub.attach(userId, id, expiresAt));
  }

  /** Brings a socket up to date. */
  #bring(socket: WebSocket, caller: Caller, since: number): void {
    const frames = this.#engine.resume(caller, since);
    if (frames.ok) this.#engine.sessions.send(socket, frames.body);
  }
}
