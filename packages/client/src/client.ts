/** The client: keeps a connection, follows every conversation over it, and sends messages. */
import type { Message, PresenceStatus, ServerEvent, UnreadTotals } from "@rocket-chat-api/protocol";
import { CLOSE } from "@rocket-chat-api/protocol/facts";
import { refusalAfter, socketUrl } from "./address.ts";
import { type BackoffOptions, DEFAULT_BACKOFF } from "./backoff.ts";
import type { CatchUp } from "./catch-up.ts";
import { Connection, type ConnectionStatus } from "./connection.ts";
import { Conversations } from "./conversations.ts";
import { Emitter } from "./emitter.ts";
import { FailureReporter, failureContext } from "./failure-reporter.ts";

import { Http } from "./http.ts";
import type { Command } from "./link.ts";
import type { ClientEvents, ClientOptions } from "./options.ts";
import { type Draft, newEntry, Outbox, type OutboxEntry } from "./outbox.ts";
import { makeCatchUp, makeSyncer } from "./parts.ts";
import { Refresher } from "./refresher.ts";
import { createRest, type Rest } from "./rest.ts";
import { openSocket } from "./socket.ts";
import type { ClientStore } from "./store/host.ts";
import type { Syncer } from "./syncer.ts";
import { takeEvent } from "./take-event.ts";
import { Tokens, userOf } from "./tokens.ts";

export class ChatClient {
  readonly rest: Rest;
  /** What is known of every conversation. */
  readonly conversations: Conversations;
  readonly outbox: Outbox;
  /** The id of this installation of the app, from the options. */
  readonly device_id: string | undefined;
  /** Where all this survives the application, from the options. */
  readonly store: ClientStore | undefined;
  readonly #options: ClientOptions;
  readonly #backoff: BackoffOptions;
  readonly #tokens: Tokens;
  readonly #emitter = new Emitter<ClientEvents>();
  readonly #connection: Connection;
  readonly #syncer: Syncer;
  readonly #catchUp: CatchUp;
  readonly #refresher: Refresher;
  readonly #failures: FailureReporter;
  /** The user by the token; empty if that does not say. */
  #user = "";

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? DEFAULT_BACKOFF;
    this.device_id = options.device_id;
    this.#tokens = new Tokens(options.token);
    this.rest = createRest(new Http(options.url, this.#tokens, options.fetch));
    this.#failures = new FailureReporter(
      failureContext(options, this.#tokens, () => this.rest.me()),
      (error) => this.#emitter.emit("error", error),
    );
    this.#connection = this.#makeConnection();
    this.conversations = this.#makeConversations();
    this.#syncer = makeSyncer(this.#connection, this.conversations, this.#backoff);
    this.#catchUp = makeCatchUp(this.#connection, this.conversations, this.#backoff, this.rest);
    const [tokens, catchUp, emitter] = [this.#tokens, this.#catchUp, this.#emitter];
    this.store = options.store?.({ client: this, options, tokens, catchUp, emitter });
    this.outbox = this.#makeOutbox();
    this.#refresher = new Refresher(this.#tokens, (token) => this.command({ type: "auth.refresh", token }));
  }

  get status(): ConnectionStatus {
    return this.#connection.status;
  }

  /** The unread totals of all conversations; null if they are not known. */
  get unread(): UnreadTotals | null {
    return this.conversations.unread;
  }

  /** Calls `listener` at every event of this name. @returns a function that stops it. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (value: ClientEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Connects, and stays connected. */
  start(): void {
    this.#connection.start();
  }

  /**
   * Shows what the store has. {@link start} does that by itself: call this before the first rendering, so that the page does
   * not begin empty. Never rejects.
   */
  async load(): Promise<void> {
    await this.store?.load();
  }

  /** Disconnects, and forgets everything that the store has of this user, what waits in the outbox too. Never rejects. */
  async logOut(): Promise<void> {
    this.stop();
    await this.store?.clear();
  }

  /** Disconnects. What waits in the outbox is sent after the next {@link start}. */
  stop(): void {
    this.#failures.clear();
    this.#connection.stop();
  }

  /** Replaces the connection by a new one, for example when the device has changed its network. */
  reconnect(): void {
    this.#connection.renew();
  }

  /** Sends a message exactly once: now, or when there is a connection. @returns it as the server has it, or rejects. */
  async send(conversationId: string, draft: Draft): Promise<Message> {
    return await this.outbox.add(newEntry(conversationId, draft, Date.now()));
  }

  /** Marks this message and all before it as read. @throws ApiError or ConnectionLost. */
  async read(messageId: string): Promise<void> {
    await this.#connection.ask({ type: "message.read", message_id: messageId });
  }

  /** Shows that the viewer types, or has stopped. Does nothing without a connection. */
  typing(conversationId: string, isTyping: boolean): void {
    const type = isTyping ? "typing.start" : "typing.stop";
    this.#connection.tell({ type, conversation_id: conversationId });
  }

  /** Sets the presence that others see. */
  async setPresence(status: PresenceStatus): Promise<void> {
    await this.command({ type: "presence.update", status });
  }

  /** Sends a command that has no method here. @returns `data` of its `ack`. @throws as {@link read}. */
  async command(command: Command): Promise<unknown> {
    return await this.#connection.ask(command);
  }

  /** Asks what is new in one conversation, or in all of them. Resolves when it is here. */
  async refresh(conversationId?: string): Promise<void> {
    this.#syncer.wantAll(conversationId === undefined ? this.conversations.ids() : [conversationId]);
    if ((conversationId ?? this.#options.conversation_id) === undefined) await this.#catchUp.run();
    await this.#syncer.idle();
  }

  #makeConnection(): Connection {
    const { conversation_id: _, ...options } = this.#options;
    return new Connection(
      {
        ...options,
        backoff: this.#backoff,
        open: (url, events) => (options.openSocket ?? openSocket)(url, events, this.#user),
        url: (lean) => this.#socketUrl(lean),
      },
      {
        status: (status) => this.#turned(status),
        heard: (event) => this.#heard(event),
        ended: (code, reason, wasOpen, error) => this.#ended(code, reason, wasOpen, error),
      },
    );
  }

  #makeConversations(): Conversations {
    return new Conversations({
      rest: this.rest,
      keepMessages: this.#options.keep_messages,
      changed: (state) => this.#emitter.emit("state", state),
      missing: (id, upTo) => this.#syncer.want(id, upTo),
      ownMessage: (message) => this.outbox.confirm(message),
      unread: (totals) => this.#emitter.emit("unread", totals),
      listed: () => this.#emitter.emit("listed", undefined),
    });
  }

  #makeOutbox(): Outbox {
    const host = {
      isOnline: () => this.#connection.isOpen,
      transmit: (entry: OutboxEntry) => this.#transmit(entry),
      changed: (conversation_id: string) => this.#emitter.emit("outbox", { conversation_id }),
      refused: (entry: OutboxEntry, error: unknown) => this.#emitter.emit("refused", { entry, error }),
      backoff: this.#backoff,
    };
    return new Outbox(host, this.store?.outbox ?? this.#options.outbox);
  }

  async #socketUrl(lean: boolean): Promise<string> {
    const { conversation_id } = this.#options;
    await this.load();
    this.#user = userOf(await this.#tokens.get()) ?? "";
    this.store?.identify(this.#user, false);
    if (!this.conversations.viewer) this.conversations.identify(this.#user);
    const since = conversation_id === undefined ? 0 : this.conversations.follow(conversation_id).seq;
    return await socketUrl(this.#options, this.rest, this.#tokens, since, lean);
  }

  async #transmit({ client_message_id, conversation_id, data }: OutboxEntry): Promise<Message> {
    const sent = { ...data, client_message_id };
    const message = (await this.command({ type: "message.send", conversation_id, data: sent })) as Message;
    this.conversations.acknowledged(message);
    return message;
  }

  #turned(status: ConnectionStatus): void {
    if (status !== "open") {
      this.#refresher.stop();
      this.#catchUp.stop();
    }
    this.#emitter.emit("status", status);
  }

  #heard(event: ServerEvent): void {
    this.conversations.takeTotals(event);
    if (event.type === "connection.established") this.#established(event.data.user_id);
    else takeEvent(event, this.conversations, this.#syncer);
    this.#emitter.emit("event", event);
  }

  /** There is a connection: asks for what was missed, and sends what waits. */
  #established(userId: string): void {
    this.#failures.clear();
    this.store?.identify(userId, true);
    this.conversations.identify(userId);
    void this.#refresher.start();
    this.outbox.flush();
    void this.conversations.refetchStale();
    // The conversation's own socket sends what was missed (`?since=`).
    if (this.#options.conversation_id !== undefined) return;
    this.#syncer.wantAll(this.conversations.ids());
    this.#catchUp.start(this.#options.catch_up_ms);
  }

  async #ended(code: number, reason: string, wasOpen: boolean, error: unknown): Promise<boolean> {
    this.#emitter.emit("closed", { code, reason });
    if (await this.#failures.isFinal(code, wasOpen ? undefined : error)) return false;
    if (code === CLOSE.NOT_AUTHORISED || code === CLOSE.TOKEN_EXPIRED) {
      await this.#tokens.renew().catch(() => undefined);
    }
    const { conversation_id } = this.#options;
    const refusal = await refusalAfter(this.rest, conversation_id, code, wasOpen);
    if (conversation_id === undefined || !refusal) {
      if (!wasOpen) this.#failures.report(error);
      return true;
    }
    this.#failures.report(refusal);
    this.conversations.leave(conversation_id);
    this.outbox.refuse(conversation_id, refusal);
    return false;
  }
}
