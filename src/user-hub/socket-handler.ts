/** The user's own sockets: connecting, frames, closing. */
import {
  decodeFrame,
  encodeEvent,
  HEARTBEAT_MS,
  isConversationId,
  parseMessageId,
} from "@rocket-chat-api/protocol";
import type { Caller } from "../domain/caller.ts";
import { commandOfFrame } from "../domain/command.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import type { Env } from "../env.ts";
import { laneOf } from "../realtime/frame-order.ts";
import { Frames, type ObjectCommand } from "../realtime/frames.ts";
import type { Handshake, Session } from "../realtime/sessions.ts";
import type { Assembly } from "./assembly.ts";
import { type ResumeReport, resumeSocket } from "./catch-up.ts";
import { TypingPlaces } from "./typing-places.ts";

/** A command that one conversation carries out. */
type ConversationCommand = Exclude<ObjectCommand, { type: "presence.update" | "sync" }>;

export class SocketHandler {
  readonly #ctx: DurableObjectState;
  readonly #its: Assembly;
  readonly #frames: Frames;
  readonly #typing = new TypingPlaces();

  constructor(ctx: DurableObjectState, env: Env, its: Assembly) {
    this.#ctx = ctx;
    this.#its = its;
    const { sessions, profiles } = its;
    this.#frames = new Frames({
      env,
      sessions,
      laneOf,
      execute: (socket, session, command) => this.#execute(socket, session, command),
      refreshed: (identity) => ctx.waitUntil(profiles.claimsSeen(identity)),
      send: (socket, event) => sessions.send(socket, [encodeEvent(event)]),
      flush: () => undefined,
    });
  }

  /** Opens a socket. */
  async onConnect(handshake: Handshake): Promise<Response> {
    const { store, sessions, clock, presence, waking } = this.#its;
    const { user_id } = handshake.caller;
    await store.ensureTables();
    return await waking.openSocket(user_id, () => {
      const now = Date.now();
      const { response } = sessions.accept(handshake, { status: presence.arriving(user_id, now) });
      clock.ringBy(Math.min(handshake.expires_at, now + 2 * HEARTBEAT_MS));
      this.#ctx.waitUntil(presence.refresh(now));
      return response;
    });
  }

  /** Handles a frame from a client. */
  async onMessage(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> {
    const heard = this.#frames.receive(socket);
    if (heard === "ignored") return;
    await this.#frames.handle(socket, decodeFrame(frame), heard);
    this.#its.clock.ringBy(this.#its.sessions.of(socket).expires_at);
  }

  /** The client has closed a socket. */
  async onClose(socket: WebSocket): Promise<void> {
    if (this.#its.sessions.forget(socket)) await this.afterClose(socket);
  }

  /** A socket has closed: its user no longer types, and may be gone. */
  async afterClose(socket: WebSocket): Promise<void> {
    const { sessions, catchUp, presence } = this.#its;
    const { caller, status } = sessions.of(socket);
    catchUp.removeSocket(socket);
    // Presence does not wait for the typing to end: the device may be back before that.
    const left = presence.left(status, Date.now());
    await Promise.allSettled([left, this.#stopTyping(socket, caller)]);
  }

  async #stopTyping(socket: WebSocket, caller: Caller): Promise<void> {
    const stopIn = (id: string) =>
      this.#its.conversations.call(id, (conversation) =>
        conversation.execute(caller, { operation: "stopTyping", conversation_id: id, input: {} }),
      );
    await Promise.allSettled(this.#typing.of(socket).map(stopIn));
  }

  async #execute(socket: WebSocket, session: Session, command: ObjectCommand): Promise<Outcome<unknown>> {
    if (command.type === "presence.update") {
      this.#its.sessions.update(socket, { ...session, status: command.status });
      await this.#its.presence.refresh(Date.now());
      return found(null);
    }
    if (command.type === "sync") return await this.#resume(socket, session.caller, command.conversations);
    return await this.#executeInConversation(socket, session.caller, command);
  }

  async #executeInConversation(
    socket: WebSocket,
    caller: Caller,
    command: ConversationCommand,
  ): Promise<Outcome<unknown>> {
    const id =
      "conversation_id" in command
        ? command.conversation_id
        : parseMessageId(command.message_id)?.conversation_id;
    if (id === undefined) return refused("NOT_FOUND", "No such message");
    if (!isConversationId(id)) return refused("CONVERSATION_NOT_FOUND");
    if (command.type === "typing.start") this.#typing.add(socket, id);
    if (command.type === "typing.stop") this.#typing.remove(socket, id);
    const outcome = await this.#its.conversations.call(id, (conversation) =>
      conversation.execute(caller, commandOfFrame(command)),
    );
    if (command.type === "typing.start" && !outcome.ok) this.#typing.remove(socket, id);
    return outcome;
  }

  async #resume(
    socket: WebSocket,
    caller: Caller,
    cursors: Record<string, number>,
  ): Promise<Outcome<ResumeReport>> {
    const { store, sessions, catchUp, conversations } = this.#its;
    const { wake_epoch } = store.rowOf(caller.user_id);
    return await resumeSocket({ sessions, buffer: catchUp, socket }, cursors, (id, since) =>
      conversations.call(id, (conversation) => conversation.resume(caller, since, wake_epoch)),
    );
  }
}
