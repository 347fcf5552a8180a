/** The conversation's own sockets: connections, frames, closing. */
import {
  type ClientCommand,
  type DecodedFrame,
  failure,
  isOperationCommand,
  type ServerEvent,
  seqWithin,
} from "@rocket-chat-api/protocol";
import { openDirectory } from "../directory/database.ts";
import { setHasSockets } from "../directory/presence.ts";
import type { Identity } from "../domain/caller.ts";
import { commandOfFrame } from "../domain/command.ts";
import { backoff } from "../domain/deadlines.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import { screenOf } from "../domain/screen.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import { EncodedEvent } from "../realtime/encoded-event.ts";
import type { Lane } from "../realtime/frame-order.ts";
import { type FrameHost, Frames, type ObjectCommand, type Reply } from "../realtime/frames.ts";
import type { Handshake } from "../realtime/handshake.ts";
import type { DirectSocket, PresenceFrames } from "../realtime/objects.ts";
import type { Session } from "../realtime/session.ts";
import { inTrace } from "../tracing.ts";
import type { Assembly } from "./assembly.ts";
import { presenceViewers } from "./delivery/presence-viewers.ts";
import { resume } from "./delivery/resume.ts";
import { IncomingFrame } from "./incoming-frame.ts";

/** The lane of commands about the conversation, which are answered in order. */
const ONLY_LANE = "";
/** Commands about the socket itself. Their answers wait for no others. */
const ABOUT_THE_SOCKET: ReadonlySet<string> = new Set<ClientCommand["type"]>([
  "presence.update",
  "device.state",
  "auth.refresh",
  "flow.ack",
  "ping",
]);

/** How often the hub is told of a new socket, if it does not answer. */
const ATTACH_ATTEMPTS = 2;

export class SocketHandler implements FrameHost {
  readonly #ctx: DurableObjectState;
  readonly #env: Env;
  readonly #its: Assembly;
  readonly #frames: Frames;
  /** Sockets over which their user typed last. Closing one ends the typing, whatever else is open. */
  readonly #typists = new WeakSet<WebSocket>();

  constructor(ctx: DurableObjectState, env: Env, its: Assembly) {
    this.#ctx = ctx;
    this.#env = env;
    this.#its = its;
    const { sessions, sender } = its;
    this.#frames = new Frames({ env, sessions, sender }, this);
  }

  /** Accepts a member's socket. */
  onConnect(handshake: Handshake): Response {
    const { engine, sessions, clock } = this.#its;
    const isFirst = sessions.isEmpty;
    const { socket, response } = sessions.accept(handshake, { since_seq: engine.room?.head ?? 0 });
    // In the turn of the accept: later events are sent live, so nothing is missed in between.
    if (handshake.since !== undefined) this.#resume(socket, handshake.since);
    clock.ringBy(handshake.expires_at);
    this.#ctx.waitUntil(this.#afterConnect(socket, isFirst));
    return response;
  }

  /** Handles a frame, in the next turn. */
  onMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    const { engine, clock, sessions } = this.#its;
    const admission = this.#frames.receive(socket);
    if (admission === "ignored") return;
    // If the alarm was lost, because it failed too often, it is set again.
    clock.ringBy(sessions.of(socket).expires_at);
    engine.inTurn(new IncomingFrame(this.#frames, socket, frame, admission));
  }

  laneOf(frame: DecodedFrame): Lane | undefined {
    return frame.kind === "command" && ABOUT_THE_SOCKET.has(frame.command.type) ? undefined : ONLY_LANE;
  }

  refreshed(socket: WebSocket, identity: Identity): void {
    this.#its.clock.ringBy(identity.expires_at);
    // If the hub cannot be reached, the next request with this token does it.
    const seen = this.#its.hubs.call(identity.user_id, (hub) => hub.claimsSeen(identity));
    this.#ctx.waitUntil(Promise.allSettled([seen, this.#attach(socket)]));
  }

  answer(socket: WebSocket, event: ServerEvent): void {
    this.#its.engine.answer(socket, event);
  }

  flush(): void {
    this.#its.fanOut.flush();
  }

  /** The client has closed a socket. Its earlier frames run first. */
  async onClose(socket: WebSocket): Promise<void> {
    const { engine, sessions } = this.#its;
    await new Promise<void>((resolve) =>
      engine.inTurn({
        act: () => resolve(sessions.forget(socket) ? this.afterClose(socket) : undefined),
      }),
    );
  }

  /** After a socket has closed: its user stops typing, and may go offline. */
  async afterClose(socket: WebSocket): Promise<void> {
    const { engine, sessions, typing, hubs } = this.#its;
    const { caller, connection_id, trace } = sessions.of(socket);
    const { user_id } = caller;
    if (!engine.room) return;
    const isLast = !sessions.sockets(user_id).some((other) => other !== socket);
    if (isLast || this.#typists.has(socket)) typing.stop(engine.room, user_id);
    const isDetached = hubs.call(user_id, (hub) => hub.detach(connection_id));
    if (sessions.isEmpty) await inTrace(trace, () => this.setHasSockets(false));
    await isDetached;
  }

  /** Sends frames from a user's hub to the user's sockets. */
  forward(userId: string, frames: string[]): void {
    const { engine, sessions, sender } = this.#its;
    const sockets = engine.room?.member(userId) ? sessions.sockets(userId) : [];
    for (const socket of sockets) sender.send(socket, frames.map(EncodedEvent.fromFull));
  }

  /** Whether a user still has this socket. */
  has(userId: string, connectionId: string): boolean {
    const { sessions } = this.#its;
    return sessions.sockets(userId).some((one) => sessions.of(one).connection_id === connectionId);
  }

  /** Sends a member's change of presence to the sockets of all who are not apart from them (rule 29). */
  async notifyPresence(userId: string, { open, discreet }: PresenceFrames): Promise<void> {
    const { engine, sessions, sender } = this.#its;
    const member = engine.room?.member(userId);
    if (engine.room && member) {
      const viewers = presenceViewers(engine.room, member);
      sender.broadcast([EncodedEvent.fromFull(open)], viewers.open);
      if (viewers.discreet.size > 0) sender.broadcast([EncodedEvent.fromFull(discreet)], viewers.discreet);
    }
    if (engine.room && sessions.isEmpty) await this.setHasSockets(false);
  }

  /** Tells the directory whether to send presence events here. */
  async setHasSockets(hasSockets: boolean): Promise<void> {
    try {
      await setHasSockets(openDirectory(this.#env.DB), this.#its.engine.room?.id ?? "", hasSockets);
    } catch (error) {
      // A failure only affects presence.
      log("warn", "listing.failed", { ...errorFields(error) });
    }
  }

  async execute(
    socket: WebSocket,
    session: Session,
    command: ObjectCommand,
    reply: Reply,
  ): Promise<Outcome<unknown>> {
    if (command.type === "device.state") {
      const { caller, device_id } = session;
      const screen = screenOf(command, device_id) ?? null;
      return await this.#its.hubs.call(caller.user_id, (hub) =>
        hub.setScreen(caller.user_id, screen, this.#directSocket(socket)),
      );
    }
    if (this.#isElsewhere(command)) {
      return refused(
        "VALIDATION_ERROR",
        "This socket is for another conversation: use `/ws` or that conversation's own socket",
      );
    }
    if (command.type === "presence.update") {
      const { user_id } = session.caller;
      return await this.#its.hubs.call(user_id, (hub) =>
        hub.setStatus(user_id, command.status, this.#directSocket(socket)),
      );
    }
    if (command.type === "typing.start") this.#typists.add(socket);
    if (command.type === "typing.stop") this.#typists.delete(socket);
    if (isOperationCommand(command)) {
      return await this.#its.commands.execute(session.caller, commandOfFrame(command, session.trace), reply);
    }
    for (const since of Object.values(command.conversations)) this.#resume(socket, since);
    return found({ failed: {} });
  }

  /** Whether a command is for another conversation than that of the socket. */
  #isElsewhere(command: Exclude<ObjectCommand, { type: "device.state" }>): boolean {
    const id = this.#its.engine.room?.id ?? "";
    if ("conversation_id" in command) return command.conversation_id !== id;
    if ("message_id" in command) return seqWithin(id, command.message_id) === undefined;
    return (
      "conversations" in command &&
      Object.keys(command.conversations).some((conversation) => conversation !== id)
    );
  }

  /** After a socket has opened: presence events are sent here, and its user is online. */
  async #afterConnect(socket: WebSocket, isFirst: boolean): Promise<void> {
    if (isFirst) await this.setHasSockets(true);
    // It may have closed since, and the hub may know that already.
    const { sessions } = this.#its;
    for (let attempt = 1; sessions.isActive(socket, Date.now()); attempt++) {
      try {
        return await this.#attach(socket);
      } catch (error) {
        log("warn", "socket.not_attached", { ...errorFields(error) });
        // No ban would reach a socket that the hub does not know.
        if (attempt === ATTACH_ATTEMPTS)
          sessions.close(socket, "TOO_SLOW", "try again", failure("SERVICE_UNAVAILABLE"));
        else await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
      }
    }
  }

  /** Tells the hub of a socket. It may know that the user, or the token, is no longer allowed. */
  async #attach(socket: WebSocket): Promise<void> {
    const { sessions, hubs } = this.#its;
    const { user_id } = sessions.of(socket).caller;
    const refusal = await hubs.call(user_id, (hub) => hub.attach(user_id, this.#directSocket(socket)));
    if (refusal) sessions.close(socket, refusal, "no longer allowed");
  }

  /** How the user's hub refers to a socket. */
  #directSocket(socket: WebSocket): DirectSocket {
    const { connection_id, expires_at, issued_at = 0 } = this.#its.sessions.of(socket);
    return { connection_id, conversation_id: this.#its.engine.room?.id ?? "", expires_at, issued_at };
  }

  /** Brings a socket up to date. */
  #resume(socket: WebSocket, since: number): void {
    const { engine, fanOut, hubDelivery, sessions, sender, delivered } = this.#its;
    // Pending events are part of the changes, so they must not be delivered again later.
    fanOut.flush();
    hubDelivery.callNow();
    const resumed = resume(engine.room, sessions.of(socket).caller, since, delivered);
    if (resumed.ok) sender.send(socket, resumed.body.frames.map(EncodedEvent.fromFull));
  }
}
