/** Keeps the server informed of what is on the screen of this device (`device.state`), so that it does not ring there. */
import { mayPass, retryAfter } from "../passing.ts";
import type { PushClient, ScreenState } from "./host.ts";

/** Milliseconds between two commands while the app is in the foreground; of changes in between the last one counts. */
const PAUSE_MS = 250;
/** Milliseconds until another attempt, if the server was busy and does not say when. */
const RETRY_MS = 5_000;

export class DeviceState {
  readonly #client: PushClient;
  #wanted: ScreenState | undefined;
  /** What this connection was sent last, as text. */
  #sent: string | undefined;
  #sentAt = Number.NEGATIVE_INFINITY;
  /** No command before this time, after the server was busy. */
  #notBefore = Number.NEGATIVE_INFINITY;
  #isAsking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: PushClient) {
    this.#client = client;
  }

  /** What the app said last; undefined before it has said anything. */
  get current(): ScreenState | undefined {
    return this.#wanted;
  }

  /** Sets what is on the screen. Calls of the same turn become one command. */
  set(state: ScreenState): void {
    this.#wanted = state;
    queueMicrotask(() => this.#flush());
  }

  /** There is a new connection, which knows nothing yet. */
  connected(): void {
    this.#sent = undefined;
    this.#notBefore = Number.NEGATIVE_INFINITY;
    this.#flush();
  }

  /** Sends nothing more. */
  stop(): void {
    this.#wanted = undefined;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
  }

  #flush(): void {
    const state = this.#wanted;
    if (state === undefined || this.#isAsking || this.#client.status !== "open") return;
    const text = JSON.stringify(state);
    if (text === this.#sent) return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    // The background is announced at once: the system may suspend the app before a timer rings.
    const due = Math.max(this.#notBefore, state.foreground ? this.#sentAt + PAUSE_MS : 0);
    const wait = due - Date.now();
    if (wait > 0) this.#timer = setTimeout(() => this.#flush(), wait);
    else void this.#send(state, text);
  }

  async #send(state: ScreenState, text: string): Promise<void> {
    this.#isAsking = true;
    this.#sent = text;
    this.#sentAt = Date.now();
    try {
      await this.#client.command({ type: "device.state", ...state });
    } catch (error) {
      this.#refused(error, text);
    }
    this.#isAsking = false;
    this.#flush();
  }

  /** A refusal that will not pass waits for the next connection: many in a row would close this one (rule 23). */
  #refused(error: unknown, text: string): void {
    if (!mayPass(error)) return;
    // A new connection may have begun while this one was asked.
    if (this.#sent === text) this.#sent = undefined;
    this.#notBefore = Date.now() + (retryAfter(error) ?? RETRY_MS);
  }
}
