/** Whom the user has blocked (rule 29). The list is loaded with each connection, and kept up to date by events. */
import type { Block, BlockPage, BlocksUpdated } from "@rocket-chat-api/protocol";
import { Emitter } from "../emitter.ts";
import { pathSegment } from "../operations.ts";
import { mayPass, retryAfter } from "../passing.ts";
import type { SafetyClient } from "./host.ts";

/** Blocks that are asked for at a time: the most that the server gives. */
const PAGE = 100;
/** Milliseconds until another attempt to load the list, if the server does not say when. */
const RETRY_MS = 5_000;

export class Blocks {
  readonly #client: SafetyClient;
  readonly #ends: (() => void)[];
  readonly #emitter = new Emitter<{ change: ReadonlySet<string> }>();
  #blocked: ReadonlySet<string> = new Set();
  #isKnown = false;
  /** What happened while the list was loading, in order: it may be newer than the pages. */
  #journal: Map<string, boolean> | undefined;
  /** How often something was said of each user, so that a late answer does not undo a newer event. */
  readonly #said = new Map<string, number>();
  /** Rises with each connection. What an older one began is dropped. */
  #round = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: SafetyClient) {
    this.#client = client;
    this.#ends = [
      client.on("status", (status) => this.#turned(status)),
      client.on("event", (event) => this.#heard(event)),
    ];
    if (client.status === "open") this.#turned("open");
  }

  /** Ids of the users whom the viewer has blocked. A new set after each change. */
  get ids(): ReadonlySet<string> {
    return this.#blocked;
  }

  /** Whether the list has been loaded. Before, {@link ids} has what happened since the start alone. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Whether the viewer has blocked a user. */
  isBlocked(userId: string): boolean {
    return this.#blocked.has(userId);
  }

  /** Calls `listener` with {@link ids} after every change, of this device or another. @returns what ends that. */
  onChange(listener: (ids: ReadonlySet<string>) => void): () => void {
    return this.#emitter.on("change", listener);
  }

  /** Blocks a user. Nobody tells them. @throws ApiError or ConnectionLost. */
  async block(userId: string): Promise<Block> {
    return await this.#change(userId, true, () => this.#request<Block>("PUT", path(userId)));
  }

  /** Ends a block. Without one it does nothing. @throws ApiError or ConnectionLost. */
  async unblock(userId: string): Promise<void> {
    await this.#change(userId, false, () => this.#request<void>("DELETE", path(userId)));
  }

  /** A page of the list with profiles, newest block first, for the settings of the app. @throws ApiError or ConnectionLost. */
  async list(query: { limit?: number; cursor?: string } = {}): Promise<BlockPage> {
    return await this.#client.rest.http.request<BlockPage>("GET", "/blocks", { query: { ...query } });
  }

  /** Ends what this object does by itself. */
  close(): void {
    for (const end of this.#ends) end();
    this.#stop();
  }

  async #change<T>(userId: string, isBlocked: boolean, ask: () => Promise<T>): Promise<T> {
    const before = this.#said.get(userId);
    const answer = await ask();
    // An event that came since is as new as this answer, or newer.
    if (this.#said.get(userId) === before) this.#put(userId, isBlocked);
    return answer;
  }

  #request<T>(method: string, to: string): Promise<T> {
    return this.#client.rest.http.request<T>(method, to);
  }

  #turned(status: string): void {
    this.#stop();
    if (status === "open") void this.#load(this.#round);
  }

  #stop(): void {
    this.#round += 1;
    this.#journal = undefined;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #heard(event: { type: string }): void {
    if (event.type !== "blocks.updated") return;
    const { user_id, is_blocked } = (event as BlocksUpdated).data;
    this.#said.set(user_id, (this.#said.get(user_id) ?? 0) + 1);
    this.#put(user_id, is_blocked);
  }

  #put(userId: string, isBlocked: boolean): void {
    this.#journal?.set(userId, isBlocked);
    if (this.#blocked.has(userId) === isBlocked) return;
    this.#become(changed(this.#blocked, userId, isBlocked));
  }

  #become(blocked: ReadonlySet<string>): void {
    this.#blocked = blocked;
    this.#emitter.emit("change", blocked);
  }

  /** Loads the list. What an older connection began is dropped. */
  async #load(round: number): Promise<void> {
    this.#journal = new Map();
    try {
      const loaded = await this.#loadAll(round);
      if (round !== this.#round) return;
      this.#take(loaded);
    } catch (error) {
      if (round !== this.#round || !mayPass(error)) return;
      this.#timer = setTimeout(() => void this.#load(round), retryAfter(error) ?? RETRY_MS);
    }
  }

  async #loadAll(round: number): Promise<Set<string>> {
    const loaded = new Set<string>();
    let cursor: string | undefined;
    do {
      const page: BlockPage = await this.list({ limit: PAGE, ...(cursor !== undefined && { cursor }) });
      for (const { user } of page.blocks) loaded.add(user.user_id);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined && round === this.#round);
    return loaded;
  }

  #take(loaded: Set<string>): void {
    for (const [userId, isBlocked] of this.#journal ?? []) {
      if (isBlocked) loaded.add(userId);
      else loaded.delete(userId);
    }
    this.#journal = undefined;
    const isSame = loaded.size === this.#blocked.size && [...loaded].every((id) => this.#blocked.has(id));
    const wasKnown = this.#isKnown;
    this.#isKnown = true;
    if (!isSame || !wasKnown) this.#become(loaded);
  }
}

function path(userId: string): string {
  return `/blocks/${pathSegment("userId", userId)}`;
}

function changed(set: ReadonlySet<string>, id: string, isIn: boolean): ReadonlySet<string> {
  const copy = new Set(set);
  if (isIn) copy.add(id);
  else copy.delete(id);
  return copy;
}
