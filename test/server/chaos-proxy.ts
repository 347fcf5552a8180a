/** A TCP proxy that behaves like a bad network: it drops, delays, stalls, half-closes and swallows connections. */
import { once } from "node:events";
import { createServer, connect as open, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** How often each happened. */
export interface Faults {
  connections: number;
  dropped: number;
  delayed: number;
  stalled: number;
  halfClosed: number;
  swallowed: number;
}

type Fault = Exclude<keyof Faults, "connections">;

/** A connection that goes well until now meets its fault within so long, in milliseconds. */
const CALM_MS = { min: 500, max: 20_000 };
const DELAY_MS = { min: 20, max: 400 };
const STALL_MS = { min: 500, max: 5_000 };

const between = ({ min, max }: { min: number; max: number }): number => min + Math.random() * (max - min);

export class BadNetwork {
  readonly faults: Faults = {
    connections: 0,
    dropped: 0,
    delayed: 0,
    stalled: 0,
    halfClosed: 0,
    swallowed: 0,
  };
  /** Whether it misbehaves; connections that are hurt already stay so. */
  isBad = true;
  /** Whether new connections are refused. */
  isDown = false;
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** @param target port of the server behind it. */
  constructor(target: number) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#connected(socket));
  }

  /** Starts to listen. @returns where. */
  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}`;
  }

  /** Drops everything that is open at this moment. @returns how many connections. */
  dropAll(): number {
    const open = this.#sockets.size;
    for (const socket of this.#sockets) socket.destroy();
    return open;
  }

  close(): void {
    this.#server.close();
    this.dropAll();
  }

  #connected(client: Socket): void {
    if (this.isDown) return void client.destroy();
    this.faults.connections += 1;
    const server = open({ port: this.#target, host: "127.0.0.1", allowHalfOpen: true });
    this.#sockets.add(client);
    const end = () => {
      this.#sockets.delete(client);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.setNoDelay(true).on("error", end).on("close", end);
    client.pipe(server);
    server.pipe(client);
    void this.#hurt(client, server);
  }

  /** Sooner or later something happens to a connection, and again. */
  async #hurt(client: Socket, server: Socket): Promise<void> {
    for (;;) {
      await sleep(between(CALM_MS), undefined, { ref: false });
      if (client.destroyed) return;
      if (this.isBad) this.#misbehave(client, server);
    }
  }

  #misbehave(client: Socket, server: Socket): void {
    const all: Fault[] = ["dropped", "delayed", "delayed", "stalled", "halfClosed", "swallowed"];
    const fault = all[Math.floor(Math.random() * all.length)] ?? "dropped";
    this.faults[fault] += 1;
    if (fault === "dropped") client.resetAndDestroy();
    else if (fault === "delayed") pauseFor([client, server], between(DELAY_MS));
    else if (fault === "stalled") pauseFor([client, server], between(STALL_MS));
    else if (fault === "halfClosed") (Math.random() < 0.5 ? client : server).end();
    // Nobody is told: only heartbeats find out.
    else pauseFor([client, server], 120_000);
  }
}

/** Lets nothing through for a while; what comes meanwhile waits in the network. */
function pauseFor(sockets: Socket[], ms: number): void {
  for (const socket of sockets) {
    const [other] = sockets.filter((one) => one !== socket);
    if (!other) continue;
    socket.unpipe(other);
    socket.pause();
    setTimeout(() => {
      if (!socket.destroyed && !other.destroyed) socket.pipe(other);
    }, ms).unref();
  }
}
