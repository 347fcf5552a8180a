/** The Durable Object of one conversation. It wires: decisions and rows are in the modules it calls. */
import { DurableObject } from "cloudflare:workers";
import { openDirectory } from "../directory/database.ts";
import { project } from "../directory/projection.ts";
import type { Caller } from "../domain/caller.ts";
import { type Outcome, refused } from "../domain/outcome.ts";
import { type Env, limitsOf } from "../env.ts";
import { AlarmClock } from "../objects/alarm-clock.ts";
import { handleFrame, type ObjectCommand } from "../objects/frames.ts";
import { answerClose, readHandshake, type Session, Sessions } from "../objects/sessions.ts";
import {
  type ConversationSnapshot,
  type FetchedMessage,
  type HistoryQuery,
  type Message,
  type MessagePage,
  PROJECTION_WAIT_MS,
  type SendMessage,
} from "../protocol/index.ts";
import { type Beginning, begin } from "./create.ts";
import { FanOut } from "./fan-out.ts";
import { history, oneMessage } from "./history.ts";
import { Inbox } from "./inbox.ts";
import { Projector, projectFromZero } from "./projector.ts";
import { type Change, Room } from "./room.ts";
import { send } from "./send.ts";
import { Store } from "./store.ts";
import { toSnapshot } from "./views.ts";

export class Conversation extends DurableObject<Env> {
  readonly #store: Store;
  readonly #sessions: Sessions;
  readonly #clock: AlarmClock;
  readonly #fanOut: FanOut;
  readonly #inbox: Inbox;
  readonly #projector: Projector;
  #room: Room | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new Store(ctx.storage);
    this.#sessions = new Sessions(ctx);
    this.#clock = new AlarmClock(ctx);
    this.#fanOut = new FanOut(this.#sessions, this.#store, (userId, frames) => this.#callHub(userId, frames));
    this.#inbox = new Inbox(
      () => ctx.storage.sync(),
      () => this.#fanOut.flush(),
    );
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
    const outcome = await this.#change((now) => {
      const { room, change } = begin(this.#store, this.room, beginning, now);
      this.#room = room;
      return change;
    });
    await this.#projector.settled(PROJECTION_WAIT_MS);
    return outcome;
  }

  /** Sends a message for a REST client, which sees it in its list afterwards unless D1 is slow or down. */
  async send(caller: Caller, input: SendMessage): Promise<Outcome<Message>> {
    const outcome = await this.#send(caller, input);
    await this.#projector.settled(PROJECTION_WAIT_MS);
    return outcome;
  }

  /** Carries out a command that reached a socket of the caller's hub. */
  async command(caller: Caller, command: ObjectCommand): Promise<Outcome<unknown>> {
    switch (command.type) {
      case "message.send":
        return await this.#send(caller, command.data);
      default:
        return command.type satisfies never;
    }
  }

  /** A page of messages. */
  async history(caller: Caller, query: HistoryQuery): Promise<Outcome<MessagePage>> {
    return this.#read((room) => history(room, caller, query));
  }

  /** One message. */
  async message(caller: Caller, seq: number): Promise<Outcome<FetchedMessage>> {
    const { room } = this;
    return room ? oneMessage(room, caller, seq) : refused("NOT_FOUND");
  }

  /** The conversation, whole. */
  async details(caller: Caller): Promise<Outcome<ConversationSnapshot>> {
    return this.#read((room) =>
      room.memberOf(caller) ? { ok: true, status: 200, body: toSnapshot(room) } : refused("FORBIDDEN"),
    );
  }

  /** A member's hub has a socket again. */
  async wake(userId: string, generation: number): Promise<void> {
    if (this.room) this.#fanOut.wake(userId, generation);
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
    const allowed = await this.details(handshake.caller);
    if (!allowed.ok) return Response.json(allowed.error, { status: 403 });
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
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    answerClose(socket, 1011);
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    this.#clock.rang();
    this.#sessions.closeExpired(now);
    this.#clock.ringBy(this.#sessions.nextExpiry());
    this.#projector.alarm(now);
  }

  async #dispatch(session: Session, command: ObjectCommand): Promise<Outcome<unknown>> {
    if (command.conversation_id !== this.room?.id) {
      return refused("VALIDATION_ERROR", "This socket belongs to another conversation");
    }
    return await this.command(session.caller, command);
  }

  async #send(caller: Caller, input: SendMessage): Promise<Outcome<Message>> {
    const { maxMessageLength } = limitsOf(this.env);
    return await this.#change((now) => {
      const { room } = this;
      if (!room) return { outcome: refused("CONVERSATION_NOT_FOUND"), events: [] };
      return send(room, caller, input, maxMessageLength, now);
    });
  }

  /** Makes a change: write, then send in the same turn, then project. */
  async #change<T>(make: (now: number) => Change<T>): Promise<Outcome<T>> {
    return await this.#inbox.submit(() => {
      try {
        const now = Date.now();
        const { outcome, events } = make(now);
        this.#fanOut.add(events, () => (this.room?.currentMembers() ?? []).map((member) => member.user_id));
        if (events.length > 0) this.#projector.changed(now);
        return outcome;
      } catch (error) {
        // Memory may be ahead of the rows now: read them again before anything else happens.
        this.#room = undefined;
        throw error;
      }
    });
  }

  #read<T>(ask: (room: Room) => Outcome<T>): Outcome<T> {
    const { room } = this;
    return room ? ask(room) : refused("CONVERSATION_NOT_FOUND");
  }

  #callHub(userId: string, frames: string[]) {
    const hub = this.env.USER_HUB.get(this.env.USER_HUB.idFromName(userId));
    return hub.deliver(this.room?.id ?? "", frames);
  }
}
