/** The tab that has the socket: passes on what the server says, and what other tabs say to the server. */
import type { ClientSocket, OpenSocket, SocketEvents } from "../socket.ts";
import { Combined } from "./combined.ts";
import { eventsOf, type Fields, Joining, marked, sorted } from "./frames.ts";
import type { FollowerMessage, LeaderMessage } from "./messages.ts";

/** A tab that has said nothing for so long is gone; hidden tabs say something once a minute. In milliseconds. */
const GONE_MS = 3 * 60_000;

export class Leader implements ClientSocket {
  readonly #tab: string;
  readonly #events: SocketEvents;
  readonly #post: (message: LeaderMessage) => void;
  readonly #ended: () => void;
  readonly #joining = new Joining();
  readonly #combined = new Combined();
  /** When each tab that follows has said something last. */
  readonly #tabs = new Map<string, number>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #socket: ClientSocket;
  #isOver = false;

  /**
   * Opens the socket. @param post says something to the tabs that follow. @param ended is called once, when the socket has.
   * @throws as `open` does.
   */
  constructor(
    tab: string,
    url: string,
    events: SocketEvents,
    open: OpenSocket,
    post: (message: LeaderMessage) => void,
    ended: () => void,
  ) {
    this.#tab = tab;
    this.#events = events;
    this.#post = post;
    this.#ended = ended;
    this.#combined.join(tab);
    this.#socket = open(url, {
      opened: () => events.opened(),
      heard: (frame) => this.#heard(frame),
      closed: (code, reason) => {
        if (this.#end(code, reason)) events.closed(code, reason);
      },
    });
    this.#timer = setInterval(() => this.#prune(Date.now()), GONE_MS / 3);
  }

  /** A frame of this tab's own client. */
  send(frame: string): void {
    const [command = {}] = eventsOf(frame);
    const combined = this.#combined.take(this.#tab, command);
    if (combined === undefined) this.#socket.send(frame);
    else if (combined) this.#socket.send(JSON.stringify(combined));
    else this.#events.heard(JSON.stringify(acknowledged(command)));
  }

  /** This tab's client ends the socket. Others may open one. */
  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
    this.#end(1006, "the leading tab has closed the socket");
  }

  /** The tab is left, or another one leads. */
  abandon(reason: string): void {
    this.#socket.close(1000, "");
    if (this.#end(1006, reason)) this.#events.closed(1006, reason);
  }

  /** Another tab says something. */
  take(from: string, message: FollowerMessage): void {
    if (message.kind === "bye") {
      this.#leave(from);
      return;
    }
    this.#tabs.set(from, Date.now());
    this.#tell(this.#combined.join(from));
    if (message.kind === "send") this.#relay(from, message.frame);
    else this.#post({ kind: "here", to: from });
    if (message.kind === "hello" && this.#joining.isOpen) this.#admit(from);
  }

  #admit(tab: string): void {
    this.#post({ kind: "open", to: tab, frames: this.#joining.frames() });
  }

  #relay(from: string, frame: string): void {
    const [command = {}] = eventsOf(frame);
    // The token is this tab's, and the server counts what the socket was sent once.
    if (command.type === "flow.ack" || command.type === "auth.refresh") return;
    const isPing = command.type === "ping";
    const combined = isPing ? null : this.#combined.take(from, command);
    const answer = isPing ? { type: "pong" } : acknowledged(command);
    if (combined === null) this.#post({ kind: "frame", to: from, frame: JSON.stringify(answer) });
    else this.#socket.send(JSON.stringify(marked(combined ?? command, from)));
  }

  #heard(frame: string): void {
    const events = eventsOf(frame);
    const wasOpen = this.#joining.isOpen;
    for (const event of events) this.#joining.take(event);
    if (this.#tabs.size > 0) {
      const { all, answers } = sorted(events);
      // Those that wait hear that there is a connection by what lets them in.
      if (all.length > 0 && wasOpen) this.#post({ kind: "frame", frame: JSON.stringify(all) });
      for (const [to, own] of answers) this.#post({ kind: "frame", to, frame: JSON.stringify(own) });
      if (!wasOpen && this.#joining.isOpen) for (const tab of this.#tabs.keys()) this.#admit(tab);
    }
    // The whole frame: what the socket was sent is counted here.
    this.#events.heard(frame);
  }

  #leave(tab: string): void {
    if (!this.#tabs.delete(tab)) return;
    this.#tell(this.#combined.leave(tab));
  }

  #tell(commands: readonly Fields[]): void {
    for (const command of commands) this.#socket.send(JSON.stringify(command));
  }

  #prune(now: number): void {
    for (const [tab, at] of this.#tabs) if (at < now - GONE_MS) this.#leave(tab);
  }

  /** @returns whether it has not ended before. */
  #end(code: number, reason: string): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#post({ kind: "closed", code, reason });
    this.#ended();
    return true;
  }
}

/** An answer to a command that need not be sent. */
function acknowledged(command: Fields): Fields {
  return { type: "ack", request_id: command.request_id };
}
