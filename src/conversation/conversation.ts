/** The Durable Object of one conversation: what may be asked of it. The engine does the work. */
import { DurableObject } from "cloudflare:workers";
import { refuseManage, refuseSend } from "../domain/access.ts";
import type { StoredAttachment } from "../domain/attachments.ts";
import type { Caller } from "../domain/caller.ts";
import { earliest } from "../domain/deadlines.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import type { Env } from "../env.ts";
import type { Reply } from "../objects/frames.ts";
import { answerClose, readHandshake } from "../objects/sessions.ts";
import {
  type ConversationChanges,
  type ConversationSnapshot,
  type EditsQuery,
  type FetchedMessage,
  type HistoryQuery,
  type MessageEdits,
  type MessagePage,
  PROJECTION_WAIT_MS,
  type Receipts,
  seqWithin,
} from "../protocol/index.ts";
import { attachment, shownAmong } from "./attachments.ts";
import { type Beginning, begin } from "./create.ts";
import { edits } from "./edit.ts";
import { Engine } from "./engine.ts";
import { history, oneMessage } from "./history.ts";
import type { Operation, OperationResult } from "./operations.ts";
import { isMarkable, receipts } from "./read.ts";
import { Reception, type RoomCommand } from "./reception.ts";
import { refreshProfile } from "./roster.ts";
import { toSnapshot } from "./views.ts";

export class Conversation extends DurableObject<Env> {
  readonly #engine: Engine;
  readonly #reception: Reception;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#engine = new Engine(ctx, env, (socket) => {
      this.#engine.inTurn(() => ctx.waitUntil(this.#reception.left(socket)));
    });
    this.#reception = new Reception(ctx, env, this.#engine, (caller, command, reply) =>
      this.command(caller, command, reply),
    );
    const { store } = this.#engine;
    if (!store.exists()) return;
    void ctx.blockConcurrencyWhile(async () => {
      await store.migrate();
      const { room, told } = this.#engine;
      if (room) told.recover(room, Date.now());
    });
  }

  /** Answers, having asked its storage; for `/health/ready`. */
  async ping(): Promise<void> {
    this.ctx.storage.sql.exec("SELECT 1").toArray();
  }

  /** Creates the conversation, once; a retry answers 200 with what exists. */
  async create(beginning: Beginning): Promise<Outcome<ConversationSnapshot>> {
    const { store, projector, fanOut } = this.#engine;
    if (!store.exists()) await store.migrate();
    const outcome = await this.#engine.change((now) => {
      const change = store.atomically(() => begin(store, this.#engine.room, beginning, now));
      this.#engine.forget();
      return change;
    });
    fanOut.callNow();
    await projector.settled(PROJECTION_WAIT_MS);
    return outcome;
  }

  /** Does something for a REST client, which finds it in its list afterwards unless D1 is slow or down. */
  async act(caller: Caller, operation: Operation): Promise<Outcome<OperationResult[Operation["type"]]>> {
    const outcome = await this.#engine.perform(caller, operation);
    // Whoever connects after the answer must not hear live what was before.
    this.#engine.fanOut.callNow();
    await this.#engine.projector.settled(PROJECTION_WAIT_MS);
    return outcome;
  }

  /**
   * Carries out a command that reached a socket, of this object or of the caller's hub.
   * @param reply is given the answer in the turn in which it is known, where there is one.
   */
  async command(caller: Caller, command: RoomCommand, reply?: Reply): Promise<Outcome<unknown>> {
    switch (command.type) {
      case "message.send":
        return await this.#engine.perform(caller, { type: "send", input: command.data }, reply);
      case "typing.start":
      case "typing.stop":
        return repliedWith(reply, this.#typing(caller, command.type === "typing.start"));
      case "message.read":
        return await this.#read(caller, command.message_id, reply);
      case "message.delivered":
        return repliedWith(reply, this.#acknowledge(caller, command.message_id));
      default:
        return command satisfies never;
    }
  }

  /** A page of messages. Who fetched them has them. */
  async history(caller: Caller, query: HistoryQuery): Promise<Outcome<MessagePage>> {
    return this.#engine.ask(caller, (room, member) => {
      const page = history(room, member, query);
      const messages = page.ok ? page.body.messages : [];
      const newest = messages.find((message) => message.sender_id !== member.user_id);
      if (newest) this.#engine.delivered(member.user_id, newest.seq);
      return page;
    });
  }

  /** One message. Who fetched it has it. */
  async message(caller: Caller, seq: number): Promise<Outcome<FetchedMessage>> {
    return this.#engine.ask(
      caller,
      (room, member) => {
        const answer = oneMessage(room, member, seq);
        if (answer.ok && answer.body.sender_id !== member.user_id) {
          this.#engine.delivered(member.user_id, seq);
        }
        return answer;
      },
      "NOT_FOUND",
    );
  }

  /** The versions of a message. */
  async edits(caller: Caller, seq: number, query: EditsQuery): Promise<Outcome<MessageEdits>> {
    return this.#engine.ask(caller, (room, member) => edits(room, member, seq, query), "NOT_FOUND");
  }

  /** Who has received and read a message. */
  async receipts(caller: Caller, seq: number): Promise<Outcome<Receipts>> {
    return this.#engine.ask(caller, (room, member) => receipts(room, member, seq), "NOT_FOUND");
  }

  /** The conversation, whole. */
  async details(caller: Caller): Promise<Outcome<ConversationSnapshot>> {
    return this.#engine.ask(caller, (room) => found(toSnapshot(room)));
  }

  /** Whether somebody is a member. */
  async membership(caller: Caller): Promise<Outcome<null>> {
    return this.#engine.ask(caller, () => found(null));
  }

  /** Whether the caller may add people here, before it is said who exists. @returns how many are not in yet. */
  async mayAdd(caller: Caller, userIds: string[]): Promise<Outcome<number>> {
    return this.#engine.ask(caller, (room, member) => {
      const error = refuseManage(member, room.info.type);
      return error ? { ok: false, error } : found(userIds.filter((id) => !room.member(id)).length);
    });
  }

  /** Whether somebody may send here, before they upload. */
  async mayUpload(caller: Caller): Promise<Outcome<null>> {
    return this.#engine.ask(caller, (room, member) => {
      const error = refuseSend(member, room.info.settings);
      return error ? { ok: false, error } : found(null);
    });
  }

  /** An attachment that the caller may fetch. */
  async attachment(caller: Caller, id: string): Promise<Outcome<StoredAttachment>> {
    return this.#engine.ask(caller, (room, member) => attachment(room, member, id), "NOT_FOUND");
  }

  /** Those among these attachments that a message still shows; the collector asks before it deletes. */
  async shownAttachments(ids: string[]): Promise<string[]> {
    return this.#engine.room ? shownAmong(this.#engine.room, ids) : [];
  }

  /** A member types, or stops. */
  async typing(caller: Caller, isTyping: boolean): Promise<Outcome<null>> {
    return this.#typing(caller, isTyping);
  }

  #typing(caller: Caller, isTyping: boolean): Outcome<null> {
    return this.#engine.ask(caller, (room, member) => {
      const refusal = refuseSend(member, room.info.settings);
      if (refusal) return { ok: false, error: refusal };
      if (isTyping) this.#engine.typing.start(room, member, Date.now());
      else this.#engine.typing.stop(room, member.user_id);
      this.#engine.fanOut.callNow();
      return found(null);
    });
  }

  /** What has changed for the caller since a position; null is the newest page (see `changesSince`). */
  async changes(
    caller: Caller,
    since: number | null,
    maxMessages: number,
  ): Promise<Outcome<ConversationChanges>> {
    return this.#engine.changes(caller, since, maxMessages);
  }

  /**
   * The frames that bring a socket of the caller's hub up to date, and the number up to which they do; from now on the
   * hub hears everything.
   */
  async resume(
    caller: Caller,
    since: number,
    generation: number,
  ): Promise<Outcome<{ frames: string[]; seq: number }>> {
    const resumed = this.#engine.resume(caller, since);
    if (resumed.ok) this.#engine.fanOut.wake(caller.user_id, generation);
    return resumed;
  }

  /** A member's hub has a socket again. @returns when somebody was last skipped here, in milliseconds since 1970. */
  async wake(userId: string, generation: number): Promise<number> {
    return this.#engine.room ? this.#engine.fanOut.wake(userId, generation) : 0;
  }

  /** Sends frames to one user's sockets here; their hub asks for it. */
  async forward(userId: string, frames: string[]): Promise<void> {
    const { room, sessions } = this.#engine;
    if (!room?.member(userId)) return;
    for (const socket of sessions.sockets(userId)) sessions.send(socket, frames);
  }

  /** Whether a socket of a user's is still open here. */
  async hasSocket(userId: string, connectionId: string): Promise<boolean> {
    const { sessions } = this.#engine;
    return sessions.sockets(userId).some((socket) => sessions.of(socket).connection_id === connectionId);
  }

  /** A member's presence has changed: those who are here hear it. */
  async tellPresence(userId: string, frame: string): Promise<void> {
    const { room, sessions } = this.#engine;
    if (room?.member(userId)) sessions.broadcast([frame], room.audience);
    if (room && sessions.isEmpty) await this.#reception.list(false);
  }

  /** A member's profile has changed, or a former member's, whose messages go by it too; their hub tells it. */
  async profileChanged(profile: Caller): Promise<void> {
    await this.#engine.change(() => {
      const { room } = this.#engine;
      return { outcome: found(null), emissions: room ? refreshProfile(room, profile) : [] };
    });
    this.#engine.fanOut.callNow();
  }

  /** Writes the whole projection again; for operators, after the directory was lost. */
  async rebuildProjection(): Promise<void> {
    const { room, projector } = this.#engine;
    if (!room) return;
    projector.fromZero(Date.now());
    await projector.settled(60_000);
  }

  /** Takes a socket of a member's. The Worker has authenticated the caller. */
  override async fetch(request: Request): Promise<Response> {
    const handshake = readHandshake(request);
    const allowed = await this.membership(handshake.caller);
    return allowed.ok ? this.#reception.admit(handshake) : Response.json(allowed.error, { status: 403 });
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    this.#reception.hear(socket, frame);
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    answerClose(socket, code);
    await this.#reception.gone(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    answerClose(socket, 1011);
    await this.#reception.gone(socket);
  }

  override async alarm(): Promise<void> {
    const { store, sessions, clock, projector, room } = this.#engine;
    const now = Date.now();
    clock.rang();
    sessions.closeExpired(now);
    if (!room) return;
    if ((store.nextExpiry() ?? Number.POSITIVE_INFINITY) <= now) await this.#engine.sweep();
    clock.ringBy(earliest(sessions.nextExpiry(), store.nextExpiry()));
    projector.alarm(now);
    this.#engine.told.note(room, now);
  }

  async #read(caller: Caller, messageId: string, reply?: Reply): Promise<Outcome<unknown>> {
    const seq = seqWithin(this.#engine.room?.id ?? "", messageId);
    if (seq === undefined) return refused("NOT_FOUND", "No such message");
    return await this.#engine.perform(caller, { type: "read", seq }, reply);
  }

  #acknowledge(caller: Caller, messageId: string): Outcome<null> {
    return this.#engine.ask(
      caller,
      (room, member) => {
        const seq = seqWithin(room.id, messageId);
        if (seq === undefined || !isMarkable(room, member, seq)) {
          return refused("NOT_FOUND", "No such message");
        }
        this.#engine.delivered(member.user_id, seq);
        return found(null);
      },
      "NOT_FOUND",
    );
  }
}

/** Replies in this turn, so that answers which the turn gives later do not overtake this one. */
function repliedWith<T>(reply: Reply | undefined, outcome: Outcome<T>): Outcome<T> {
  reply?.(outcome);
  return outcome;
}
