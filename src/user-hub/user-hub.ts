/** The Durable Object of one user: their sockets on all devices, and their presence. It wires. */
import { DurableObject } from "cloudflare:workers";
import {
  decodeFrame,
  encodeEvent,
  HEARTBEAT_MS,
  isConversationId,
  type PresenceStatus,
  parseMessageId,
  TICKET_TTL_MS,
} from "@rocket-chat-api/protocol";
import { openDirectory } from "../directory/database.ts";
import { refreshFromClaims, toCaller } from "../directory/users.ts";
import type { Caller, Identity } from "../domain/caller.ts";
import { commandOfFrame } from "../domain/command.ts";
import { earliest } from "../domain/deadlines.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import { type Overspent, type Spending, spend } from "../domain/quota.ts";
import type { DeliveryAnswer } from "../domain/wake.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import { AlarmClock } from "../realtime/alarm-clock.ts";
import { laneOf } from "../realtime/frame-order.ts";
import { Frames, type ObjectCommand } from "../realtime/frames.ts";
import {
  type ConversationObject,
  type DirectSocket,
  hubObject,
  type TicketHolder,
  type UserHubObject,
} from "../realtime/objects.ts";
import { answerClose, readHandshake, type Session, Sessions } from "../realtime/sessions.ts";
import { settledWithin } from "../realtime/settled-within.ts";
import { Stubs } from "../realtime/stubs.ts";
import { resumeSocket } from "./catch-up.ts";
import { CatchUpBuffer } from "./catch-up-buffer.ts";
import { Presence } from "./presence.ts";
import { ProfileUpdates } from "./profile-updates.ts";
import { type Device, HubStore } from "./store.ts";
import { wakeIdleIn } from "./wake.ts";

/** A socket opens after this long, in milliseconds, however many conversations are still to be woken. */
const WAKE_WAIT_MS = 250;
/** How far the clocks of two objects may be apart, in milliseconds. */
const CLOCK_SLACK_MS = 1_000;
/** Conversations that could not be woken are tried again after this long, in milliseconds. */
const WAKE_RETRY_MS = 1_000;
/** Who changes their profile waits so long for conversations to show it, in milliseconds. */
const PROFILE_WAIT_MS = 250;

export class UserHub extends DurableObject<Env> implements UserHubObject {
  readonly #store: HubStore;
  readonly #sessions: Sessions;
  readonly #frames: Frames;
  readonly #clock: AlarmClock;
  readonly #presence: Presence;
  readonly #profiles: ProfileUpdates;
  readonly #conversations: Stubs<ConversationObject>;
  /** Where each socket's user was typing when last heard. */
  readonly #typing = new WeakMap<WebSocket, Set<string>>();
  readonly #catchUp = new CatchUpBuffer();
  #waking: Promise<void> | undefined;
  #wakingLate: Promise<void> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new HubStore(ctx.storage);
    this.#sessions = new Sessions(ctx, (socket) => ctx.waitUntil(this.#gone(socket)));
    this.#frames = new Frames({
      env,
      sessions: this.#sessions,
      laneOf,
      execute: (socket, session, command) => this.#execute(socket, session, command),
      refreshed: (identity) => ctx.waitUntil(this.claimsSeen(identity)),
      send: (socket, event) => this.#sessions.send(socket, [encodeEvent(event)]),
      flush: () => undefined,
    });
    this.#clock = new AlarmClock(ctx);
    this.#conversations = new Stubs<ConversationObject>(env.CONVERSATION);
    this.#presence = new Presence(this.#store, {
      statuses: () => this.#statuses(),
      reachable: () => !this.#sessions.isEmpty,
      directory: () => openDirectory(env.DB),
      tellSelf: (frame) => this.#sessions.broadcast([frame]),
      tellUser: (userId, frame) => hubObject(env, userId).deliverFrame(frame),
      tellConversation: (id, frame) =>
        this.#conversations.call(id, (conversation) =>
          conversation.notifyPresence(this.#store.row()?.user_id ?? "", frame),
        ),
      ringBy: (time) => this.#clock.ringBy(time),
    });
    this.#profiles = new ProfileUpdates(this.#store, {
      directory: () => openDirectory(env.DB),
      tellSelf: (frame) => this.#sessions.broadcast([frame]),
      tellConversation: (id, profile) =>
        this.#conversations.call(id, (conversation) => conversation.profileChanged(profile)),
      ringBy: (time) => this.#clock.ringBy(time),
    });
    if (this.#store.exists()) void ctx.blockConcurrencyWhile(() => this.#store.migrate());
  }

  /**
   * Takes events of one conversation for this user.
   * @param seqs the number of each, 0 for those without one.
   * @returns "idle" when no socket is open; the conversation is then remembered and woken on the next connect.
   */
  async deliver(conversationId: string, frames: string[], seqs: number[]): Promise<DeliveryAnswer> {
    // A socket is about to open: an "asleep" now would be as new as the wake that is on its way, and win.
    if (this.#waking && this.#sessions.isEmpty) await this.#waking;
    // Nor may whoever is woken late be forgotten as a sleeper behind a new "asleep".
    if (this.#wakingLate && this.#sessions.isEmpty) await this.#wakingLate;
    await this.#ready();
    const sockets = this.#sessions.sockets();
    if (this.#catchUp.isOpenFor(conversationId)) this.#sessions.broadcast(frames);
    else {
      for (const socket of sockets) {
        const news = this.#catchUp.pass(socket, conversationId, { frames, seqs });
        if (news.length > 0) this.#sessions.send(socket, news);
      }
    }
    if (sockets.length > 0) return { idle: false };
    this.#store.addIdleIn(conversationId);
    return { idle: true, wake_epoch: this.#store.row()?.wake_epoch ?? 0 };
  }

  /** A frame for this user's devices that are connected here; nobody hears is no error. */
  async deliverFrame(frame: string): Promise<void> {
    this.#sessions.broadcast([frame]);
  }

  /** A frame about one conversation, for all of this user's devices, here and at the conversation. */
  async notify(frame: string, conversationId: string): Promise<void> {
    this.#sessions.broadcast([frame]);
    const row = this.#store.exists() ? this.#store.row() : undefined;
    const isThere = (device: Device): boolean => device.conversation_id === conversationId;
    if (!row || ![...this.#store.devices().values()].some(isThere)) return;
    await this.#conversations.call(conversationId, (place) => place.forward(row.user_id, [frame]));
  }

  /** The user has a socket at a conversation itself. */
  async attach(userId: string, place: DirectSocket): Promise<void> {
    await this.#ready();
    const now = Date.now();
    const known = this.#store.devices().get(place.connection_id);
    this.#store.setDevice({ ...place, status: known?.status ?? this.#presence.arriving(userId, now) });
    this.#clock.ringBy(place.expires_at);
    await this.#presence.refresh(now);
  }

  /** A socket at a conversation has closed. */
  async detach(connectionId: string): Promise<void> {
    const device = this.#store.exists() ? this.#store.removeDevice(connectionId) : undefined;
    if (device) await this.#presence.left(device.status, Date.now());
  }

  /** A device at a conversation says how its user wants to be seen (rule 22). */
  async setStatus(userId: string, status: PresenceStatus, place: DirectSocket): Promise<Outcome<null>> {
    await this.#ready();
    this.#store.rowOf(userId);
    this.#store.setDevice({ ...place, status });
    this.#clock.ringBy(place.expires_at);
    await this.#presence.refresh(Date.now());
    return found(null);
  }

  /**
   * The user's profile has changed in the directory: the conversations that they are in hear of it. Resolves when it is
   * certain that all will, and for most users when they have.
   */
  async profileChanged(profile: Caller): Promise<void> {
    await this.#ready();
    const told = this.#profiles.changed(profile, Date.now());
    this.ctx.waitUntil(told);
    await settledWithin(told, PROFILE_WAIT_MS);
  }

  /** A newer token has come over a socket: what it says of its owner counts as it would with a request. */
  async claimsSeen(identity: Identity): Promise<void> {
    try {
      const row = await refreshFromClaims(openDirectory(this.env.DB), identity, Date.now());
      if (row.is_untold) await this.profileChanged(toCaller(row));
    } catch (error) {
      // Chat goes on while the directory is down; the next request with this token does it.
      log("warn", "profile.unavailable", { ...errorFields(error) });
    }
  }

  /** Makes a ticket that opens one socket within half a minute (rule 4). */
  async issueTicket(holder: TicketHolder): Promise<string> {
    const ticket = `${holder.caller.user_id}.${crypto.randomUUID()}`;
    await this.#ready();
    const now = Date.now();
    this.#store.sweepTickets(now);
    this.#store.addTicket(ticket, holder, now + TICKET_TTL_MS);
    // When a socket that it opens would ring as well.
    this.#clock.ringBy(now + 2 * HEARTBEAT_MS);
    return ticket;
  }

  /** Uses a ticket up; undefined if it is unknown, used or too old. */
  async redeemTicket(ticket: string): Promise<TicketHolder | undefined> {
    return this.#store.exists() ? this.#store.takeTicket(ticket, Date.now()) : undefined;
  }

  /** Takes from the user's budgets. @returns why it cannot, if so; then nothing is taken. */
  async spend(wanted: Spending): Promise<Overspent | undefined> {
    const result = spend(this.#store.spent(), wanted, Date.now());
    if ("refused" in result) return result.refused;
    this.#store.putSpent(result.spent);
    return undefined;
  }

  /** Takes a socket of this user's. The Worker has authenticated them. */
  override async fetch(request: Request): Promise<Response> {
    const handshake = readHandshake(request);
    const { user_id } = handshake.caller;
    await this.#ready();
    // Before the socket can hear: what is said from here on is said to an awake hub.
    if (this.#sessions.isEmpty) {
      this.#waking ??= this.#wakeUp(user_id).finally(() => {
        this.#waking = undefined;
      });
      this.ctx.waitUntil(this.#waking);
    }
    if (this.#waking) await settledWithin(this.#waking, WAKE_WAIT_MS);
    const now = Date.now();
    const { response } = this.#sessions.accept(handshake, { status: this.#presence.arriving(user_id, now) });
    this.#clock.ringBy(Math.min(handshake.expires_at, now + 2 * HEARTBEAT_MS));
    this.ctx.waitUntil(this.#presence.refresh(now));
    return response;
  }

  override async webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> {
    const heard = this.#frames.receive(socket);
    if (heard === "ignored") return;
    await this.#frames.handle(socket, decodeFrame(frame), heard);
    this.#clock.ringBy(this.#sessions.of(socket).expires_at);
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    answerClose(socket, code);
    if (this.#sessions.forget(socket)) await this.#gone(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    answerClose(socket, 1011);
    if (this.#sessions.forget(socket)) await this.#gone(socket);
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    this.#clock.rang();
    this.#sessions.closeExpired(now);
    this.#store.sweepTickets(now);
    await this.#verifyDevices(now);
    const row = this.#store.row();
    if (row && !this.#sessions.isEmpty) {
      this.#wakingLate ??= this.#wakeLate(row.user_id, row.wake_epoch).finally(() => {
        this.#wakingLate = undefined;
      });
      await this.#wakingLate;
    }
    this.#clock.ringBy(this.#sessions.closeGone(now));
    const isConnected = this.#statuses().length > 0;
    if (row && !isConnected && row.closed_at === null) this.#store.update({ closed_at: now });
    await this.#presence.refresh(now);
    const expiries = [...this.#store.devices().values()].map((device) => device.expires_at);
    this.#clock.ringBy(earliest(this.#sessions.nextExpiry(), ...expiries));
    if (row) await this.#profiles.run(now);
  }

  /** Makes the tables of a user who is seen for the first time. */
  async #ready(): Promise<void> {
    if (!this.#store.exists()) await this.#store.migrate();
  }

  /** What each connected device says of its user. */
  #statuses(): PresenceStatus[] {
    const here = this.#sessions.sockets().map((socket) => this.#sessions.of(socket).status);
    return [...here, ...[...this.#store.devices().values()].map((device) => device.status)];
  }

  /** Only a hub whose conversation vanished with its sockets, or whose user has a newer token there, finds something. */
  async #verifyDevices(now: number): Promise<void> {
    const userId = this.#store.row()?.user_id ?? "";
    for (const device of [...this.#store.devices().values()].filter(({ expires_at }) => expires_at <= now)) {
      const isThere = await this.#conversations
        .call(device.conversation_id, (conversation) => conversation.hasSocket(userId, device.connection_id))
        .catch(() => true);
      if (isThere) this.#store.setDevice({ ...device, expires_at: now + 3_600_000 });
      else await this.detach(device.connection_id);
    }
  }

  async #execute(socket: WebSocket, session: Session, command: ObjectCommand): Promise<Outcome<unknown>> {
    if (command.type === "presence.update") {
      this.#sessions.update(socket, { ...session, status: command.status });
      await this.#presence.refresh(Date.now());
      return found(null);
    }
    if (command.type === "sync") return await this.#resume(socket, session.caller, command.conversations);
    const id =
      "conversation_id" in command
        ? command.conversation_id
        : parseMessageId(command.message_id)?.conversation_id;
    if (id === undefined) return refused("NOT_FOUND", "No such message");
    if (!isConversationId(id)) return refused("CONVERSATION_NOT_FOUND");
    if (command.type === "typing.start") this.#typingAt(socket).add(id);
    if (command.type === "typing.stop") this.#typingAt(socket).delete(id);
    const outcome = await this.#conversations.call(id, (conversation) =>
      conversation.execute(session.caller, commandOfFrame(command)),
    );
    if (command.type === "typing.start" && !outcome.ok) this.#typingAt(socket).delete(id);
    return outcome;
  }

  async #resume(socket: WebSocket, caller: Caller, cursors: Record<string, number>) {
    const wake_epoch = this.#store.rowOf(caller.user_id).wake_epoch;
    return await resumeSocket(this.#sessions, this.#catchUp, socket, cursors, async (id, since) => {
      return await this.#conversations.call(id, (conversation) =>
        conversation.resume(caller, since, wake_epoch),
      );
    });
  }

  #typingAt(socket: WebSocket): Set<string> {
    let places = this.#typing.get(socket);
    if (!places) {
      places = new Set();
      this.#typing.set(socket, places);
    }
    return places;
  }

  /** From no socket to one: a new wake_epoch, and everybody who skips this user stops doing so. */
  async #wakeUp(userId: string): Promise<void> {
    const wake_epoch = this.#store.rowOf(userId).wake_epoch + 1;
    this.#store.update({ wake_epoch });
    const began = Date.now();
    await this.#wakeIdleIn(userId, wake_epoch, (conversation_id, skippedAt) => {
      // The socket is open already: what was said to nobody since it began to open is asked for.
      if (!this.#sessions.isEmpty && skippedAt >= began - CLOCK_SLACK_MS) this.#requireSync(conversation_id);
    });
  }

  #requireSync(conversation_id: string): void {
    this.#sessions.broadcast([encodeEvent({ type: "sync.required", conversation_id })]);
  }

  async #wakeIdleIn(
    userId: string,
    wake_epoch: number,
    woken: (conversationId: string, skippedAt: number) => void,
  ): Promise<void> {
    const reached = await wakeIdleIn(this.#store, async (id) => {
      const skippedAt = await this.#conversations.call(id, (conversation) =>
        conversation.wake(userId, wake_epoch),
      );
      woken(id, skippedAt);
    });
    if (!reached) this.#clock.ringBy(Date.now() + WAKE_RETRY_MS);
  }

  /** Conversations that could not be woken when the socket opened: what they said since was not heard. */
  async #wakeLate(userId: string, wake_epoch: number): Promise<void> {
    await this.#wakeIdleIn(userId, wake_epoch, (conversation_id) => this.#requireSync(conversation_id));
  }

  /** A socket has closed: its user types nowhere any more, and may be gone. */
  async #gone(socket: WebSocket): Promise<void> {
    const { caller, status } = this.#sessions.of(socket);
    this.#catchUp.forget(socket);
    // At once: while typing is stopped elsewhere the device may be back.
    const told = this.#presence.left(status, Date.now());
    await Promise.allSettled([told, this.#stopTyping(socket, caller)]);
  }

  async #stopTyping(socket: WebSocket, caller: Caller): Promise<void> {
    const places = [...this.#typingAt(socket)];
    const stopAt = (id: string) =>
      this.#conversations.call(id, (conversation) =>
        conversation.execute(caller, { operation: "stopTyping", conversation_id: id, input: {} }),
      );
    await Promise.allSettled(places.map(stopAt));
  }
}
