/** Messages that wait, in the order in which they were written. They are written at once, not with the conversations. */
import { pause } from "../backoff.ts";
import type { OutboxEntry, OutboxStorage } from "../outbox.ts";
import type { StoreBackend, StoredFields } from "./backend.ts";

interface Row<Entry> {
  readonly entry: Entry;
  readonly order: number;
  /** The run of the application that sends it. */
  readonly run: string;
}

/** Sending does not wait longer than this for the store, in milliseconds. */
const PUT_MS = 1_000;

/** What a queue needs of its store. */
export interface QueueHost {
  readonly backend: StoreBackend;
  /** Names this run of the application. */
  run(): string;
  /** Runs a write, unless the store has failed. Never rejects. */
  write(change: () => Promise<void>): Promise<void>;
}

export class KeptQueue<Entry extends OutboxEntry> implements OutboxStorage {
  readonly #scope: string;
  readonly #host: QueueHost;
  readonly #rows = new Map<string, Row<Entry>>();
  readonly #loaded: Promise<Entry[]>;
  #give: (entries: Entry[]) => void = () => undefined;
  #order = 0;
  /** The places of what was read, by id. They stay: another tab may have read a part of it. */
  #stored = new Map<string, number>();
  #last: Promise<void> = Promise.resolve();
  /** How often everything was forgotten. */
  #resets = 0;

  constructor(scope: string, host: QueueHost) {
    this.#scope = scope;
    this.#host = host;
    this.#loaded = new Promise((resolve) => {
      this.#give = resolve;
    });
  }

  /** Reads what is stored, without what a living run of the application sends. @throws as the backend does. */
  async read(alive: ReadonlySet<string>): Promise<Entry[]> {
    const rows = Object.values(await this.#host.backend.load(this.#scope)).filter(isRow<Entry>);
    rows.sort((one, other) => one.order - other.order);
    this.#order = rows.at(-1)?.order ?? 0;
    const left = rows.filter(({ run }) => !alive.has(run));
    this.#stored = new Map(left.map(({ entry, order }) => [entry.client_message_id, order]));
    return left.map(({ entry }) => entry);
  }

  /** Makes these the entries that wait: they are this run's from now on. What else was read is removed. */
  begin(entries: readonly Entry[]): void {
    for (const entry of entries) this.#add(entry, this.#stored.get(entry.client_message_id));
    const gone = [...this.#stored.keys()].filter((id) => !this.#rows.has(id));
    this.#stored.clear();
    this.#give([...entries]);
    // Nothing waits for a place that is slow.
    void this.save();
    if (gone.length > 0) void this.#write(() => this.#host.backend.save(this.#scope, removal(gone)));
  }

  /** Nothing waits any more. */
  reset(): void {
    this.#resets += 1;
    this.#rows.clear();
  }

  /** Writes everything that waits. */
  async save(): Promise<void> {
    await Promise.all([...this.#rows.values()].map((row) => this.#write(() => this.#put(row))));
  }

  /** Resolves when the store is loaded. */
  async load(): Promise<Entry[]> {
    return await this.#loaded;
  }

  async put(entry: Entry): Promise<void> {
    const resets = this.#resets;
    await this.#loaded;
    // Its person has logged out meanwhile.
    if (resets !== this.#resets) return;
    const row = this.#add(entry);
    const done = this.#write(() => this.#put(row));
    const enough = new AbortController();
    await Promise.race([done.finally(() => enough.abort()), pause(PUT_MS, enough.signal)]);
  }

  async remove(id: string): Promise<void> {
    if (!this.#rows.delete(id)) return;
    await this.#write(() => this.#host.backend.save(this.#scope, removal([id])));
  }

  /** Writes one after the other: what is removed stays so. */
  async #write(change: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(() => this.#host.write(change));
    await this.#last;
  }

  /** Files that cannot be stored, such as those that are too large, are kept by their names. */
  async #put(row: Row<Entry>): Promise<void> {
    const { backend } = this.#host;
    const id = row.entry.client_message_id;
    const isFull = backend.keepsFiles === true;
    try {
      await backend.save(this.#scope, { [id]: isFull ? row : withoutFiles(row) });
    } catch (error) {
      if (!isFull || !("files" in row.entry)) throw error;
      await backend.save(this.#scope, { [id]: withoutFiles(row) });
    }
  }

  #add(entry: Entry, order = this.#order + 1): Row<Entry> {
    this.#order = Math.max(order, this.#order);
    const row = { entry, order, run: this.#host.run() };
    this.#rows.set(entry.client_message_id, row);
    return row;
  }
}

function removal(ids: readonly string[]): StoredFields {
  return Object.fromEntries(ids.map((id) => [id, undefined]));
}

function isRow<Entry>(value: unknown): value is Row<Entry> {
  const { entry, order, run } = (value ?? {}) as Row<OutboxEntry>;
  const ids = [entry?.client_message_id, entry?.conversation_id, run];
  return (
    ids.every((id) => typeof id === "string") && typeof order === "number" && typeof entry.data === "object"
  );
}

/** A row whose bytes are left out: a file with a `uri`, as in React Native, stays whole. */
function withoutFiles<Entry extends OutboxEntry>(row: Row<Entry>): Row<Entry> {
  const { files } = row.entry as { files?: readonly { file: object }[] };
  if (!files || typeof Blob === "undefined") return row;
  const kept = files.map((one) => {
    if (!(one.file instanceof Blob)) return one;
    const { name, size, type } = one.file as File;
    return { ...one, file: { name, size, type }, is_lost: true };
  });
  return { ...row, entry: { ...row.entry, files: kept } };
}
