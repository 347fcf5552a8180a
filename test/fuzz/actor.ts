/** A person with a device: the client library over a wire that can be cut, and a record of all that it heard. */
import { ApiError, ChatClient, type ClientOptions, ConnectionLost } from "@rocket-chat-api/client";
import { memoryBackend, offlineStore, type StoreBackend } from "@rocket-chat-api/client/store";
import type { ServerEvent } from "@rocket-chat-api/protocol";
import { checkEvent } from "../worker/contract.ts";
import { request, sign } from "../worker/kit.ts";
import { type Wire, wires } from "./wire.ts";

export interface Somebody {
  user_id: string;
  username: string;
}

/** What a device is like. */
type Options = Pick<ClientOptions, "conversation_id" | "keep_messages" | "auth">;

/** Milliseconds until a store writes: short, so that a run of some seconds has many writes, and ends in the middle of some. */
const WRITE_MS = 20;

/** A store that an app writes to as long as it runs. */
function whileCurrent(backend: StoreBackend, isCurrent: () => boolean): StoreBackend {
  return {
    ...backend,
    save: async (...written) => {
      if (isCurrent()) await backend.save(...written);
    },
  };
}

/** Tokens last so long, in seconds: a clock that jumps by an hour ends them. */
const TOKEN_SECONDS = 1_800;
const BACKOFF = { base_ms: 10, cap_ms: 60 };
/** A command of {@link Actor.ask} must be answered within this time, in milliseconds. */
const ANSWER_MS = 5_000;

export class Actor {
  readonly who: Somebody;
  /** Another one after each {@link reload}. */
  client: ChatClient;
  /** Everything heard, in order. */
  readonly heard: ServerEvent[] = [];
  /** The one conversation that this device follows; undefined if it follows all. */
  readonly only: string | undefined;
  /** Messages that this device keeps loaded; undefined if it keeps all. */
  readonly keep: number | undefined;
  gaps = 0;
  readonly #options: Options;
  /** What survives a reload; undefined if nothing does. */
  readonly #backend: StoreBackend | undefined;
  #wires: Wire[] = [];
  #asked = 0;

  constructor(who: Somebody, { hasStore = false, ...options }: Options & { hasStore?: boolean }) {
    this.who = who;
    this.only = options.conversation_id;
    this.keep = options.keep_messages;
    this.#options = options;
    this.#backend = hasStore ? memoryBackend() : undefined;
    this.client = this.#newClient();
  }

  #newClient(): ChatClient {
    const { who } = this;
    const backend = this.#backend && whileCurrent(this.#backend, () => this.client === client);
    const client = new ChatClient({
      ...this.#options,
      ...(backend && { user: who.user_id, store: offlineStore(backend, { write_ms: WRITE_MS }) }),
      url: "https://chat.test",
      backoff: BACKOFF,
      answer_ms: 5_000,
      token: () =>
        sign(
          { sub: who.user_id, username: who.username, display_name: who.username },
          { expiresAt: Math.floor(Date.now() / 1000) + TOKEN_SECONDS },
        ),
      fetch: (url, init) => request(url.slice("https://chat.test".length), init),
      openSocket: wires((wire) => this.#wires.push(wire)),
    });
    client.on("event", (event) => {
      checkEvent(event);
      this.heard.push(event);
    });
    return client;
  }

  /** Whether it keeps what it knows over a {@link reload}. */
  get hasStore(): boolean {
    return this.#backend !== undefined;
  }

  /** The app ends on the spot, whatever it was doing, and starts again with what its store has. */
  async reload(): Promise<void> {
    const before = this.client;
    this.client = this.#newClient();
    before.stop();
    this.hangUp();
    await this.client.load();
    this.client.start();
  }

  get isConnected(): boolean {
    return this.#wires.some((wire) => wire.isOpen);
  }

  /** Sends a command that the client library has no method for, over its socket. Rejects if no answer comes. */
  async ask(command: object): Promise<void> {
    const wire = this.#wires.findLast((one) => one.isOpen);
    if (!wire) throw new ConnectionLost("there is no socket");
    this.#asked += 1;
    const request_id = `fuzz-${this.#asked}`;
    const stops: (() => void)[] = [];
    try {
      await new Promise<void>((resolve, reject) => {
        const lost = (why: string) => reject(new ConnectionLost(why));
        const timer = setTimeout(() => lost("no answer"), ANSWER_MS);
        stops.push(
          () => clearTimeout(timer),
          this.client.on("closed", () => lost("the socket closed")),
          this.client.on("event", (event) => {
            if (!("request_id" in event) || event.request_id !== request_id) return;
            if (event.type === "error") reject(new ApiError(event));
            else resolve();
          }),
        );
        wire.send(JSON.stringify({ ...command, request_id }));
      });
    } finally {
      for (const stop of stops) stop();
    }
  }

  /** Cuts what is open. */
  cut(isHalfOpen: boolean): void {
    for (const wire of this.#wires) if (wire.isOpen) wire.cut(isHalfOpen);
  }

  /** The server finds out about what was cut. */
  hangUp(): void {
    for (const wire of this.#wires) if (!wire.isOpen) wire.hangUp();
    this.#wires = this.#wires.filter((wire) => wire.isOpen);
  }

  stop(): void {
    this.client.stop();
    this.hangUp();
  }
}
