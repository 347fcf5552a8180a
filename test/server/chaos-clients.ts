/** Fifty clients of the client library, and what each of them sent, was told and heard. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  ChatClient,
  type ClientOptions,
  type ConversationState,
  openWith,
  type WebSocketClass,
} from "@rocket-chat-api/client";
import type { Message, ServerEvent } from "@rocket-chat-api/protocol";
import { WebSocket } from "ws";
import { devToken } from "../../scripts/dev-token.ts";

const BACKOFF = { base_ms: 1_000, cap_ms: 4_000 };
/** Pause between two messages of one client, in milliseconds. */
const THINK_MS = { min: 10, max: 50 };

/** What was acknowledged, by `client_message_id`. */
export interface Acknowledged {
  content: string;
  message: Message;
}

/** The messages of one conversation in the order in which a client came to know them. */
export interface Log {
  seqs: number[];
  contents: string[];
  last: number;
  /** Where a page took the place of what was too far behind (`limited`): places that the client can load, and did not. */
  skipped: { after: number; before: number }[];
}

export class ChaosClient {
  readonly name: string;
  readonly client: ChatClient;
  readonly acknowledged = new Map<string, Acknowledged>();
  readonly violations: string[] = [];
  readonly counts = { opened: 0, events: 0, synced: 0, limited: 0 };
  /** Milliseconds from handing over to acknowledgement, of each message. */
  readonly waits: number[] = [];
  readonly #logs = new Map<string, Log>();
  #lanes = 0;

  /** @param options other than those of the chaos. */
  constructor(
    name: string,
    url: string,
    secret: string,
    conversationId?: string,
    options: Partial<ClientOptions> = {},
  ) {
    this.name = name;
    this.client = new ChatClient({
      url,
      token: () => devToken(name, secret),
      auth: Math.random() < 0.5 ? "ticket" : "token",
      openSocket: openWith(WebSocket as unknown as WebSocketClass),
      keep_messages: 200,
      backoff: BACKOFF,
      heartbeat_ms: 1_500,
      handshake_ms: 5_000,
      answer_ms: 5_000,
      ...(conversationId !== undefined && { conversation_id: conversationId }),
      ...options,
    });
    this.client.on("event", (event) => this.#heard(event));
    this.client.on("state", (state) => this.#note(state));
    this.client.on("status", (status) => {
      if (status === "open") this.counts.opened += 1;
    });
  }

  /** The log of a conversation. */
  log(conversationId: string): Log {
    const known = this.#logs.get(conversationId) ?? { seqs: [], contents: [], last: 0, skipped: [] };
    this.#logs.set(conversationId, known);
    return known;
  }

  /** Sends to one of these conversations after the other until `isOver`, and until the last is acknowledged. */
  async keepSending(conversationIds: string[], isOver: () => boolean): Promise<void> {
    this.#lanes += 1;
    const lane = this.#lanes;
    for (let n = 1; !isOver(); n++) {
      const id = conversationIds[Math.floor(Math.random() * conversationIds.length)] ?? "";
      const content = `${this.name} ${lane} ${n}`;
      const started = performance.now();
      try {
        const message = await this.client.send(id, { content });
        this.waits.push(performance.now() - started);
        this.acknowledged.set(message.client_message_id ?? "", { content, message });
        if (message.content !== content || message.conversation_id !== id) {
          this.violations.push(`the acknowledgement of "${content}" is of "${message.content}"`);
        }
      } catch (error) {
        this.violations.push(`"${content}" was refused: ${error}`);
      }
      await sleep(THINK_MS.min + Math.random() * (THINK_MS.max - THINK_MS.min));
    }
  }

  #heard(event: ServerEvent): void {
    this.counts.events += 1;
    if (event.type !== "conversation.sync") return;
    this.counts.synced += 1;
    if (event.data.limited) this.counts.limited += 1;
  }

  /** Notes what is new in a state. */
  #note({ conversation_id, messages, loaded_from }: ConversationState): void {
    const log = this.log(conversation_id);
    if (loaded_from > log.last + 1) log.skipped.push({ after: log.last, before: loaded_from });
    const first = messages.findLastIndex((message) => message.seq <= log.last) + 1;
    for (const { seq, content } of messages.slice(first)) {
      log.seqs.push(seq);
      log.contents.push(content);
      log.last = seq;
    }
  }
}
