/** A person with a device: the client library over a wire that can be cut, and a record of all that it heard. */
import { ChatClient, type ClientOptions } from "@rocket-chat-api/client";
import type { ServerEvent } from "@rocket-chat-api/protocol";
import { checkEvent } from "../worker/contract.ts";
import { request, sign } from "../worker/kit.ts";
import { type Wire, wires } from "./wire.ts";

export interface Somebody {
  user_id: string;
  username: string;
}

/** Tokens last so long, in seconds: a clock that jumps by an hour ends them. */
const TOKEN_SECONDS = 1_800;
const BACKOFF = { base_ms: 10, cap_ms: 60 };

export class Actor {
  readonly who: Somebody;
  readonly client: ChatClient;
  /** Everything heard, in order. */
  readonly heard: ServerEvent[] = [];
  /** The one conversation that this device follows; undefined if it follows all. */
  readonly only: string | undefined;
  /** Messages that this device keeps loaded; undefined if it keeps all. */
  readonly keep: number | undefined;
  gaps = 0;
  #wires: Wire[] = [];

  constructor(who: Somebody, options: Pick<ClientOptions, "conversation_id" | "keep_messages" | "auth">) {
    this.who = who;
    this.only = options.conversation_id;
    this.keep = options.keep_messages;
    this.client = new ChatClient({
      ...options,
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
    this.client.on("event", (event) => {
      checkEvent(event);
      this.heard.push(event);
    });
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
