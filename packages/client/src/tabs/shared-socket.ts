/** Opens one socket for all tabs of a browser. */
import { randomUuid } from "../portable.ts";
import { type ClientSocket, type OpenSocket, openSocket, type SocketEvents } from "../socket.ts";
import { browserPlatform, type TabPlatform } from "./platform.ts";
import { Tab } from "./tab.ts";

/** How tabs share a socket. */
export interface SharedSocketOptions {
  /** How the tab that leads opens the socket; the platform's `WebSocket`. */
  openSocket?: OpenSocket;
  /** The browser; for tests. Undefined is that of this page. */
  platform?: TabPlatform;
}

/**
 * For the option `openSocket` of a client: one socket for all tabs of the same user and service. Where the browser has no Web Locks or no
 * `BroadcastChannel`, each tab opens its own.
 */
export function sharedSocket({
  openSocket: open = openSocket,
  platform,
}: SharedSocketOptions = {}): OpenSocket {
  const tabs = new Map<string, Tab[]>();
  return (url, events, user = "") => {
    const browser = platform ?? browserPlatform();
    // A conversation's own socket begins where its client is: it cannot be another's.
    if (!browser || user === "" || new URL(url).searchParams.has("since")) return open(url, events, user);
    const name = nameOf(url, user);
    const all = tabs.get(name) ?? [];
    tabs.set(name, all);
    const free = all.filter((one) => !one.isBusy);
    let tab = free.find((one) => one.mayLead) ?? free[0];
    if (!tab) {
      tab = new Tab(randomUuid().slice(0, 8), name, browser, open);
      all.push(tab);
    }
    return new SharedSocket(tab, url, events);
  };
}

/** What tabs must have in common. It holds no token: any script of this site can read it. */
function nameOf(url: string, user: string): string {
  const { origin, pathname, searchParams } = new URL(url);
  return ["rocket-chat", origin + pathname, user, searchParams.get("device_id") ?? ""].join(" ");
}

/** A socket that is opened once it is known which tab leads. */
class SharedSocket implements ClientSocket {
  readonly #tab: Tab;
  #socket: ClientSocket | undefined;
  /** What was sent before this object had its socket: events may come first. */
  #early: string[] = [];
  #isClosed = false;

  constructor(tab: Tab, url: string, events: SocketEvents) {
    this.#tab = tab;
    tab
      .open(url, events, () => !this.#isClosed)
      .then(
        (socket) => {
          this.#socket = socket;
          if (this.#isClosed) socket?.close();
          for (const frame of this.#early.splice(0)) socket?.send(frame);
        },
        (error: unknown) => {
          if (!this.#isClosed) events.closed(1006, String(error));
        },
      );
  }

  send(frame: string): void {
    if (this.#socket) this.#socket.send(frame);
    else this.#early.push(frame);
  }

  close(code?: number, reason?: string): void {
    this.#isClosed = true;
    this.#socket?.close(code, reason);
    this.#tab.yield();
  }
}
