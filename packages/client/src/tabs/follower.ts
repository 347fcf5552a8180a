/** A tab whose socket is another tab's. */
import type { ClientSocket, SocketEvents } from "../socket.ts";
import { eventsOf } from "./frames.ts";
import type { FollowerMessage, LeaderMessage } from "./messages.ts";

/** Milliseconds between two questions whether the tab that leads is there. */
const BEAT_MS = 10_000;
/** A tab that leads and has not answered after this time, or up to twice as long, is frozen. In milliseconds. */
const ANSWER_MS = 5_000;

export class Follower implements ClientSocket {
  readonly #events: SocketEvents;
  readonly #post: (message: FollowerMessage) => void;
  readonly #frozen: () => void;
  readonly #ended: () => void;
  #leader: string | undefined;
  #isOpen = false;
  #isOver = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param post says something to the tab that leads. @param frozen is called when that one does not answer. @param ended is called
   *   once, when this socket has.
   */
  constructor(
    events: SocketEvents,
    post: (message: FollowerMessage) => void,
    frozen: () => void,
    ended: () => void,
  ) {
    this.#events = events;
    this.#post = post;
    this.#frozen = frozen;
    this.#ended = ended;
    this.#ask("hello");
  }

  send(frame: string): void {
    const [command] = eventsOf(frame);
    // The socket lives by the token of the tab that leads, so this one's stays here.
    if (command?.type !== "auth.refresh") this.#post({ kind: "send", frame });
    else this.#events.heard(JSON.stringify({ type: "ack", request_id: command.request_id }));
  }

  close(): void {
    this.#end();
  }

  /** The socket is no more. */
  lose(code: number, reason: string): void {
    if (this.#end()) this.#events.closed(code, reason);
  }

  /** The tab that leads says something, or one that did. */
  take(from: string, message: LeaderMessage): void {
    if (message.kind === "leads") {
      if (this.#leader === undefined) this.#ask("hello");
      else if (this.#leader !== from) this.lose(1006, "another tab leads now");
      return;
    }
    this.#leader ??= from;
    if (this.#leader === from) this.#follow(message);
  }

  #follow(message: Exclude<LeaderMessage, { kind: "leads" }>): void {
    this.#alive();
    if (message.kind === "closed") this.lose(message.code, message.reason);
    else if (message.kind === "open" && !this.#isOpen) {
      this.#isOpen = true;
      this.#events.opened();
      for (const frame of message.frames) this.#events.heard(frame);
    } else if (message.kind === "frame" && this.#isOpen) this.#events.heard(message.frame);
  }

  #ask(kind: "hello" | "beat"): void {
    if (this.#isOver) return;
    // Not all tabs at the same time.
    const patience = ANSWER_MS * (1 + Math.random());
    const late = Date.now() + patience + ANSWER_MS;
    // If this tab was frozen itself, the answer is here and not read yet.
    this.#wait(() => (Date.now() < late ? this.#frozen() : this.#ask(kind)), patience);
    this.#post({ kind });
  }

  #alive(): void {
    if (!this.#isOver) this.#wait(() => this.#ask("beat"), BEAT_MS);
  }

  #wait(then: () => void, ms: number): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }

  /** @returns whether it has not ended before. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#post({ kind: "bye" });
    this.#ended();
    return true;
  }
}
