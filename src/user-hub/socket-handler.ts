/** The user's own sockets: connecting, frames, closing. */
import {
  decodeFrame,
  EncodedData,
  ERRORS,
  encodeEvent,
  HEARTBEAT_MS,
  isConversationId,
  parseMessageId,
  type ServerEvent,
} from "@rocket-chat-api/protocol";
import type { Caller, Identity } from "../domain/caller.ts";
import { type Command, commandOfFrame } from "../domain/command.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import { screenOf } from "../domain/screen.ts";
import type { Env } from "../env.ts";
import { EncodedEvent } from "../realtime/encoded-event.ts";
import { laneOf } from "../realtime/frame-order.ts";
import { type FrameHost, Frames, type ObjectCommand } from "../realtime/frames.ts";
import type { Handshake } from "../realtime/handshake.ts";
import type { HubAnswer } from "../realtime/objects.ts";
import type { Session } from "../realtime/session.ts";
import { settledWithin } from "../realtime/settled-within.ts";
import { inTrace } from "../tracing.ts";
import type { Assembly } from "./assembly.ts";
import { type ResumeReport, resumeSocket } from "./catch-up.ts";
import { TypingPlaces } from "./typing-places.ts";

/** A socket opens after this long, in milliseconds, even if the unread totals are still to come. */
const UNREAD_WAIT_MS = 250;

/** A command that one conversation carries out. */
type ConversationCommand = Exclude<ObjectCommand, { type: "presence.update" | "device.state" | "sync" }>;

export class SocketHandler implements FrameHost {
  readonly laneOf = laneOf;
  readonly #ctx: DurableObjectState;
  readonly #its: Assembly;
  readonly #frames: Frames;
  readonly #typing = new TypingPlaces();

  constructor(ctx: DurableObjectState, env: Env, its: Assembly) {
    this.#ctx = ctx;
    this.#its = its;
    const { sessions, sender } = its;
    this.#frames = new Frames({ env, sessions, sender }, this);
  }

  /** Opens a socket, in the trace of the request. */
  async onConnect(handshake: Handshake): Promise<Response> {
    return await inTrace(handshake.trace, () => this.#open(handshake));
  }

  async #open(handshake: Handshake): Promise<Response> {
    const { store, sessions, clock, presence, waking, unread, access } = this.#its;
    const { user_id } = handshake.caller;
    const issued_at = handshake.issued_at ?? 0;
    const refusal = access.check(issued_at);
    if (refusal) return Response.json(refusal, { status: ERRORS[refusal.code].status });
    await store.ensureTables();
    store.rowOf(user_id);
    const hasTotals = settledWithin(unread.load(), UNREAD_WAIT_MS);
    return await waking.openSocket(user_id, async () => {
      await hasTotals;
      const now = Date.now();
      const totals = unread.total(now);
      unread.greeted(totals, sessions.isEmpty);
      const { response } = sessions.accept(handshake, { status: presence.arriving(user_id, now) }, totals);
      clock.ringBy(Math.min(handshake.expires_at, now + 2 * HEARTBEAT_MS));
      this.#ctx.waitUntil(presence.refresh(now));
      // It may have been forbidden while conversations were woken.
      sessions.closeRestricted(user_id, store.restriction());
      return response;
    });
  }

  /** Handles a frame from a client. */
  async onMessage(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> {
    const { clock, sessions } = this.#its;
    const admission = this.#frames.receive(socket);
    if (admission === "ignored") return;
    // If the alarm was lost, because it failed too often, it is set again.
    clock.ringBy(sessions.of(socket).expires_at);
    await this.#frames.handle(socket, decodeFrame(frame), admission);
  }

  refreshed(_socket: WebSocket, identity: Identity): void {
    const { clock, sessions, store } = this.#its;
    sessions.closeRestricted(identity.user_id, store.restriction());
    clock.ringBy(identity.expires_at);
    this.#ctx.waitUntil(this.#its.profiles.claimsSeen(identity));
  }

  answer(socket: WebSocket, event: ServerEvent): void {
    // Its data may be JSON already.
    this.#its.sender.send(socket, [EncodedEvent.fromFull(encodeEvent(event))]);
  }

  flush(): void {
    // Nothing waits here: events are sent as they come.
  }

  /** The client has closed a socket. */
  async onClose(socket: WebSocket): Promise<void> {
    if (this.#its.sessions.forget(socket)) await this.afterClose(socket);
  }

  /** A socket has closed: its user no longer types, and may be gone. */
  async afterClose(socket: WebSocket): Promise<void> {
    const { sessions, catchUp, presence } = this.#its;
    const { caller, status, trace } = sessions.of(socket);
    catchUp.removeSocket(socket);
    // Presence does not wait for the typing to end: the device may be back before that.
    const left = inTrace(trace, () => presence.left(status, Date.now()));
    await Promise.allSettled([left, this.#stopTyping(socket, caller)]);
  }

  async #stopTyping(socket: WebSocket, caller: Caller): Promise<void> {
    const stopIn = (id: string) =>
      this.#its.conversations.call(id, (conversation) =>
        conversation.execute(caller, { operation: "stopTyping", conversation_id: id, input: {} }),
      );
    await Promise.allSettled(this.#typing.of(socket).map(stopIn));
  }

  async execute(socket: WebSocket, session: Session, command: ObjectCommand): Promise<Outcome<unknown>> {
    if (command.type === "presence.update") {
      this.#its.sessions.update(socket, { ...session, status: command.status });
      await inTrace(session.trace, () => this.#its.presence.refresh(Date.now()));
      return found(null);
    }
    if (command.type === "device.state") {
      const screen = screenOf(command, session.device_id);
      this.#its.sessions.update(socket, { ...this.#its.sessions.of(socket), screen });
      return found(null);
    }
    if (command.type === "sync") return await this.#resume(socket, session.caller, command.conversations);
    return await this.#executeInConversation(socket, session, command);
  }

  async #executeInConversation(
    socket: WebSocket,
    { caller, trace }: Session,
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
    const outcome = await this.#askConversation(
      id,
      this.#its.profiles.newest(caller),
      commandOfFrame(command, trace),
    );
    if (command.type === "typing.start" && !outcome.ok) this.#typing.remove(socket, id);
    return outcome;
  }

  /** Lets a conversation execute a command, and passes on the events that come with the answer. */
  async #askConversation(id: string, caller: Caller, command: Command): Promise<Outcome<unknown>> {
    const { conversations, order, delivery } = this.#its;
    order.expectAnswer(id);
    let answer: HubAnswer;
    try {
      answer = await conversations.call(id, (conversation) => conversation.executeForHub(caller, command));
    } catch (error) {
      delivery.unanswered(id);
      throw error;
    }
    const { outcome, events, unread } = answer;
    await delivery.answered(id, events, unread);
    return outcome.ok && outcome.body !== undefined
      ? { ...outcome, body: new EncodedData(outcome.body) }
      : outcome;
  }

  async #resume(
    socket: WebSocket,
    caller: Caller,
    cursors: Record<string, number>,
  ): Promise<Outcome<ResumeReport>> {
    const { store, sessions, sender, catchUp, conversations, unread } = this.#its;
    const { wake_epoch } = store.rowOf(caller.user_id);
    const ask = async (id: string, since: number) => {
      const resumed = await conversations.call(id, (conversation) =>
        conversation.resume(caller, since, wake_epoch),
      );
      if (resumed.ok) unread.set(id, resumed.body.unread ?? null);
      return resumed;
    };
    return await resumeSocket({ sessions, sender, buffer: catchUp, socket }, cursors, ask);
  }
}
