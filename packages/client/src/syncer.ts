/** Asks for what is missing (`sync`): one question at a time, for all conversations that wait for it. */
import type { ErrorCode } from "@rocket-chat-api/protocol";
import { MAX_SYNC_CONVERSATIONS } from "@rocket-chat-api/protocol/facts";
import { type BackoffOptions, pause, pauseAfter } from "./backoff.ts";
import { ConnectionLost } from "./errors.ts";

/** The answer to `sync`: what could not be had. */
export interface SyncReport {
  failed: Record<string, ErrorCode>;
}

/** What a syncer needs of its client. */
export interface SyncerHost {
  /** Asks over the socket; the frames of the answer come before it. */
  ask(cursors: Record<string, number>): Promise<SyncReport>;
  /** How far this client has come in a conversation. */
  cursor(conversationId: string): number;
  /** The viewer was never in this conversation, or there is none. */
  forget(conversationId: string): void;
  backoff: BackoffOptions;
}

export class Syncer {
  readonly #host: SyncerHost;
  /** Conversations to ask about, and the number below which their cursor must not stay. */
  readonly #wanted = new Map<string, number>();
  #running: Promise<void> | undefined;

  constructor(host: SyncerHost) {
    this.#host = host;
  }

  /** Resolves when nothing is being asked. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /**
   * Asks what is new in a conversation.
   * @param upTo once the cursor is here there is no need to ask; without it, there is.
   */
  want(conversationId: string, upTo = Number.POSITIVE_INFINITY): void {
    this.#wanted.set(conversationId, Math.max(upTo, this.#wanted.get(conversationId) ?? 0));
    // After the frame in which the gap was seen has been read to its end.
    this.#running ??= Promise.resolve()
      .then(() => this.#run())
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Asks what is new in each of these conversations. */
  wantAll(conversationIds: readonly string[]): void {
    for (const id of conversationIds) this.want(id);
  }

  async #run(): Promise<void> {
    for (let failures = 0; ; ) {
      const ids = this.#next();
      if (ids.length === 0) return;
      try {
        const { failed } = await this.#host.ask(
          Object.fromEntries(ids.map((id) => [id, this.#host.cursor(id)])),
        );
        failures = this.#settle(failed) ? 0 : failures + 1;
      } catch (error) {
        // Whatever is missing is asked for when there is a connection again.
        if (error instanceof ConnectionLost) return this.#wanted.clear();
        for (const id of ids) this.#wanted.set(id, Number.POSITIVE_INFINITY);
        failures += 1;
      }
      if (failures > 0) await pause(pauseAfter(failures, this.#host.backoff));
    }
  }

  /** The next conversations to ask about. */
  #next(): string[] {
    const ids: string[] = [];
    for (const [id, upTo] of this.#wanted) {
      if (ids.length === MAX_SYNC_CONVERSATIONS) break;
      this.#wanted.delete(id);
      if (this.#host.cursor(id) < upTo) ids.push(id);
    }
    return ids;
  }

  /** @returns whether everything could be had that may be had. */
  #settle(failed: Record<string, ErrorCode>): boolean {
    let all = true;
    for (const [id, code] of Object.entries(failed)) {
      if (code === "CONVERSATION_NOT_FOUND" || code === "FORBIDDEN") this.#host.forget(id);
      else {
        all = false;
        this.#wanted.set(id, Number.POSITIVE_INFINITY);
      }
    }
    return all;
  }
}
