/**
 * What turns an operation into rows, events and a projection: the order of things, and nothing about what they mean.
 *
 * Invariant: in one turn everything is written before anything is sent; the output gate holds the sends until the
 * rows are on disk.
 */
import { openDirectory } from "../directory/database.ts";
import { clearMessages, project } from "../directory/projection.ts";
import { type AttachmentDesk, attachmentIds } from "../domain/attachments.ts";
import type { Caller } from "../domain/caller.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import type { DeliveryAnswer } from "../domain/wake.ts";
import { type Env, limitsOf } from "../env.ts";
import { AlarmClock } from "../objects/alarm-clock.ts";
import type { Reply } from "../objects/frames.ts";
import { sizeOf } from "../objects/parcel.ts";
import { Sessions } from "../objects/sessions.ts";
import { Stubs } from "../objects/stubs.ts";
import {
  type ConversationChanges,
  type FetchedMessage,
  MAX_SYNC_CHARACTERS,
  MAX_SYNC_MESSAGES,
  type ServerEvent,
} from "../protocol/index.ts";
import { attachmentDesk, Confirmations } from "./attachments.ts";
import { changesForFormer, changesSince, toFrames } from "./changes.ts";
import { sweepExpired } from "./delete.ts";
import { FanOut } from "./fan-out.ts";
import { Inbox } from "./inbox.ts";
import { type Limits, type Operation, type OperationResult, perform } from "./operations.ts";
import { Projector } from "./projector.ts";
import { newestUndelivered } from "./read.ts";
import { ReceiptPump } from "./receipt-pump.ts";
import { redactEvent } from "./redaction.ts";
import { answer, type Change, type Emission, Room, refuse } from "./room.ts";
import { refreshProfile } from "./roster.ts";
import { claimAttachments } from "./send.ts";
import { type MemberRow, Store } from "./store.ts";
import { Told } from "./told.ts";
import { Typing } from "./typing.ts";

export class Engine {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly clock: AlarmClock;
  readonly fanOut: FanOut;
  readonly projector: Projector;
  readonly typing: Typing;
  readonly told: Told;
  /** The members' hubs, by user. */
  readonly hubs: Stubs<ReturnType<Env["USER_HUB"]["get"]>>;
  readonly #limits: Limits;
  readonly #desk: AttachmentDesk;
  readonly #confirmations: Confirmations;
  readonly #ctx: DurableObjectState;
  readonly #inbox: Inbox;
  readonly #pump: ReceiptPump;
  /** Objects whose messages were deleted in this turn: their bytes go once that is on disk. */
  #discarded: string[] = [];
  #room: Room | undefined;

  /** @param closed see {@link Sessions}. */
  constructor(ctx: DurableObjectState, env: Env, closed: (socket: WebSocket) => void) {
    this.#limits = limitsOf(env);
    this.#ctx = ctx;
    this.#desk = attachmentDesk(ctx);
    this.#confirmations = new Confirmations(this.#desk);
    this.hubs = new Stubs(env.USER_HUB);
    this.store = new Store(ctx.storage);
    this.sessions = new Sessions(ctx, closed);
    this.clock = new AlarmClock(ctx);
    this.typing = new Typing((emissions) => this.#emit(emissions));
    this.#inbox = new Inbox(
      () => ctx.storage.sync(),
      () => this.#endTurn(),
      () => this.sessions.listeners,
    );
    this.fanOut = new FanOut(this.sessions, this.store, {
      redact: (emission, subject) => (this.room ? redactEvent(this.room, emission, subject) : []),
      callHub: (userId, { frames, seqs }) =>
        this.hubs.call(userId, async (hub): Promise<DeliveryAnswer> => {
          return await hub.deliver(this.room?.id ?? "", frames, seqs);
        }),
      handedHere: (handed) => this.room && this.#pump.handedHere(this.room, handed),
      delivered: (userId, seq) => this.delivered(userId, seq),
    });
    this.#pump = new ReceiptPump({
      liveSince: (seq) => this.sessions.usersSince(seq),
      runRound: () => this.#runRound(),
    });
    this.told = new Told(this.store, {
      emit: (emissions) => this.#emit(emissions),
      isIdle: () => this.fanOut.isIdle && this.#pump.isIdle,
      tellLost: (frame) => this.fanOut.tellLost(frame),
      ringBy: (time) => this.clock.ringBy(time),
    });
    this.projector = new Projector({
      room: () => this.room,
      write: (flush) => project(openDirectory(env.DB), flush),
      clear: (id) => clearMessages(openDirectory(env.DB), id),
      ringBy: (time) => this.clock.ringBy(time),
      committed: () => ctx.storage.sync(),
    });
  }

  /** The conversation; undefined if this object holds none. */
  get room(): Room | undefined {
    this.#room ??= Room.load(this.store);
    return this.#room;
  }

  /** Answers a member's question; anybody else learns only whether the conversation exists (rule 6). */
  ask<T>(
    caller: Caller,
    question: (room: Room, member: MemberRow) => Outcome<T>,
    unknown: "CONVERSATION_NOT_FOUND" | "NOT_FOUND" = "CONVERSATION_NOT_FOUND",
  ): Outcome<T> {
    const { room } = this;
    if (!room) return refused(unknown);
    const member = room.member(caller.user_id);
    return member ? question(room, member) : refused("FORBIDDEN");
  }

  /**
   * Carries out a member's operation. Resolves when it is written; what goes out is held until it is on disk.
   * @param reply answers in the turn of the change: what is sent then is held like everything else.
   */
  async perform(
    caller: Caller,
    operation: Operation,
    reply?: Reply,
  ): Promise<Outcome<OperationResult[Operation["type"]]>> {
    if (operation.type !== "send" || attachmentIds(operation.input).length === 0) {
      return await this.#perform(caller, operation, reply);
    }
    const { maxMessageLength } = this.#limits;
    const claim = this.ask(caller, (room, member) =>
      claimAttachments(room, member, operation.input, maxMessageLength),
    );
    if (!claim.ok) return claim;
    // A retry finds its message in the turn, whatever has become of the files.
    if (!claim.body) return await this.#perform(caller, operation, reply);
    const confirmed = await this.#confirmations.confirm(claim.body);
    return confirmed.ok
      ? await this.#perform(caller, { ...operation, attachments: confirmed.body }, reply)
      : confirmed;
  }

  async #perform(
    caller: Caller,
    operation: Operation,
    reply?: Reply,
  ): Promise<Outcome<OperationResult[Operation["type"]]>> {
    return await this.change((now) => {
      const { room } = this;
      if (!room) return { outcome: refused("CONVERSATION_NOT_FOUND"), emissions: [] };
      const profile = refreshProfile(room, caller);
      const before = room.member(caller.user_id);
      const run = () => {
        const member = room.member(caller.user_id);
        return member
          ? perform(room, member, operation, this.#limits, now)
          : refuse(refused("FORBIDDEN").error);
      };
      // A plain message is one insert, which needs no savepoint to be whole.
      const isPlain =
        operation.type === "send" && !operation.input.metadata?.mentions && !operation.attachments;
      const change = isPlain ? run() : this.store.atomically(run);
      if (before && change.outcome.ok) this.#follow(room, before, operation, now);
      return { ...change, emissions: [...profile, ...change.emissions] };
    }, reply);
  }

  /** Makes a change: write, then send in the same turn, then project. */
  async change<T>(make: (now: number) => Change<T>, reply?: Reply): Promise<Outcome<T>> {
    return await this.#inbox.submit(() => {
      const before = this.#version();
      try {
        const now = Date.now();
        const { outcome, emissions, removed = [], discarded = [] } = make(now);
        this.fanOut.add(emissions);
        for (const userId of removed) this.#part(userId);
        this.#discarded.push(...discarded);
        if (this.#version() !== before) this.projector.changed(now);
        reply?.(outcome);
        return outcome;
      } catch (error) {
        this.forget();
        throw error;
      }
    });
  }

  /** Does something in a turn, with what else has come meanwhile; see {@link Inbox.post}. Neither may throw. */
  inTurn(act: () => void, read?: () => void): void {
    this.#inbox.post(act, read);
  }

  /** Answers one socket, behind what the turn has for everybody; at once if none runs. */
  answer(socket: WebSocket, event: ServerEvent): void {
    this.fanOut.answer(socket, event);
    if (!this.#inbox.isRunning) this.fanOut.flush();
  }

  /** Memory may be ahead of the rows, or behind them: they are read again before anything else happens. */
  forget(): void {
    this.#room = undefined;
  }

  /** A member's devices have everything up to `seq`. */
  delivered(userId: string, seq: number): void {
    const { room } = this;
    if (!room) return;
    this.#pump.delivered(room, userId, seq);
    if (this.#pump.dueNow(room)) this.#runRound();
  }

  /**
   * The frames that bring a client up to date, and the number up to which they do; what they hold is delivered. A
   * former member learns only that they are out.
   */
  resume(caller: Caller, since: number): Outcome<{ frames: string[]; seq: number }> {
    const { room } = this;
    const known = room?.roster.get(caller.user_id);
    if (!room) return refused("CONVERSATION_NOT_FOUND");
    if (!known) return refused("FORBIDDEN");
    const member = room.member(caller.user_id);
    if (!member) return found({ frames: toFrames(changesForFormer(room, since)), seq: 0 });
    // What was said before is among the changes, so it must not come again behind them.
    this.fanOut.flush();
    this.fanOut.callNow();
    let changes = changesSince(room, member, since, MAX_SYNC_MESSAGES);
    let frames = toFrames(changes);
    if (sizeOf(frames) > MAX_SYNC_CHARACTERS) {
      changes = changesSince(room, member, null);
      frames = toFrames(changes);
    }
    this.#fetched(room, member, changes);
    return found({ frames, seq: changes.seq });
  }

  /**
   * What has changed for a member since a position, for `GET /sync`; see `changesSince`. The messages may not fit into
   * the page any more: who hands them over says that they are delivered.
   */
  changes(caller: Caller, since: number | null, maxMessages: number): Outcome<ConversationChanges> {
    return this.ask(caller, (room, member) => {
      const changes = changesSince(room, member, since, maxMessages);
      if (newestForeignIn(changes, member) === undefined) this.#fetched(room, member, changes);
      return found(changes);
    });
  }

  /** What a member fetches is delivered with that. */
  #fetched(room: Room, member: MemberRow, changes: ConversationChanges): void {
    const newest = newestForeignIn(changes, member);
    // Who comes from a position has everything up to it, also what was handed over just before an object died.
    const seq = newest?.seq ?? newestUndelivered(room, member, changes.limited ? 0 : changes.since);
    if (seq !== undefined) this.delivered(member.user_id, seq);
  }

  /** Deletes what has expired (rule 10). */
  async sweep(): Promise<void> {
    for (let more = true; more; ) {
      const outcome = await this.change((now) => {
        const { room } = this;
        return room ? this.store.atomically(() => sweepExpired(room, now)) : answer({ more: false });
      });
      more = outcome.ok && outcome.body.more;
    }
  }

  /** Somebody is no member any more: they hear that, they type no longer, and their sockets close. */
  #part(userId: string): void {
    if (this.room) this.typing.stop(this.room, userId);
    // At once: the next change of this turn may bring them back, which their old sockets must not hear.
    this.fanOut.flush();
    for (const socket of this.sessions.sockets(userId)) this.sessions.close(socket, "REMOVED", "removed");
  }

  /** What a success brings with it that is not written. @param before the member as they were. */
  #follow(room: Room, before: MemberRow, operation: Operation, now: number): void {
    const { user_id, last_read_seq } = before;
    if (operation.type === "send") {
      const { settings } = room.info;
      const lifetime = settings.disappearing_ttl_seconds * 1000;
      if (settings.disappearing_messages_enabled) this.clock.ringBy(now + lifetime);
      this.typing.stop(room, user_id);
    }
    // A watermark that did not move is told to nobody.
    if (operation.type === "read" && operation.seq > last_read_seq) {
      this.#pump.read(room, user_id, operation.seq, now);
    }
  }

  #version(): string {
    return `${this.room?.head}.${this.room?.rev}`;
  }

  /** The end of a turn: everything that was written is sent, and what a direct chat tells at once is told. */
  #endTurn(): void {
    const { room } = this;
    if (room && this.#pump.isRipe && this.fanOut.hasEvents)
      this.fanOut.add(this.#pump.round(room, Date.now()));
    this.fanOut.flush();
    const discarded = this.#discarded.splice(0);
    if (discarded.length > 0) this.#ctx.waitUntil(this.#desk.discard(discarded));
    if (!room || !this.#pump.dueNow(room)) return;
    this.fanOut.add(this.#pump.round(room, Date.now()));
    this.fanOut.flush();
  }

  /** A round of receipts, in a turn of its own. */
  #runRound(): void {
    void this.change((now) => {
      const { room } = this;
      return { outcome: found(null), emissions: room ? this.#pump.round(room, now) : [] };
    });
  }

  #emit(emissions: Emission[]): void {
    this.fanOut.add(emissions);
    if (!this.#inbox.isRunning) this.fanOut.flush();
  }
}

/** The newest of the others' messages among changes. */
function newestForeignIn(
  { messages }: ConversationChanges,
  { user_id }: { user_id: string },
): FetchedMessage | undefined {
  return messages.findLast((message) => message.sender_id !== user_id);
}
