/**
 * Messages on their way: kept until they are acknowledged, sent in order, one at a time in each conversation, and
 * again after a reconnect. Each has a `client_message_id`, so that sending again never doubles (rule 12).
 */
import type { Message, SendMessage } from "@rocket-chat-api/protocol";
import type { EpochMs } from "@rocket-chat-api/protocol/facts";
import { type BackoffOptions, pause, pauseAfter } from "./backoff.ts";
import { ApiError, ConnectionLost, isRetryable } from "./errors.ts";
import { randomUuid } from "./portable.ts";

/** A message to send. The client chooses its `client_message_id`. */
export type Draft = Partial<Omit<SendMessage, "client_message_id">>;

/** A message on its way. */
export interface OutboxEntry {
  readonly client_message_id: string;
  readonly conversation_id: string;
  readonly data: SendMessage;
  /** When it was added, by this machine's clock. */
  readonly queued_at: EpochMs;
}

/** A message that was just written, with an id of its own. */
export function newEntry(conversationId: string, draft: Draft, now: EpochMs): OutboxEntry {
  return {
    client_message_id: randomUuid(),
    conversation_id: conversationId,
    data: { type: "text", content: "", ...draft },
    queued_at: now,
  };
}

/** Where the outbox survives the application. Entries come back in the order in which they were put. */
export interface OutboxStorage {
  load(): Promise<OutboxEntry[]>;
  put(entry: OutboxEntry): Promise<void>;
  remove(client_message_id: string): Promise<void>;
}

/** What an outbox needs of its client. */
export interface OutboxHost {
  isOnline(): boolean;
  /** Sends it once. */
  transmit(entry: OutboxEntry): Promise<Message>;
  /** Something was added, acknowledged or refused. */
  changed(conversationId: string): void;
  /** A message from an earlier run of the application was refused. No caller waits for it. */
  refused(entry: OutboxEntry, error: unknown): void;
  backoff: BackoffOptions;
}

const CANCELLED = "the message was cancelled";

interface Waiting extends OutboxEntry {
  settle?: { resolve: (message: Message) => void; reject: (error: unknown) => void };
}

export class Outbox {
  readonly #host: OutboxHost;
  readonly #storage: OutboxStorage | undefined;
  readonly #lanes = new Map<string, { entries: Waiting[]; busy: boolean }>();
  readonly #loaded: Promise<void>;
  /** How often everything was given up. */
  #cleared = 0;

  constructor(host: OutboxHost, storage?: OutboxStorage) {
    this.#host = host;
    this.#storage = storage;
    this.#loaded = this.#load();
  }

  /** Keeps a message until it is sent. Resolves with it as the server has it; rejects when the server refuses it. */
  async add(entry: OutboxEntry): Promise<Message> {
    const cleared = this.#cleared;
    await this.#loaded;
    // Given up before there was anything to cancel.
    if (cleared !== this.#cleared) throw new Error(CANCELLED);
    const result = new Promise<Message>((resolve, reject) => {
      this.#lane(entry.conversation_id).entries.push({ ...entry, settle: { resolve, reject } });
    });
    this.#host.changed(entry.conversation_id);
    await this.#storage?.put(entry);
    this.#drain(entry.conversation_id);
    return await result;
  }

  /** What waits in a conversation, oldest first. */
  pending(conversationId: string): readonly OutboxEntry[] {
    return this.#lanes.get(conversationId)?.entries ?? [];
  }

  /** There is a connection: everything that waits goes out. */
  flush(): void {
    for (const conversationId of this.#lanes.keys()) this.#drain(conversationId);
  }

  /** The viewer's own message has arrived. This replaces an acknowledgement that was lost. */
  confirm(message: Message): void {
    const entry = this.#find(message.conversation_id, message.client_message_id);
    if (entry) this.#done(entry, () => entry.settle?.resolve(message));
  }

  /** Cancels a message. If it is being sent at this moment, it may still arrive. */
  cancel(conversationId: string, clientMessageId: string): void {
    const entry = this.#find(conversationId, clientMessageId);
    if (entry) this.#done(entry, () => entry.settle?.reject(new Error(CANCELLED)));
  }

  /** The server would refuse everything that waits in a conversation. */
  refuse(conversationId: string, error: unknown): void {
    for (const entry of [...this.pending(conversationId)]) this.#refuse(entry, error);
  }

  /** Gives up everything: it is another user's, or they have logged out. */
  clear(): void {
    this.#cleared += 1;
    for (const id of this.#lanes.keys())
      for (const entry of [...this.pending(id)]) this.cancel(id, entry.client_message_id);
  }

  async #load(): Promise<void> {
    for (const entry of (await this.#storage?.load()) ?? [])
      this.#lane(entry.conversation_id).entries.push(entry);
    this.flush();
  }

  #find(conversationId: string, clientMessageId: string | null): Waiting | undefined {
    return this.#lanes.get(conversationId)?.entries.find((one) => one.client_message_id === clientMessageId);
  }

  #lane(conversationId: string) {
    let lane = this.#lanes.get(conversationId);
    if (!lane) {
      lane = { entries: [], busy: false };
      this.#lanes.set(conversationId, lane);
    }
    return lane;
  }

  #drain(conversationId: string): void {
    const lane = this.#lane(conversationId);
    if (lane.busy) return;
    lane.busy = true;
    void this.#send(lane.entries).finally(() => {
      lane.busy = false;
      // A connection may have come while the last attempt was failing.
      if (lane.entries.length > 0 && this.#host.isOnline()) this.#drain(conversationId);
    });
  }

  async #send(entries: Waiting[]): Promise<void> {
    for (let failures = 0; this.#host.isOnline(); ) {
      const [entry] = entries;
      if (!entry) return;
      try {
        const message = await this.#host.transmit(entry);
        failures = 0;
        this.#done(entry, () => entry.settle?.resolve(message));
      } catch (error) {
        // The next connection sends it again.
        if (error instanceof ConnectionLost) return;
        if (isRetryable(error)) await this.#pause(++failures, error);
        else this.#refuse(entry, error);
      }
    }
  }

  async #pause(failures: number, error: unknown): Promise<void> {
    const least = error instanceof ApiError ? (error.retry_after_ms ?? 0) : 0;
    await pause(least + pauseAfter(failures, this.#host.backoff));
  }

  #refuse(entry: Waiting, error: unknown): void {
    this.#done(entry, () => (entry.settle ? entry.settle.reject(error) : this.#host.refused(entry, error)));
  }

  /** Takes an entry out, once. */
  #done(entry: Waiting, settle: () => void): void {
    const { entries } = this.#lane(entry.conversation_id);
    const index = entries.indexOf(entry);
    if (index < 0) return;
    entries.splice(index, 1);
    // If removing fails, the next run sends the entry again, and the server recognises its `client_message_id`.
    this.#storage?.remove(entry.client_message_id).catch(() => undefined);
    settle();
    this.#host.changed(entry.conversation_id);
  }
}
