/** The Durable Object of one user: their sockets on all devices, and their presence. It wires. */
import { DurableObject } from "cloudflare:workers";
import { openDirectory } from "../directory/database.ts";
import { setPresence } from "../directory/users.ts";
import { earliest } from "../domain/deadlines.ts";
import { type Outcome, refused } from "../domain/outcome.ts";
import type { DeliveryAnswer } from "../domain/wake.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import { AlarmClock } from "../objects/alarm-clock.ts";
import { handleFrame, type ObjectCommand } from "../objects/frames.ts";
import { answerClose, readHandshake, type Session, Sessions } from "../objects/sessions.ts";
import { isConversationId, OFFLINE_AFTER_MS, type PresenceStatus, TICKET_TTL_MS } from "../protocol/index.ts";
import { HubStore, type TicketHolder } from "./store.ts";

/** Calls in flight while conversations are woken. */
const WAKE_CONCURRENCY = 16;
/** Conversations that could not be woken are tried again after this long, in milliseconds. */
const WAKE_RETRY_MS = 1_000;

export class UserHub extends DurableObject<Env> {
  readonly #store: HubStore;
  readonly #sessions: Sessions;
  readonly #clock: AlarmClock;
  /** One stub for each conversation: calls through the same stub arrive in the order they were made. */
  readonly #conversations = new Map<string, ReturnType<Env["CONVERSATION"]["get"]>>();
  #waking: Promise<void> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new HubStore(ctx.storage);
    this.#sessions = new Sessions(ctx);
    this.#clock = new AlarmClock(ctx);
    void ctx.blockConcurrencyWhile(() => this.#store.migrate());
  }

  /**
   * Takes events of one conversation for this user.
   * @returns "asleep" when no socket is open; the conversation is then remembered and woken on the next connect.
   */
  async deliver(conversationId: string, frames: string[]): Promise<DeliveryAnswer> {
    // A socket is about to open: an "asleep" now would be as new as the wake that is on its way, and win.
    if (this.#waking) await this.#waking;
    if (this.#sessions.sockets().length > 0) {
      this.#sessions.broadcast(frames);
      return { asleep: false };
    }
    this.#store.rememberSleeper(conversationId);
    return { asleep: true, generation: this.#store.row()?.generation ?? 0 };
  }

  /** Makes a ticket that opens one socket within half a minute (rule 4). */
  async issueTicket(holder: TicketHolder): Promise<string> {
    const ticket = `${holder.caller.user_id}.${crypto.randomUUID()}`;
    this.#store.addTicket(ticket, holder, Date.now() + TICKET_TTL_MS);
    return ticket;
  }

  /** Uses a ticket up; undefined if it is unknown, used or too old. */
  async redeemTicket(ticket: string): Promise<TicketHolder | undefined> {
    return this.#store.takeTicket(ticket, Date.now());
  }

  /** Takes a socket of this user's. The Worker has authenticated them. */
  override async fetch(request: Request): Promise<Response> {
    const handshake = readHandshake(request);
    // Before the socket can hear: whatever is said from here on is said to an awake hub.
    if (this.#sessions.sockets().length === 0) {
      this.#waking ??= this.#wakeUp(handshake.caller.user_id).finally(() => {
        this.#waking = undefined;
      });
    }
    if (this.#waking) await this.#waking;
    const response = this.#sessions.accept(handshake);
    this.#clock.ringBy(handshake.expires_at);
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
    this.#closed(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    answerClose(socket, 1011);
    this.#closed(socket);
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    this.#clock.rang();
    this.#sessions.closeExpired(now);
    const open = this.#sessions.sockets().length > 0;
    const row = this.#store.row();
    const offlineAt = open || !row?.closed_at ? undefined : row.closed_at + OFFLINE_AFTER_MS;
    if (row && offlineAt !== undefined && offlineAt <= now) {
      this.#store.setClosedAt(null);
      await this.#announce(row.user_id, "offline");
    }
    if (open && row) await this.#wakeSleepers(row.user_id, row.generation);
    const waiting = offlineAt !== undefined && offlineAt > now ? offlineAt : undefined;
    this.#clock.ringBy(earliest(this.#sessions.nextExpiry(), waiting));
  }

  async #dispatch(session: Session, command: ObjectCommand): Promise<Outcome<unknown>> {
    const id = command.conversation_id;
    if (!isConversationId(id)) return refused("CONVERSATION_NOT_FOUND");
    // The type of a remote call would turn `unknown` into `never`; the value is an Outcome all the same.
    return (await this.#conversation(id).command(session.caller, command)) as Outcome<unknown>;
  }

  #conversation(id: string) {
    let stub = this.#conversations.get(id);
    if (!stub) {
      stub = this.env.CONVERSATION.get(this.env.CONVERSATION.idFromName(id));
      this.#conversations.set(id, stub);
    }
    return stub;
  }

  /** From no socket to one: a new generation, and everybody who skips this user stops doing so. */
  async #wakeUp(userId: string): Promise<void> {
    const generation = this.#store.woke(userId);
    await this.#wakeSleepers(userId, generation);
    this.ctx.waitUntil(this.#announce(userId, "online"));
  }

  async #wakeSleepers(userId: string, generation: number): Promise<void> {
    const ids = this.#store.sleepers();
    const wakeNext = async (): Promise<void> => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) await this.#wakeOne(id, userId, generation);
    };
    await Promise.all(Array.from({ length: WAKE_CONCURRENCY }, wakeNext));
  }

  async #wakeOne(conversationId: string, userId: string, generation: number): Promise<void> {
    try {
      await this.#conversation(conversationId).wake(userId, generation);
      this.#store.forgetSleeper(conversationId);
    } catch (error) {
      this.#conversations.delete(conversationId);
      this.#clock.ringBy(Date.now() + WAKE_RETRY_MS);
      log("warn", "wake.failed", { conversation_id: conversationId, error: String(error) });
    }
  }

  /** A socket has closed; after the last one the user stays online for a moment, for a reconnect. */
  #closed(socket: WebSocket): void {
    if (this.#sessions.sockets().some((other) => other !== socket)) return;
    const now = Date.now();
    this.#store.setClosedAt(now);
    this.#clock.ringBy(now + OFFLINE_AFTER_MS);
  }

  async #announce(userId: string, status: PresenceStatus): Promise<void> {
    try {
      await setPresence(openDirectory(this.env.DB), userId, status, Date.now());
    } catch (error) {
      log("warn", "presence.failed", { error: String(error) });
    }
  }
}
