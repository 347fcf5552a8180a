/** Drives one room with one script, whoever serves it: connects, sends, and counts every delivery. */
import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "./client.ts";

const DRAIN_TIMEOUT_MS = 60_000;
const CONNECTING = 25;

/** How to take part in a room. */
export interface Room {
  /** The endpoint of each participant, and how they authenticate. */
  seats: { url: string; headers: Record<string, string> }[];
  /** The frame that sends message number `n`. */
  frame(n: number): Buffer;
  /** How many messages a frame from the server delivers; acks and the like are none. */
  messagesIn(buffer: Buffer, start: number, end: number): number;
}

/** What a phase has shown. */
export interface Phase {
  messages: number;
  deliveries: number;
  /** From the first send to the last delivery. */
  seconds: number;
  /** Milliseconds from send to receive, ascending, one for each delivery; empty when not asked for. */
  latencies: Float64Array;
}

export class Driver {
  readonly #room: Room;
  readonly #connections: Connection[] = [];
  /** Messages delivered to each connection. */
  readonly #delivered: number[] = [];
  #deliveries = 0;
  #sent = 0;
  #lost: Error | undefined;
  #lastDelivery = 0;
  #onRead: () => void = () => undefined;
  #onMessages: (seat: number, before: number, count: number) => void = () => undefined;

  private constructor(room: Room) {
    this.#room = room;
  }

  /** Connects everybody. */
  static async connect(room: Room): Promise<Driver> {
    const driver = new Driver(room);
    for (let seat = 0; seat < room.seats.length; seat += CONNECTING) {
      const some = room.seats.slice(seat, seat + CONNECTING);
      const opened = await Promise.all(some.map((_, index) => driver.#open(seat + index)));
      driver.#connections.push(...opened);
    }
    return driver;
  }

  get size(): number {
    return this.#connections.length;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  /** Everybody sends in turn, with at most `window` messages on their way at a time. */
  async pipelined(seconds: number, window: number): Promise<Phase> {
    const end = performance.now() + seconds * 1000;
    return await this.#phase(async () => {
      this.#onRead = () => {
        if (performance.now() < end) this.#fill(window);
      };
      this.#onRead();
      await this.#until(() => performance.now() >= end, seconds * 1000 + DRAIN_TIMEOUT_MS);
      this.#onRead = () => undefined;
    });
  }

  /** One participant sends at a steady rate, and every delivery is timed. */
  async steady(seconds: number, perSecond: number): Promise<Phase> {
    const count = Math.round(seconds * perSecond);
    const latencies = new Float64Array(count * this.size);
    const sentAt = new Float64Array(count);
    const base = this.#sent;
    let timed = 0;
    const phase = await this.#phase(async () => {
      // One sender, so everybody's nth delivery is the nth message.
      this.#onMessages = (_, before, messages) => {
        const now = performance.now();
        for (let n = before; n < before + messages; n++) {
          latencies[timed] = now - (sentAt[n - base] ?? Number.NaN);
          timed += 1;
        }
      };
      const start = performance.now();
      for (let n = 0; n < count; n++) {
        await sleep(Math.max(0, start + (n * 1000) / perSecond - performance.now()));
        sentAt[n] = performance.now();
        this.#send(0);
      }
    });
    this.#onMessages = () => undefined;
    return { ...phase, latencies: latencies.sort() };
  }

  /** Runs `send`, waits until everything sent has reached everybody, and throws if anything did not. */
  async #phase(send: () => Promise<void>): Promise<Phase> {
    const before = { sent: this.#sent, deliveries: this.#deliveries, at: performance.now() };
    await send();
    await this.#until(() => this.#deliveries >= this.#sent * this.size, DRAIN_TIMEOUT_MS);
    const uneven = this.#delivered.findIndex((count) => count !== this.#sent);
    if (uneven >= 0) {
      throw new Error(`lost: seat ${uneven} got ${this.#delivered[uneven]} of ${this.#sent} messages`);
    }
    return {
      messages: this.#sent - before.sent,
      deliveries: this.#deliveries - before.deliveries,
      seconds: (this.#lastDelivery - before.at) / 1000,
      latencies: new Float64Array(),
    };
  }

  async #until(done: () => boolean, timeoutMs: number): Promise<void> {
    const end = performance.now() + timeoutMs;
    while (!done()) {
      if (this.#lost) throw this.#lost;
      if (performance.now() > end) {
        throw new Error(`stuck: ${this.#deliveries} deliveries of ${this.#sent} messages to ${this.size}`);
      }
      await sleep(2);
    }
  }

  #fill(window: number): void {
    while (this.#sent - Math.floor(this.#deliveries / this.size) < window) this.#send(this.#sent % this.size);
  }

  #send(seat: number): void {
    this.#connections[seat]?.send(this.#room.frame(this.#sent));
    this.#sent += 1;
  }

  async #open(seat: number): Promise<Connection> {
    const { url, headers } = this.#room.seats[seat] ?? { url: "", headers: {} };
    this.#delivered[seat] = 0;
    return await Connection.open(url, headers, {
      frame: (buffer, start, end) => this.#hear(seat, this.#room.messagesIn(buffer, start, end)),
      read: () => this.#onRead(),
      lost: (reason) => {
        this.#lost ??= new Error(`seat ${seat}: ${reason}`);
      },
    });
  }

  #hear(seat: number, count: number): void {
    if (count === 0) return;
    const before = this.#delivered[seat] ?? 0;
    this.#delivered[seat] = before + count;
    this.#deliveries += count;
    this.#lastDelivery = performance.now();
    this.#onMessages(seat, before, count);
  }
}
