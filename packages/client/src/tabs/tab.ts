/** One tab among those of the same user and service: leads, or follows the one that does. */
import type { ClientSocket, OpenSocket, SocketEvents } from "../socket.ts";
import { Follower } from "./follower.ts";
import { Leader } from "./leader.ts";
import type { FollowerMessage, LeaderMessage, TabMessage } from "./messages.ts";
import type { TabChannel, TabPlatform } from "./platform.ts";

/** A tab that may lead, but opens no socket, lets others after this time. Its client pauses for up to 30 s. In milliseconds. */
const HOLD_MS = 60_000;
const LOST = "the leading tab is gone";

export class Tab {
  readonly id: string;
  readonly #name: string;
  readonly #platform: TabPlatform;
  readonly #open: OpenSocket;
  readonly #channel: TabChannel;
  /** Gives the lock back; undefined without it. */
  #release: (() => void) | undefined;
  #holding: ReturnType<typeof setTimeout> | undefined;
  #isOpening = false;
  #leader: Leader | undefined;
  #follower: Follower | undefined;

  constructor(id: string, name: string, platform: TabPlatform, open: OpenSocket) {
    this.id = id;
    this.#name = name;
    this.#platform = platform;
    this.#open = open;
    this.#channel = platform.channel(name);
    this.#channel.onmessage = ({ data }) => this.#heard(data as TabMessage);
    platform.onLeave(() => this.#leave());
  }

  /** Whether it has a socket, real or another tab's. */
  get isBusy(): boolean {
    return this.#isOpening || this.#leader !== undefined || this.#follower !== undefined;
  }

  /** Whether no other tab may open the socket. */
  get mayLead(): boolean {
    return this.#release !== undefined;
  }

  /** Its client has stopped: another tab may open the socket. */
  yield(): void {
    if (!this.isBusy) this.#free();
  }

  /**
   * Opens the socket where no other tab has one, or else follows that tab.
   * @param isWanted whether the client still wants it. @returns undefined if it does not.
   */
  async open(url: string, events: SocketEvents, isWanted: () => boolean): Promise<ClientSocket | undefined> {
    this.#isOpening = true;
    const mayLead = this.mayLead || (await this.#lock({ ifAvailable: true }));
    this.#isOpening = false;
    if (!isWanted()) {
      this.#free();
      return undefined;
    }
    return mayLead && this.mayLead ? this.#lead(url, events) : this.#follow(events);
  }

  #lead(url: string, events: SocketEvents): ClientSocket {
    this.#keep(undefined);
    this.#post({ kind: "leads" });
    const ended = (): void => {
      this.#leader = undefined;
      this.#free();
    };
    try {
      this.#leader = new Leader(this.id, url, events, this.#open, (message) => this.#post(message), ended);
    } catch (error) {
      this.#free();
      throw error;
    }
    return this.#leader;
  }

  #follow(events: SocketEvents): ClientSocket {
    const waiting = new AbortController();
    const ended = (): void => {
      this.#follower = undefined;
      waiting.abort();
    };
    const frozen = (): void => void this.#lock({ steal: true }).then(() => this.#inherit());
    this.#follower = new Follower(events, (message) => this.#post(message), frozen, ended);
    // The lock comes when the tab that leads has ended, in whatever way.
    void this.#lock({ signal: waiting.signal }).then((isHeld) => {
      if (isHeld) this.#inherit();
    });
    return this.#follower;
  }

  /** This tab may lead: its client, which loses its socket, opens one. */
  #inherit(): void {
    const follower = this.#follower;
    if (!follower) {
      this.#free();
      return;
    }
    this.#keep(setTimeout(() => this.#free(), HOLD_MS));
    this.#post({ kind: "leads" });
    follower.lose(1006, LOST);
  }

  /** Gets the lock. @returns whether this tab has it. */
  async #lock(options: { ifAvailable?: boolean; steal?: boolean; signal?: AbortSignal }): Promise<boolean> {
    return await new Promise((resolve) => {
      let isHeld = false;
      const hold = (lock: object | null): Promise<void> | undefined => {
        isHeld = lock !== null;
        resolve(isHeld);
        if (!lock) return undefined;
        return new Promise<void>((release) => {
          this.#release = release;
        });
      };
      this.#platform.locks.request(this.#name, options, hold).catch(() => {
        // Stolen by a tab that has got no answer; or no longer waited for.
        if (isHeld) this.#stolen();
        else resolve(false);
      });
    });
  }

  #stolen(): void {
    this.#release = undefined;
    this.#keep(undefined);
    this.#leader?.abandon("another tab leads now");
  }

  /** Gives the lock back. */
  #free(): void {
    this.#keep(undefined);
    this.#release?.();
    this.#release = undefined;
  }

  #keep(timer: ReturnType<typeof setTimeout> | undefined): void {
    if (this.#holding !== undefined) clearTimeout(this.#holding);
    this.#holding = timer;
  }

  /** The page is left or frozen: others lead, and hear of it now. */
  #leave(): void {
    this.#leader?.abandon("the page was left");
    this.#follower?.lose(1006, "the page was left");
    this.#free();
  }

  #post(message: FollowerMessage | LeaderMessage): void {
    this.#channel.postMessage({ ...message, from: this.id } satisfies TabMessage);
  }

  #heard(message: TabMessage): void {
    const { from, ...said } = message;
    if ("to" in said && said.to !== undefined && said.to !== this.id) return;
    switch (said.kind) {
      case "hello":
      case "beat":
      case "send":
      case "bye":
        if (this.#leader) this.#leader.take(from, said);
        // About to lead: its client opens a socket in a moment.
        else if (this.#release && said.kind !== "bye") this.#post({ kind: "here", to: from });
        return;
      default:
        this.#follower?.take(from, said);
    }
  }
}
