/** The conversation's own sockets: who comes, what they say, who goes. */
import { openDirectory } from "../directory/database.ts";
import { setHasSockets } from "../directory/presence.ts";
import type { Caller } from "../domain/caller.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import { Frames, type Heard, type ObjectCommand, type Reply } from "../objects/frames.ts";
import type { Handshake, Session } from "../objects/sessions.ts";
import { type DecodedFrame, decodeFrame, seqWithin } from "../protocol/index.ts";
import type { Engine } from "./engine.ts";

/** Commands that do not depend on the socket over which they come. */
export type RoomCommand = Exclude<ObjectCommand, { type: "sync" | "presence.update" }>;

type CarryOut = (caller: Caller, command: RoomCommand, reply?: Reply) => Promise<Outcome<unknown>>;

/** Everything that a conversation's socket says is about the conversation. */
const ONLY_LANE = "";
/** But for this, whose answers wait for none. */
const ABOUT_THE_SOCKET: ReadonlySet<string> = new Set<DecodedCommand["type"]>([
  "presence.update",
  "auth.refresh",
  "flow.ack",
  "ping",
]);
type DecodedCommand = Extract<DecodedFrame, { kind: "command" }>["command"];

export class Reception {
  readonly #ctx: DurableObjectState;
  readonly #env: Env;
  readonly #engine: Engine;
  readonly #carryOut: CarryOut;
  readonly #frames: Frames;
  /** Sockets over which their user typed last, so that a close ends it whatever else is open. */
  readonly #typists = new WeakSet<WebSocket>();

  constructor(ctx: DurableObjectState, env: Env, engine: Engine, carryOut: CarryOut) {
    this.#ctx = ctx;
    this.#env = env;
    this.#engine = engine;
    this.#carryOut = carryOut;
    this.#frames = new Frames({
      env,
      sessions: engine.sessions,
      laneOf: (frame) =>
        frame.kind === "command" && ABOUT_THE_SOCKET.has(frame.command.type) ? undefined : ONLY_LANE,
      dispatch: (socket, session, command, reply) => this.#dispatch(socket, session, command, reply),
      // A hub that cannot be reached is no trouble of the socket's: the next request with this token does it.
      refreshed: (identity) =>
        ctx.waitUntil(
          engine.hubs.call(identity.user_id, (hub) => hub.claimsSeen(identity)).catch(() => undefined),
        ),
      send: (socket, event) => engine.answer(socket, event),
      flush: () => engine.fanOut.flush(),
    });
  }

  /** Takes the socket of a member. */
  admit(handshake: Handshake): Response {
    const { room, sessions, clock } = this.#engine;
    const isFirst = sessions.isEmpty;
    const { socket, response } = sessions.accept(handshake, { since_seq: room?.head ?? 0 });
    // In the turn of the accept: what comes next is heard live, so nothing falls between.
    if (handshake.since !== undefined) this.#bring(socket, handshake.caller, handshake.since);
    clock.ringBy(handshake.expires_at);
    this.#ctx.waitUntil(this.#arrived(socket, isFirst));
    return response;
  }

  /** Handles a frame, in the next turn. */
  hear(socket: WebSocket, frame: string | ArrayBuffer): void {
    const heard = this.#frames.receive(socket);
    if (heard === "ignored") return;
    let decoded: DecodedFrame | undefined;
    this.#engine.inTurn(
      () => decoded && void this.#handle(socket, decoded, heard),
      () => {
        decoded = decodeFrame(frame);
        if (heard === "heard") decoded = this.#acknowledged(socket, decoded);
      },
    );
  }

  /** Notes what a client has received, which waits for no turn. @returns the frame if it is about something else. */
  #acknowledged(socket: WebSocket, frame: DecodedFrame): DecodedFrame | undefined {
    if (frame.kind !== "command" || frame.command.type !== "flow.ack") return frame;
    this.#engine.sessions.acknowledged(socket, frame.command.received);
    return undefined;
  }

  async #handle(socket: WebSocket, frame: DecodedFrame, heard: Heard): Promise<void> {
    const { sessions, clock } = this.#engine;
    await this.#frames.handle(socket, frame, heard);
    clock.ringBy(sessions.of(socket).expires_at);
  }

  /** The client has closed a socket. What it said before comes first. */
  async gone(socket: WebSocket): Promise<void> {
    await new Promise<void>((resolve) =>
      this.#engine.inTurn(() =>
        resolve(this.#engine.sessions.forget(socket) ? this.left(socket) : undefined),
      ),
    );
  }

  /** A socket has closed: its user no longer types, and may be gone. */
  async left(socket: WebSocket): Promise<void> {
    const { sessions, room, typing } = this.#engine;
    const { caller, connection_id } = sessions.of(socket);
    const { user_id } = caller;
    if (!room) return;
    const isLast = !sessions.sockets(user_id).some((other) => other !== socket);
    if (isLast || this.#typists.has(socket)) typing.stop(room, user_id);
    const isDetached = this.#engine.hubs.call(user_id, (hub) => hub.detach(connection_id));
    if (sessions.isEmpty) await this.list(false);
    await isDetached;
  }

  /** Tells the directory whether presences are to be told here. */
  async list(hasSockets: boolean): Promise<void> {
    try {
      await setHasSockets(openDirectory(this.#env.DB), this.#engine.room?.id ?? "", hasSockets);
    } catch (error) {
      // Presence is a courtesy: chat goes on.
      log("warn", "listing.failed", { ...errorFields(error) });
    }
  }

  async #dispatch(
    socket: WebSocket,
    session: Session,
    command: ObjectCommand,
    reply: Reply,
  ): Promise<Outcome<unknown>> {
    const id = this.#engine.room?.id ?? "";
    const elsewhere =
      ("conversation_id" in command && command.conversation_id !== id) ||
      ("message_id" in command && seqWithin(id, command.message_id) === undefined) ||
      ("conversations" in command && Object.keys(command.conversations).some((other) => other !== id));
    if (elsewhere) return refused("VALIDATION_ERROR", "This socket belongs to another conversation");
    if (command.type === "presence.update") {
      const { user_id } = session.caller;
      return await this.#engine.hubs.call(user_id, (hub) =>
        hub.setStatus(user_id, command.status, this.#placeOf(socket)),
      );
    }
    if (command.type === "typing.start") this.#typists.add(socket);
    if (command.type === "typing.stop") this.#typists.delete(socket);
    if (command.type !== "sync") return await this.#carryOut(session.caller, command, reply);
    for (const since of Object.values(command.conversations)) this.#bring(socket, session.caller, since);
    return found({ failed: {} });
  }

  /** A socket has opened: where presences are told, and that its user is online. */
  async #arrived(socket: WebSocket, isFirst: boolean): Promise<void> {
    if (isFirst) await this.list(true);
    // It may have closed meanwhile, and its hub have been told so.
    const { sessions, hubs } = this.#engine;
    if (!sessions.isActive(socket, Date.now())) return;
    const { user_id } = sessions.of(socket).caller;
    await hubs.call(user_id, (hub) => hub.attach(user_id, this.#placeOf(socket)));
  }

  /** A socket as its user's hub knows it. */
  #placeOf(socket: WebSocket) {
    const { connection_id, expires_at } = this.#engine.sessions.of(socket);
    return { connection_id, conversation_id: this.#engine.room?.id ?? "", expires_at };
  }

  /** Brings a socket up to date. */
  #bring(socket: WebSocket, caller: Caller, since: number): void {
    const resumed = this.#engine.resume(caller, since);
    if (resumed.ok) this.#engine.sessions.send(socket, resumed.body.frames);
  }
}
