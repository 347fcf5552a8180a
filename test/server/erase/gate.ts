/** Where an erasure that is watched (entry.ts) says what it has changed. It goes on when it is let through, and can be held there. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

/** How often the same change is held in the same place: an erasure of a conversation has a beginning and a middle. */
const TIMES = new Map([["eraseSome", 2]]);

export class Gate {
  readonly #server: Server;
  readonly #held = new Map<string, number>();
  #waiting: ((place: string) => void)[] = [];
  /** What is held at the moment: it is never answered. */
  #isHolding = false;
  /** How far the job has noted to be. */
  #place = "begin";
  /** While true, nothing is held. */
  isOpen = false;
  /** Is told where it is held. */
  onHeld: (place: string) => void = () => undefined;

  private constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  static async start(): Promise<Gate> {
    const gate = new Gate();
    gate.#server.listen(0, "127.0.0.1");
    await once(gate.#server, "listening");
    return gate;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}/`;
  }

  /** Resolves when something is held that was not held before. @returns where. */
  async held(): Promise<string> {
    return await new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** The server was killed: what was held is gone with it. */
  wasKilled(): void {
    this.#isHolding = false;
    this.#waiting = [];
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const said = JSON.parse(await text(request)) as { change: string; cursor?: string };
    if (said.cursor !== undefined) {
      const { round, step } = JSON.parse(said.cursor) as { round: number; step: string };
      this.#place = `round ${round}, ${step}`;
    }
    const key = `${this.#place}: ${said.change}`;
    const times = this.#held.get(key) ?? 0;
    // After the first one nothing else goes on either.
    if (this.#isHolding) return;
    if (this.isOpen || times >= (TIMES.get(said.change) ?? 1)) {
      response.end();
      return;
    }
    this.#held.set(key, times + 1);
    this.#isHolding = true;
    this.onHeld(key);
    for (const resolve of this.#waiting.splice(0)) resolve(key);
  }
}
