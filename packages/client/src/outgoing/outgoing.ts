/** The messages on their way of all conversations. */
import type { Message } from "@rocket-chat-api/protocol";
import { type Draft, newEntry } from "../outbox.ts";
import { mayPass } from "../passing.ts";
import { UploadFailed } from "../upload/put.ts";
import { upload } from "../upload/upload.ts";
import { Watchers } from "../watchers.ts";
import type { OutgoingClient } from "./host.ts";
import { entryOf, FileNotKept, type OutgoingFile, type OutgoingMessage, recordOf, typeOf } from "./record.ts";

/** A message that this object sends. */
interface Own {
  record: OutgoingMessage;
  /** Ids of the files that are uploaded, by their place: a retry does not upload them again. */
  readonly uploaded: Map<number, string>;
  abort?: AbortController;
}

const NONE: readonly OutgoingMessage[] = [];

export class Outgoing {
  readonly #client: OutgoingClient;
  readonly #watchers = new Watchers();
  readonly #own = new Map<string, Own>();
  readonly #lists = new Map<string, readonly OutgoingMessage[]>();
  readonly #stops: (() => void)[];

  constructor(client: OutgoingClient) {
    this.#client = client;
    this.#stops = [
      client.on("outbox", ({ conversation_id }) => this.#changed(conversation_id)),
      client.on("state", ({ conversation_id, seq }) => this.#landed(conversation_id, seq)),
      client.on("refused", ({ entry, error }) => {
        const record: OutgoingMessage = { ...recordOf(entry), state: "failed", error };
        this.#own.set(entry.client_message_id, { record, uploaded: new Map() });
        this.#changed(entry.conversation_id);
      }),
      client.on("forgotten", () => this.#forget()),
    ];
    void this.#restore();
  }

  /** What is on its way in a conversation, oldest first, and what has failed. The same array until it changes. */
  list(conversationId: string): readonly OutgoingMessage[] {
    const known = this.#lists.get(conversationId);
    if (known) return known;
    const own = [...this.#own.values()].flatMap(({ record }) =>
      record.conversation_id === conversationId ? [record] : [],
    );
    // Those of an earlier run of the app, and what `client.send` has sent.
    const others = this.#client.outbox
      .pending(conversationId)
      .filter((entry) => !this.#own.has(entry.client_message_id));
    const all = [...own, ...others.map((entry) => recordOf(entry))];
    const list = all.length === 0 ? NONE : all.sort((one, other) => one.queued_at - other.queued_at);
    this.#lists.set(conversationId, list);
    return list;
  }

  /** Calls `listener` when {@link list} of a conversation changes. @returns what ends that. */
  onChange(conversationId: string, listener: () => void): () => void {
    return this.#watchers.on(conversationId, listener);
  }

  /**
   * Sends a message, with files if there are any: it is in {@link list} at once. A failure is shown there, not thrown.
   * @param files at most 10. @returns its `client_message_id`.
   */
  send(conversationId: string, draft: Draft, files: readonly OutgoingFile[] = []): string {
    const typed = files.length > 0 ? { type: typeOf(files), ...draft } : draft;
    const record = recordOf(newEntry(conversationId, typed, Date.now()), files);
    this.#own.set(record.client_message_id, { record, uploaded: new Map() });
    if (files.length > 0) void this.#client.store?.files.put({ ...entryOf(record), files });
    this.#changed(conversationId);
    void this.#run(record.client_message_id);
    return record.client_message_id;
  }

  /** Tries a failed message again, under the same id: it is never there twice. Not one whose file was not kept. */
  retry(clientMessageId: string): void {
    const own = this.#own.get(clientMessageId);
    if (own?.record.state !== "failed" || own.record.error instanceof FileNotKept) return;
    const { error: _, ...record } = own.record;
    const isWhole = own.uploaded.size === record.files.length;
    this.#put(clientMessageId, { ...record, state: isWhole ? "sending" : "uploading" });
    void this.#run(clientMessageId);
  }

  /** Takes a message out. One that is being sent at this moment may still arrive. */
  cancel(conversationId: string, clientMessageId: string): void {
    const own = this.#own.get(clientMessageId);
    this.#own.delete(clientMessageId);
    own?.abort?.abort(new Error("the message was cancelled"));
    this.#client.outbox.cancel(conversationId, clientMessageId);
    void this.#client.store?.files.remove(clientMessageId);
    this.#changed(conversationId);
  }

  /** Follows the client no longer, and ends what is being uploaded. */
  stop(): void {
    for (const stop of this.#stops) stop();
    for (const { abort } of this.#own.values()) abort?.abort(new Error("stopped"));
  }

  /** Goes on with messages whose files an earlier run of the application has not uploaded. */
  async #restore(): Promise<void> {
    for (const { files, ...entry } of (await this.#client.store?.files.load()) ?? []) {
      const id = entry.client_message_id;
      const lost = files.find((one) => one.is_lost);
      const record = recordOf(entry, files);
      const error = lost && new FileNotKept(lost.file.name);
      this.#own.set(id, {
        record: error ? { ...record, state: "failed", error } : record,
        uploaded: new Map(),
      });
      this.#changed(entry.conversation_id);
      if (!lost) void this.#run(id);
    }
  }

  /** Everything is another user's. */
  #forget(): void {
    const all = [...this.#own];
    this.#own.clear();
    for (const [, { record, abort }] of all) {
      abort?.abort(new Error("the message was forgotten"));
      this.#changed(record.conversation_id);
    }
  }

  async #run(id: string): Promise<void> {
    try {
      await this.#uploadOnline(id);
      const own = this.#own.get(id);
      if (!own) return;
      // The store keeps the files until then: at a new start, those of a message in the outbox are dropped.
      this.#sent(id, await this.#client.outbox.add(entryOf(own.record)));
      void this.#client.store?.files.remove(id);
    } catch (error) {
      const record = this.#own.get(id)?.record;
      // Without a record it was cancelled.
      if (record) this.#put(id, { ...record, state: "failed", error });
    }
  }

  /** Uploads the files. What fails for want of a connection is tried again when there is one. */
  async #uploadOnline(id: string): Promise<void> {
    for (;;) {
      try {
        return await this.#upload(id);
      } catch (error) {
        const isUnanswered = mayPass(error) || (error instanceof UploadFailed && error.status === 0);
        if (!isUnanswered || this.#client.status === "open" || !this.#own.has(id)) throw error;
        await this.#connected();
      }
    }
  }

  /** Resolves when there is a connection. */
  async #connected(): Promise<void> {
    await new Promise<void>((resolve) => {
      const stop = this.#client.on("status", () => {
        if (this.#client.status !== "open") return;
        stop();
        resolve();
      });
      this.#stops.push(stop);
    });
  }

  /** Uploads the files that are not yet, one after the other, and puts their ids into the message. */
  async #upload(id: string): Promise<void> {
    const own = this.#own.get(id);
    if (!own || own.record.files.length === 0) return;
    const { conversation_id, files, data } = own.record;
    const abort = new AbortController();
    own.abort = abort;
    for (const [place, { file, ...media }] of files.entries()) {
      if (own.uploaded.has(place)) continue;
      const onProgress = (part: number) => this.#progress(id, own.uploaded.size + part);
      const { signal } = abort;
      own.uploaded.set(
        place,
        await upload(this.#client, conversation_id, file, { ...media, onProgress, signal }),
      );
    }
    if (!this.#own.has(id)) return;
    const ids = files.flatMap((_, place) => own.uploaded.get(place) ?? []);
    this.#put(id, {
      ...own.record,
      data: { ...data, attachment_ids: ids },
      state: "sending",
      progress: 1,
    });
  }

  #progress(id: string, done: number): void {
    const record = this.#own.get(id)?.record;
    if (!record) return;
    // In hundredths: a listener for each packet would render more than anyone sees.
    const progress = Math.floor((100 * done) / record.files.length) / 100;
    if (progress !== record.progress) this.#put(id, { ...record, progress });
  }

  /** The server has it. It stays until the state has it too, so that it is never in neither. */
  #sent(id: string, message: Message): void {
    const own = this.#own.get(id);
    if (!own) return;
    const state = this.#client.conversations.get(message.conversation_id);
    if (state?.membership !== "member" || state.seq >= message.seq) this.#own.delete(id);
    else own.record = { ...own.record, state: "sent", message };
    this.#changed(message.conversation_id);
  }

  #landed(conversationId: string, seq: number): void {
    let isChanged = false;
    for (const [id, { record }] of this.#own) {
      if (record.conversation_id !== conversationId || !record.message || record.message.seq > seq) continue;
      this.#own.delete(id);
      isChanged = true;
    }
    if (isChanged) this.#changed(conversationId);
  }

  #put(id: string, record: OutgoingMessage): void {
    const own = this.#own.get(id);
    if (!own) return;
    own.record = record;
    this.#changed(record.conversation_id);
  }

  #changed(conversationId: string): void {
    this.#lists.delete(conversationId);
    this.#watchers.changed(conversationId);
  }
}
