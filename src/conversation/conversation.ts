/** The Durable Object of one conversation. It wires: decisions and rows are in the modules it calls. */
import { DurableObject } from "cloudflare:workers";
import { openDirectory } from "../directory/database.ts";
import { project } from "../directory/projection.ts";
import { refuseSend } from "../domain/access.ts";
import type { Caller } from "../domain/caller.ts";
import { earliest } from "../domain/deadlines.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import { type Env, limitsOf } from "../env.ts";
import { AlarmClock } from "../objects/alarm-clock.ts";
import { handleFrame, type ObjectCommand } from "../objects/frames.ts";
import { answerClose, readHandshake, type Session, Sessions } from "../objects/sessions.ts";
import {
  CLOSE,
  type ConversationSnapshot,
  type FetchedMessage,
  type HistoryQuery,
  type MessageEdits,
  type MessagePage,
  PROJECTION_WAIT_MS,
  type Receipts,
  seqWithin,
} from "../protocol/index.ts";
import { type Beginning, begin } from "./create.ts";
import { sweepExpired } from "./delete.ts";
import { edits } from "./edit.ts";
import { FanOut } from "./fan-out.ts";
import { history, oneMessage } from "./history.ts";
import { Inbox } from "./inbox.ts";
import { type Operation, type OperationResult, perform } from "./operations.ts";
import { Projector, projectFromZero } from "./projector.ts";
import { reachable, receipts } from "./read.ts";
import { ReceiptPump } from "./receipt-pump.ts";
import { type Change, type Emission, Room } from "./room.ts";
import { refreshProfile } from "./roster.ts";
import { type MemberRow, Store } from "./store.ts";
import { Typing } from "./typing.ts";
import { toSnapshot } from "./views.ts";

export class Conversation extends DurableObject<Env> {
  readonly #store: Store;
  readonly #sessions: Sessions;
  readonly #clock: AlarmClock;
  readonly #fanOut: FanOut;
  readonly #inbox: Inbox;
  readonly #projector: Projector;
  readonly #pump: ReceiptPump;
  readonly #typing = new Typing();
  #typingTimer: number | undefined;
  /** Who was removed in this turn: they hear of it, then their sockets close. */
  #removed: string[] = [];
  #room: Room | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new Store(ctx.storage);
    this.#sessions = new Sessions(ctx);
    this.#clock = new AlarmClock(ctx);
    this.#inbox = new Inbox(
      () => ctx.storage.sync(),
      () => this.#endTurn(),
    );
    this.#fanOut = new FanOut(this.#sessions, this.#store, {
      callHub: (userId, frames) => this.#hub(userId).deliver(this.room?.id ?? "", frames),
      handedHere: (handed) => this.room && this.#pump.handedHere(this.room, handed),
      delivered: (userId, seq) => this.#delivered(userId, seq),
    });
    this.#pump = new ReceiptPump({
      liveSince: (seq) => this.#sessions.usersSince(seq),
      runRound: () => this.#runRound(),
    });
    this.#projector = new Projector({
      room: () => this.room,
      write: (flush) => project(openDirectory(env.DB), flush),
      ringBy: (time) => this.#clock.ringBy(time),
    });
    if (this.#store.exists()) void ctx.blockConcurrencyWhile(() => this.#store.migrate());
  }

  private get room(): Room | undefined {
    this.#room ??= Room.load(this.#store);
    return this.#room;
  }

  /** Creates the conversation, once; a retry answers 200 with what exists. */
  async create(beginning: Beginning): Promise<Outcome<ConversationSnapshot>> {
    if (!this.#store.exists()) await this.#store.migrate();
    const outcome = await this.#change((now) =>
      this.#store.atomically(() => {
        const { room, change } = begin(this.#store, this.room, beginning, now);
        this.#room = room;
        return change;
      }),
    );
    await this.#projector.settled(PROJECTION_WAIT_MS);
    return outcome;
  }

  /** Does something for a REST client, which finds it in its list afterwards unless D1 is slow or down. */
  async act(caller: Caller, operation: Operation): Promise<Outcome<OperationResult[Operation["type"]]>> {
    const outcome = await this.#perform(caller, operation);
    await this.#projector.settled(PROJECTION_WAIT_MS);
    return outcome;
  }

  /** Carries out a command that reached a socket, of this object or of the caller's hub. */
  async command(caller: Caller, command: ObjectCommand): Promise<Outcome<unknown>> {
    switch (command.type) {
      case "message.send":
        return await this.#perform(caller, { type: "send", input: command.data });
      case "typing.start":
      case "typing.stop":
        return await this.typing(caller, command.type === "typing.start");
      case "message.read":
        return await this.#read(caller, command.message_id);
      case "message.delivered":
        return this.#acknowledge(caller, command.message_id);
      case "presence.update":
        return await this.#hub(caller.user_id).setStatus(caller.user_id, command.status);
      default:
        return command satisfies never;
    }
  }

  /** A page of messages. Who fetched them has them. */
  async history(caller: Caller, query: HistoryQuery): Promise<Outcome<MessagePage>> {
    return this.#ask(caller, (room, member) => {
      const page = history(room, member, query);
      const newest = page.ok
        ? page.body.messages.find((message) => message.sender_id !== member.user_id)
        : undefined;
      if (newest) this.#delivered(member.user_id, newest.seq);
      return page;
    });
  }

  /** One message. */
  async message(caller: Caller, seq: number): Promise<Outcome<FetchedMessage>> {
    return this.#ask(caller, (room, member) => oneMessage(room, member, seq), "NOT_FOUND");
  }

  /** The versions of a message. */
  async edits(caller: Caller, seq: number): Promise<Outcome<MessageEdits>> {
    return this.#ask(caller, (room, member) => edits(room, member, seq), "NOT_FOUND");
  }

  /** Who has received and read a message. */
  async receipts(caller: Caller, seq: number): Promise<Outcome<Receipts>> {
    return this.#ask(caller, (room, member) => receipts(room, member, seq), "NOT_FOUND");
  }

  /** The conversation, whole. */
  async details(caller: Caller): Promise<Outcome<ConversationSnapshot>> {
    return this.#ask(caller, (room) => found(toSnapshot(room)));
  }

  /** Whether somebody is a member. */
  async membership(caller: Caller): Promise<Outcome<null>> {
    return this.#ask(caller, () => found(null));
  }

  /** A member types, or stops. */
  async typing(caller: Caller, isTyping: boolean): Promise<Outcome<null>> {
    return this.#ask(caller, (room, member) => {
      const refusal = refuseSend(member, room.info.settings);
      if (refusal) return { ok: false, error: refusal };
      const now = Date.now();
      this.#emit(isTyping ? this.#typing.start(room, member, now) : this.#typing.stop(room, member.user_id));
      this.#watchTyping(now);
      return found(null);
    });
  }

  /** A member's hub has a socket again. */
  async wake(userId: string, generation: number): Promise<void> {
    if (this.room) this.#fanOut.wake(userId, generation);
  }

  /** Sends frames to one user's sockets here; their hub asks for it. @returns whether they have any. */
  async forward(userId: string, frames: string[]): Promise<boolean> {
    const sockets = this.#sessions.sockets(userId);
    for (const socket of sockets) this.#sessions.send(socket, frames);
    return sockets.length > 0;
  }

  /** Writes the whole projection again; for operators, after the directory was lost. */
  async rebuildProjection(): Promise<void> {
    const { room } = this;
    if (!room) return;
    projectFromZero(room);
    this.#projector.changed(Date.now());
    await this.#projector.settled(60_000);
  }

  /** Takes a socket of a member's. The Worker has authenticated the caller. */
  override async fetch(request: Request): Promise<Response> {
    const handshake = readHandshake(request);
    const { user_id } = handshake.caller;
    const allowed = await this.membership(handshake.caller);
    if (!allowed.ok) return Response.json(allowed.error, { status: 403 });
    const response = this.#sessions.accept(handshake, this.room?.head);
    this.#clock.ringBy(handshake.expires_at);
    this.ctx.waitUntil(this.#hub(user_id).attach(user_id, this.room?.id ?? "", handshake.expires_at));
    return response;
  }

  override async webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> {
    await handleFrame(this.env, this.#sessions, socket, frame, (session, command) =>
      this.#dispatch(session, command),
    );
    this.#clock.ringBy(this.#sessions.of(socket).expires_at);
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    answerClose(socket, code);
    await this.#gone(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    answerClose(socket, 1011);
    await this.#gone(socket);
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    this.#clock.rang();
    this.#sessions.closeExpired(now);
    await this.#sweep();
    const nextMessage = this.room && this.#store.nextExpiry();
    this.#clock.ringBy(earliest(this.#sessions.nextExpiry(), nextMessage));
    this.#projector.alarm(now);
  }

  async #dispatch(session: Session, command: ObjectCommand): Promise<Outcome<unknown>> {
    const id = this.room?.id;
    const elsewhere =
      ("conversation_id" in command && command.conversation_id !== id) ||
      ("message_id" in command && seqWithin(id ?? "", command.message_id) === undefined);
    if (elsewhere) return refused("VALIDATION_ERROR", "This socket belongs to another conversation");
    return await this.command(session.caller, command);
  }

  async #perform(caller: Caller, operation: Operation): Promise<Outcome<OperationResult[Operation["type"]]>> {
    const limits = limitsOf(this.env);
    return await this.#change((now) => {
      const { room } = this;
      if (!room) return { outcome: refused("CONVERSATION_NOT_FOUND"), emissions: [] };
      const profile = refreshProfile(room, caller);
      const run = () => room.asMember(caller, (member) => perform(room, member, operation, limits, now));
      // A plain message is one insert, which needs no savepoint to be whole.
      const isPlain = operation.type === "send" && !operation.input.metadata?.mentions;
      const change = isPlain ? run() : this.#store.atomically(run);
      if (change.outcome.ok) this.#follow(room, caller, operation, now);
      return { ...change, emissions: [...profile, ...change.emissions] };
    });
  }

  /** What a success brings with it that is not written. */
  #follow(room: Room, caller: Caller, operation: Operation, now: number): void {
    if (operation.type === "send") {
      const { settings } = room.info;
      if (settings.disappearing_messages_enabled) {
        this.#clock.ringBy(now + settings.disappearing_ttl_seconds * 1000);
      }
      this.#fanOut.add(this.#typing.stop(room, caller.user_id));
    }
    if (operation.type === "read") this.#pump.read(room, caller.user_id, operation.seq, now);
  }

  /** Makes a change: write, then send in the same turn, then project. */
  async #change<T>(make: (now: number) => Change<T>): Promise<Outcome<T>> {
    return await this.#inbox.submit(() => {
      const before = this.#version();
      try {
        const now = Date.now();
        const { outcome, emissions, removed = [] } = make(now);
        this.#fanOut.add(emissions);
        this.#removed.push(...removed);
        if (this.#version() !== before) this.#projector.changed(now);
        return outcome;
      } catch (error) {
        // Memory may be ahead of the rows now: read them again before anything else happens.
        this.#room = undefined;
        throw error;
      }
    });
  }

  #version(): string {
    return `${this.room?.head}.${this.room?.rev}`;
  }

  /** The end of a turn: everything that was written is sent, and what a direct chat tells at once is told. */
  #endTurn(): void {
    this.#fanOut.flush();
    for (const userId of this.#removed.splice(0)) {
      for (const socket of this.#sessions.sockets(userId)) socket.close(CLOSE.REMOVED, "removed");
    }
    const { room } = this;
    if (room && this.#pump.dueNow(room)) this.#emit(this.#pump.round(room, Date.now()));
  }

  /** A round of receipts, in a turn of its own. */
  #runRound(): void {
    void this.#change((now) => {
      const { room } = this;
      return { outcome: found(null), emissions: room ? this.#pump.round(room, now) : [] };
    });
  }

  /** A member's devices have everything up to `seq`. */
  #delivered(userId: string, seq: number): void {
    const { room } = this;
    if (!room) return;
    this.#pump.delivered(room, userId, seq);
    if (this.#pump.dueNow(room)) this.#runRound();
  }

  #emit(emissions: Emission[]): void {
    this.#fanOut.add(emissions);
    this.#fanOut.flush();
  }

  async #read(caller: Caller, messageId: string): Promise<Outcome<unknown>> {
    const seq = seqWithin(this.room?.id ?? "", messageId);
    return seq === undefined ? refused("NOT_FOUND") : await this.#perform(caller, { type: "read", seq });
  }

  #acknowledge(caller: Caller, messageId: string): Outcome<null> {
    return this.#ask(caller, (room, member) => {
      const seq = seqWithin(room.id, messageId);
      if (seq === undefined || !reachable(room, member, seq)) return refused("NOT_FOUND", "No such message");
      this.#delivered(member.user_id, seq);
      return found(null);
    });
  }

  /** Answers a member's question; anybody else learns only whether the conversation exists (rule 6). */
  #ask<T>(
    caller: Caller,
    question: (room: Room, member: MemberRow) => Outcome<T>,
    unknown: "CONVERSATION_NOT_FOUND" | "NOT_FOUND" = "CONVERSATION_NOT_FOUND",
  ): Outcome<T> {
    const { room } = this;
    if (!room) return refused(unknown);
    const member = room.member(caller.user_id);
    return member ? question(room, member) : refused("FORBIDDEN");
  }

  async #sweep(): Promise<void> {
    for (let more = true; more; ) {
      const outcome = await this.#change((now) =>
        this.room
          ? this.#store.atomically(() => sweepExpired(this.room as Room, now))
          : { outcome: found({ more: false }), emissions: [] },
      );
      more = outcome.ok && outcome.body.more;
    }
  }

  /** Ends typing that nobody ended. */
  #watchTyping(now: number): void {
    clearTimeout(this.#typingTimer ?? null);
    this.#typingTimer = undefined;
    const { room } = this;
    if (!room) return;
    const { emissions, next } = this.#typing.expire(room, now);
    this.#emit(emissions);
    if (next === undefined) return;
    this.#typingTimer = setTimeout(() => this.#watchTyping(Date.now()), Math.max(next - now, 0));
  }

  /** A socket has closed: its user no longer types, and may be gone. */
  async #gone(socket: WebSocket): Promise<void> {
    const { user_id } = this.#sessions.of(socket).caller;
    if (this.#sessions.sockets(user_id).some((other) => other !== socket)) return;
    const { room } = this;
    if (!room) return;
    this.#emit(this.#typing.stop(room, user_id));
    await this.#hub(user_id).detach(room.id);
  }

  #hub(userId: string) {
    return this.env.USER_HUB.get(this.env.USER_HUB.idFromName(userId));
  }
}
