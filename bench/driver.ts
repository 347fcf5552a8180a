/** Drives rooms with one script, whoever serves them: connects, sends, and counts every delivery. */
import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "./client.ts";
import { type Events, type FrameReader, type Heard, Tally } from "./frames.ts";

const DRAIN_TIMEOUT_MS = 60_000;
const CONNECTING = 25;

/** How to take part in a room. */
export interface Room {
  /** Whether its clients tell the server what they have read. */
  acknowledges?: boolean;
  /** The endpoint of each participant, and how they authenticate. */
  seats: { url: string; headers: Record<string, string> }[];
  /** The frame that sends message number `n`. */
  frame(n: number): Buffer;
  /** Tells deliveries from acknowledgements and the like. */
  reader: FrameReader;
}

/** What a phase has shown. For requests, each answer is a delivery. */
export interface Phase {
  messages: number;
  deliveries: number;
  /** From the first send to the last delivery. */
  seconds: number;
  /** Milliseconds from send to receive, ascending, one for each delivery; empty when not asked for. */
  latencies: Float64Array;
  /** What has come since the phase began, and may still come after its last delivery; only of sockets. */
  heard?: () => Heard;
}

/** One room while it is driven. */
interface Group {
  room: Room;
  connections: Connection[];
  /** Messages delivered to each connection. */
  delivered: number[];
  deliveries: number;
  sent: number;
}

export class Driver {
  readonly #groups: Group[];
  readonly #tally = new Tally();
  /** Deliveries that are still to come. */
  #owed = 0;
  #lost: Error | undefined;
  #lastDelivery = 0;
  #onRead: (group: Group) => void = () => undefined;
  #onMessages: (before: number, count: number) => void = () => undefined;

  private constructor(rooms: Room[]) {
    this.#groups = rooms.map((room) => ({ room, connections: [], delivered: [], deliveries: 0, sent: 0 }));
  }

  /** Connects everybody. */
  static async connect(...rooms: Room[]): Promise<Driver> {
    const driver = new Driver(rooms);
    const seats = driver.#groups.flatMap((group) => group.room.seats.map((_, seat) => ({ group, seat })));
    for (let at = 0; at < seats.length; at += CONNECTING) {
      await Promise.all(seats.slice(at, at + CONNECTING).map(({ group, seat }) => driver.#open(group, seat)));
    }
    return driver;
  }

  close(): void {
    for (const { connections } of this.#groups) for (const connection of connections) connection.close();
  }

  /**
   * Everybody sends in turn, with at most `window` messages of each room on their way at a time.
   * @param least messages of each room, however long they take.
   */
  async pipelined(seconds: number, window: number, least = 0): Promise<Phase> {
    const end = performance.now() + seconds * 1000;
    const wanted = new Map(this.#groups.map((group) => [group, group.sent + least]));
    const isDone = (group: Group) => performance.now() >= end && group.sent >= (wanted.get(group) ?? 0);
    return await this.#phase(async () => {
      this.#onRead = (group) => {
        if (!isDone(group)) this.#fill(group, window);
      };
      for (const group of this.#groups) this.#onRead(group);
      await this.#until(() => this.#groups.every(isDone), seconds * 1000 + DRAIN_TIMEOUT_MS);
      this.#onRead = () => undefined;
    });
  }

  /** Uses every room for a while, and each at least so that all its participants have sent. */
  async use(seconds: number, window: number): Promise<void> {
    const size = Math.max(...this.#groups.map(({ connections }) => connections.length));
    await this.pipelined(seconds, window, size);
  }

  /** One participant of the first room sends at a steady rate, and every delivery is timed. */
  async steady(seconds: number, perSecond: number): Promise<Phase> {
    const [group] = this.#groups;
    if (!group) throw new Error("no room");
    const count = Math.round(seconds * perSecond);
    const latencies = new Float64Array(count * group.connections.length);
    const sentAt = new Float64Array(count);
    const base = group.sent;
    let timed = 0;
    const phase = await this.#phase(async () => {
      // One sender, so everybody's nth delivery is the nth message.
      this.#onMessages = (before, messages) => {
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
        this.#send(group, 0);
      }
    });
    this.#onMessages = () => undefined;
    return { ...phase, latencies: latencies.sort() };
  }

  /** Runs `send`, waits until everything sent has reached everybody, and throws if anything did not. */
  async #phase(send: () => Promise<void>): Promise<Phase> {
    const before = { ...this.#totals(), at: performance.now() };
    const heardBefore = this.#tally.now();
    await send();
    await this.#until(() => this.#owed <= 0, DRAIN_TIMEOUT_MS);
    for (const { delivered, sent } of this.#groups) {
      const uneven = delivered.findIndex((count) => count !== sent);
      if (uneven >= 0) throw new Error(`lost: seat ${uneven} got ${delivered[uneven]} of ${sent} messages`);
    }
    const after = this.#totals();
    return {
      messages: after.sent - before.sent,
      deliveries: after.deliveries - before.deliveries,
      seconds: (this.#lastDelivery - before.at) / 1000,
      latencies: new Float64Array(),
      heard: () => this.#tally.since(heardBefore),
    };
  }

  #totals(): { sent: number; deliveries: number } {
    return {
      sent: this.#groups.reduce((sum, group) => sum + group.sent, 0),
      deliveries: this.#groups.reduce((sum, group) => sum + group.deliveries, 0),
    };
  }

  async #until(done: () => boolean, timeoutMs: number): Promise<void> {
    const end = performance.now() + timeoutMs;
    while (!done()) {
      if (this.#lost) throw this.#lost;
      if (performance.now() > end) throw new Error(`stuck: ${this.#owed} deliveries have not come`);
      await sleep(2);
    }
  }

  #fill(group: Group, window: number): void {
    const size = group.connections.length;
    while (group.sent - Math.floor(group.deliveries / size) < window) this.#send(group, group.sent % size);
  }

  #send(group: Group, seat: number): void {
    group.connections[seat]?.send(group.room.frame(group.sent));
    group.sent += 1;
    this.#owed += group.connections.length;
  }

  async #open(group: Group, seat: number): Promise<void> {
    const { url, headers } = group.room.seats[seat] ?? { url: "", headers: {} };
    group.delivered[seat] = 0;
    group.connections[seat] = await Connection.open(url, headers, {
      acknowledges: group.room.acknowledges,
      frame: (buffer, start, end) =>
        this.#hear(group, seat, group.room.reader.read(buffer, start, end), end - start),
      begins: (head, length) => {
        const events = group.room.reader.readHead?.(head, length);
        if (events !== undefined) this.#hear(group, seat, events, length);
        return events !== undefined;
      },
      read: () => this.#onRead(group),
      lost: (reason) => {
        this.#lost ??= new Error(`seat ${seat}: ${reason}`);
      },
    });
  }

  #hear(group: Group, seat: number, events: Events, bytes: number): void {
    this.#tally.add(events, bytes);
    const { messages: count } = events;
    if (count === 0) return;
    const before = group.delivered[seat] ?? 0;
    group.delivered[seat] = before + count;
    group.deliveries += count;
    this.#owed -= count;
    this.#lastDelivery = performance.now();
    this.#onMessages(before, count);
  }
}
