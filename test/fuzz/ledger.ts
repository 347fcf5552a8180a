/**
 * What must be true, as far as the clients know it: what was acknowledged is, what was refused is not, and of what was
 * never answered either may be.
 */
import { ApiError, type ChatClient } from "@rocket-chat-api/client";
import type { Message } from "@rocket-chat-api/protocol";
import type { Actor } from "./actor.ts";
import { realNow } from "./clock.ts";
import { PushLedger } from "./phones.ts";

/** How an attempt ended. */
export type Ending = "done" | "refused" | "unknown";

/** What is known of one value after a number of attempts to set it. */
export class Possible<T> {
  readonly #initial: T;
  #values: Set<T>;

  constructor(initial: T) {
    this.#initial = initial;
    this.#values = new Set([initial]);
  }

  attempted(value: T, ending: Ending): void {
    this.changed(() => value, ending);
  }

  /** As {@link attempted}, where the new value depends on the old one. */
  changed(change: (value: T) => T, ending: Ending): void {
    const values = [...this.#values];
    if (ending === "done") this.#values = new Set(values.map(change));
    if (ending === "unknown") this.#values = new Set([...values, ...values.map(change)]);
  }

  has(value: T): boolean {
    return this.#values.has(value);
  }

  get certain(): T | undefined {
    return this.#values.size === 1 ? [...this.#values][0] : undefined;
  }

  toString(): string {
    return [...this.#values].join(" or ") || String(this.#initial);
  }
}

/** A message that somebody tried to send. */
export interface Sent {
  word: string;
  client_message_id: string;
  conversation_id: string;
  sender_id: string;
  ending: Ending | undefined;
  message: Message | undefined;
  content: Possible<string>;
  isDeleted: Possible<boolean>;
  /** `user emoji` -> whether it is there. */
  reactions: Map<string, Possible<boolean>>;
  /** Who has hidden it. */
  hiddenBy: Map<string, Possible<boolean>>;
  /** Who has pinned it; null if it is not pinned. A deletion is not counted here. */
  pinnedBy: Possible<string | null>;
  /** Whether a filter has found something in it. */
  isFoul: boolean;
  /** The client in whose outbox it is; undefined if it was sent over REST. */
  client: ChatClient | undefined;
  /** When it was first tried, by the real clock. */
  at: number;
}

/** Somebody whom the app's backend has erased. */
export interface Erased {
  user_id: string;
  username: string;
  messages: "erase" | "anonymise";
  job_id: string;
  /** When that was acknowledged, by the real clock. */
  at: number;
}

/** What a device must not hear, from one place of its record to another: what somebody says and does whom its owner has blocked. */
export interface Silence {
  device: Actor;
  conversation_id: string;
  blocker_id: string;
  blocked_id: string;
  from: number;
  to: number;
}

export class Ledger {
  readonly sent: Sent[] = [];
  /** `conversation user` -> whether they are in. */
  readonly members = new Map<string, Possible<boolean>>();
  /** `conversation user` -> how far they have read for certain. */
  readonly read = new Map<string, number>();
  /** Every word, and the message that says or said it. */
  readonly words = new Map<string, Sent>();
  readonly push = new PushLedger();
  /** `blocker blocked` -> whether that is so. */
  readonly blocks = new Map<string, Possible<boolean>>();
  readonly silences: Silence[] = [];
  /** The direct chat that begins as a request, and whether it was never accepted: known at the end. */
  request: { conversation_id: string; asker_id: string; asked_id: string; isUnaccepted: boolean } | undefined;
  /** Devices of which it is not known when they were told of a block. */
  readonly unsure = new Set<Actor>();
  /** What was seen to be wrong while the run went on. */
  readonly complaints: string[] = [];
  /** Who was erased in this run; nobody, or one. */
  erased: Erased | undefined;
  /** Items that filters must have opened: words of messages. */
  readonly flagged = new Set<string>();
  /** Groups that keep, or kept, messages for a day. */
  readonly keepers = new Set<string>();
  /** How many acknowledgements there were, of everything. */
  acknowledged = 0;
  #count = 0;

  /** A word that nobody has said, which search finds as one. */
  newWord(): string {
    this.#count += 1;
    return `zq${this.#count}qz`;
  }

  say(word: string, conversation_id: string, sender_id: string, client_message_id: string): Sent {
    const sent: Sent = {
      word,
      client_message_id,
      conversation_id,
      sender_id,
      ending: undefined,
      message: undefined,
      content: new Possible(word),
      isDeleted: new Possible(false),
      reactions: new Map(),
      hiddenBy: new Map(),
      pinnedBy: new Possible<string | null>(null),
      isFoul: false,
      client: undefined,
      at: realNow(),
    };
    this.sent.push(sent);
    this.words.set(word, sent);
    return sent;
  }

  /** Waits for the end of an attempt. */
  async ending(attempt: Promise<unknown>): Promise<Ending> {
    try {
      await attempt;
      this.acknowledged += 1;
      return "done";
    } catch (error) {
      return endingOf(error);
    }
  }

  /** A message says something else for certain, or nothing any more. @param except what it says now. */
  silenced(sent: Sent, except: string | undefined): void {
    for (const [word, one] of this.words) if (one === sent && word !== except) this.push.buried(word);
  }

  /** Messages that are there. */
  get arrived(): (Sent & { message: Message })[] {
    return this.sent.filter((sent): sent is Sent & { message: Message } => sent.message !== undefined);
  }
}

/** A refusal for good changed nothing; after anything else it is not known. */
export function endingOf(error: unknown): Ending {
  if (!(error instanceof ApiError)) return "unknown";
  return error.code === "INTERNAL_ERROR" || error.code === "SERVICE_UNAVAILABLE" ? "unknown" : "refused";
}
