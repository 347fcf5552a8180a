/** The store of one client: shows what it has, follows the client, and gives up rather than to break it. */
import { pause } from "../backoff.ts";
import type { OutboxEntry } from "../outbox.ts";
import { randomUuid } from "../portable.ts";
import { userOf } from "../tokens.ts";
import { type StoreBackend, StoreCleared } from "./backend.ts";
import type { ClientStore, KeptUpload, StoreHost } from "./host.ts";
import { onHidden } from "./page.ts";
import { KeptQueue } from "./queue.ts";
import { itemsOf, NOTHING, type ReadStore, readStore, STORE_VERSION } from "./read.ts";
import type { Runs } from "./runs.ts";
import { type Limits, StateWriter } from "./state-writer.ts";

/** How much is kept, and how it is written. */
export interface SessionOptions extends Limits {
  /** Milliseconds from a change until it is written. */
  readonly writeMs: number;
  readonly runs: Runs;
}

/** A store that has not answered after this time is done without, in milliseconds. */
const LOAD_MS = 3_000;

export class StoreSession implements ClientStore {
  readonly outbox: KeptQueue<OutboxEntry>;
  readonly files: KeptQueue<KeptUpload>;
  readonly #backend: StoreBackend;
  readonly #host: StoreHost;
  readonly #options: SessionOptions;
  #run: string | undefined;
  readonly #writer: StateWriter;
  /** `all`; `queues` after a failure, since messages that wait are small and are lost otherwise; then `nothing`. */
  #keeps: "all" | "queues" | "nothing" = "all";
  #loading: Promise<void> | undefined;
  /** How often everything was cleared: what was being read is nobody's any more. The next start waits until that has ended. */
  #cleared = 0;
  #abandoned: Promise<void> | undefined;
  #isLoaded = false;
  /** Whom everything belongs to: by the token, and as the server names them. */
  #user = "";
  #viewer: string | undefined;
  #token: string | undefined;
  #ends: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(backend: StoreBackend, options: SessionOptions, host: StoreHost) {
    this.#backend = backend;
    this.#options = options;
    this.#host = host;
    const run = (): string => this.#name();
    this.#writer = new StateWriter(backend, options, run);
    const write = (change: () => Promise<void>): Promise<void> => this.#attempt(change, "queues");
    this.outbox = new KeptQueue("outbox", { backend, run, write });
    this.files = new KeptQueue("files", { backend, run, write });
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  async load(): Promise<void> {
    this.#loading ??= this.#open().catch(() => {
      // Nobody knows whose it is: the application's `token` function has failed, which the connection reports.
      this.#loading = undefined;
    });
    await this.#loading;
  }

  identify(user: string, isServers: boolean): void {
    const known = isServers ? [this.#viewer] : [this.#user, this.#viewer];
    if (known.includes(user)) return;
    if (known.some((one) => one)) this.#forget();
    if (isServers) this.#viewer = user;
    else this.#user = user;
    this.#enqueue(() => this.#saveMeta(), "queues");
  }

  async flush(): Promise<void> {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    const { conversations } = this.#host.client;
    const token = this.#host.options.conversation_id === undefined ? this.#token : undefined;
    this.#enqueue(() => this.#writer.write(conversations, token), "all");
    await this.#writing;
  }

  async clear(): Promise<void> {
    for (const end of this.#ends) end();
    this.#ends = [];
    this.#endRun();
    this.#forget();
    this.#cleared += 1;
    this.#abandoned = this.#loading;
    this.#loading = undefined;
    this.#isLoaded = false;
    this.#user = "";
    // Where it does not answer, what it has stays: the next user's start removes it.
    await Promise.race([this.#writing, pause(LOAD_MS)]);
  }

  /** Shows what is stored, unless it is another user's. @throws what the application's `token` function throws. */
  async #open(): Promise<void> {
    const { options, tokens, catchUp, client } = this.#host;
    await this.#abandoned;
    const cleared = this.#cleared;
    const user = options.user_id?.toLowerCase() ?? userOf(await tokens.get()) ?? "";
    if (cleared !== this.#cleared) return;
    this.#user = user;
    this.#options.runs.begin(this.#name());
    const kept = await this.#read();
    if (cleared !== this.#cleared) return;
    this.outbox.begin(kept.outbox);
    this.files.begin(kept.files);
    this.#viewer = kept.viewer;
    for (const { id, stored, item } of kept.conversations) this.#writer.stored(id, stored, item);
    if (kept.conversations.length > 0 || kept.unread) {
      const states = kept.conversations.map(({ state }) => state);
      const { viewer = "", token, unread } = kept;
      this.#token = token;
      catchUp.token = token;
      client.conversations.restore(viewer, states, itemsOf(kept), unread, token !== undefined);
    }
    for (const { id, state, stored } of kept.conversations) if (state !== stored?.state) this.#changed(id);
    this.#isLoaded = true;
    this.#follow();
  }

  async #read(): Promise<ReadStore> {
    const late = new AbortController();
    try {
      const { runs } = this.#options;
      const alive = new Set(await runs.alive());
      alive.delete(this.#name());
      const { conversation_id: only } = this.#host.options;
      const queues = { outbox: () => this.outbox.read(alive), files: () => this.files.read(alive) };
      const reading = readStore(this.#backend, this.#user, only, queues, Date.now());
      const kept = await Promise.race([reading, pause(LOAD_MS, late.signal)]);
      if (kept) return kept;
      this.#keeps = "nothing";
      this.#report(new Error(`it did not answer within ${LOAD_MS / 1000} s`));
    } catch (error) {
      await this.#fail(error);
    } finally {
      late.abort();
    }
    return NOTHING;
  }

  #follow(): void {
    const { client, catchUp } = this.#host;
    this.#ends = [
      client.on("state", ({ conversation_id }) => this.#changed(conversation_id)),
      client.on("unread", () => this.#schedule()),
      client.on("listed", () => {
        // The client takes the token over when it has applied the page.
        queueMicrotask(() => {
          this.#token = catchUp.token;
          this.#schedule();
        });
      }),
      client.on("status", (status) => {
        if (status === "idle") void this.flush().then(() => this.#endRun());
        else this.#options.runs.begin(this.#name());
      }),
      onHidden(() => void this.flush()),
    ];
  }

  #changed(id: string): void {
    this.#writer.changed(id);
    this.#schedule();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => void this.flush(), this.#options.writeMs);
  }

  /** Names this run. Made when it is first needed: some platforms have no randomness while modules are loaded. */
  #name(): string {
    this.#run ??= randomUuid();
    return this.#run;
  }

  #endRun(): void {
    if (this.#run !== undefined) this.#options.runs.end(this.#run);
  }

  /** Forgets everything, in memory and here. */
  #forget(): void {
    const { client, catchUp, emitter } = this.#host;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#token = undefined;
    this.#viewer = undefined;
    catchUp.token = undefined;
    client.conversations.restore("", [], new Map(), null, false);
    client.outbox.clear();
    this.outbox.reset();
    this.files.reset();
    emitter.emit("forgotten", undefined);
    this.#enqueue(async () => {
      this.#writer.reset();
      await this.#backend.clear();
    }, "queues");
  }

  async #saveMeta(): Promise<void> {
    await this.#backend.save("meta", { version: STORE_VERSION, user: this.#user, viewer: this.#viewer });
  }

  /** Writes after what is being written. */
  #enqueue(change: () => Promise<void>, needs: "all" | "queues"): void {
    this.#writing = this.#writing.then(() => this.#attempt(change, needs));
  }

  /** Runs a write while the store keeps that. Never rejects. */
  async #attempt(change: () => Promise<void>, needs: "all" | "queues"): Promise<void> {
    if (this.#keeps !== "all" && this.#keeps !== needs) return;
    try {
      await change();
    } catch (error) {
      await this.#fail(error);
    }
  }

  /** The store cannot be read or written. What waits to be sent is tried once more, in an empty one. */
  async #fail(error: unknown): Promise<void> {
    const before = this.#keeps;
    this.#keeps = "nothing";
    if (before === "nothing" || error instanceof StoreCleared) return;
    if (before === "all") this.#report(error);
    else return;
    try {
      await this.#backend.clear();
      await this.#saveMeta();
    } catch {
      return;
    }
    this.#keeps = "queues";
    await Promise.all([this.outbox.save(), this.files.save()]);
  }

  #report(cause: unknown): void {
    const message = `The store cannot be used, so nothing is kept on this device: ${String(cause)}`;
    this.#host.emitter.emit("error", { code: "STORE_FAILED", message, retryable: false, cause });
  }
}
