/** Clients that talk for hours. Each remembers a few numbers of what it has heard, so that it does not grow itself. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { ServerEvent } from "@rocket-chat-api/protocol";
import { WebSocket } from "ws";
import type { Person } from "../../scripts/person.ts";

/** As a device does, so that half-open sockets are found. */
const PING_MS = 30_000;
/** Characters until the server is told that they were received. */
const ACKNOWLEDGE_EVERY = 256 * 1024;

/** A conversation in which clients talk. */
export interface SoakRoom {
  id: string;
  clients: SoakClient[];
  /** Messages that were acknowledged. */
  acknowledged: number;
  /** Messages sent and not acknowledged yet. */
  owed: number;
}

/**
 * Long messages, so that each conversation soon has more rows than its object keeps in memory: SQLite keeps up to 2 MB of
 * pages of each.
 */
const FILLING = "long".repeat(200);

/** The content of a message: when it was sent, on the clock of this process. */
function contentAt(now: number): string {
  return `${now.toFixed(2)} ${FILLING}`;
}

/** A running hash of a history: the same for the same messages in the same order. */
export class HistoryHash {
  readonly #hash = createHash("sha256");

  add(seq: number, content: string): void {
    this.#hash.update(`${seq} ${content}\n`);
  }

  get value(): string {
    return this.#hash.copy().digest("hex");
  }
}

export class SoakClient {
  readonly person: Person;
  readonly room: SoakRoom;
  /** Milliseconds from sending to hearing, since they were last taken. */
  readonly delays: number[] = [];
  readonly wrong: string[] = [];
  readonly history = new HistoryHash();
  /** Messages heard. */
  heard = 0;
  /** The newest number of the conversation. */
  seq = 0;
  #newest: string | undefined;
  #received = 0;
  #requests = 0;
  readonly #socket: WebSocket;

  private constructor(person: Person, room: SoakRoom, socket: WebSocket) {
    this.person = person;
    this.room = room;
    this.#socket = socket;
    socket.on("message", (data) => this.#receive(String(data)));
    const ping = setInterval(() => this.#send({ type: "ping" }), PING_MS);
    socket.on("close", (code) => {
      clearInterval(ping);
      if (code !== 1000) this.wrong.push(`the socket of ${person.name} closed with ${code}`);
    });
    socket.on("error", (error) => this.wrong.push(`the socket of ${person.name}: ${error.message}`));
  }

  /** Opens a person's own socket, and brings it up to date in their room. */
  static async open(person: Person, room: SoakRoom, url: string): Promise<SoakClient> {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws`, { headers: person.headers });
    const client = new SoakClient(person, room, socket);
    await once(socket, "open");
    client.#send({ type: "sync", conversations: { [room.id]: 0 } });
    return client;
  }

  /** Says something. */
  say(): void {
    this.room.owed += 1;
    const data = { type: "text", content: contentAt(performance.now()), client_message_id: this.#nextId() };
    this.#send({ type: "message.send", conversation_id: this.room.id, data });
  }

  /** Has read everything that it knows. */
  read(): void {
    if (this.#newest === undefined) return;
    this.#send({ type: "message.read", conversation_id: this.room.id, message_id: this.#newest });
  }

  close(): void {
    this.#socket.close(1000);
  }

  #nextId(): string {
    this.#requests += 1;
    return `${this.person.name}-${this.#requests}`;
  }

  #send(command: Record<string, unknown>): void {
    const id = command.type === "message.send" ? { request_id: this.#requests } : {};
    this.#socket.send(JSON.stringify({ ...command, ...id }));
  }

  #receive(text: string): void {
    this.#received += text.length;
    if (this.#received >= ACKNOWLEDGE_EVERY) {
      this.#send({ type: "flow.ack", received: this.#received });
      this.#received = 0;
    }
    const { success, data: event } = ServerEvent.safeParse(JSON.parse(text));
    if (success) this.#hear(event);
    else this.wrong.push(`${this.person.name} cannot read ${text.slice(0, 200)}`);
  }

  #hear(event: ServerEvent): void {
    if (event.type === "conversation.sync") this.#catchUp(event);
    if (event.type === "error") this.wrong.push(`${this.person.name} was refused: ${event.message}`);
    if (event.type === "ack" && typeof event.request_id === "number") this.#acknowledged();
    if (!("seq" in event) || event.seq === undefined) return;
    if (event.seq !== this.seq + 1) {
      this.wrong.push(`${this.person.name} heard ${event.seq} after ${this.seq} in ${this.room.id}`);
    }
    this.seq = event.seq;
    if (event.type !== "message.new") return;
    const { message_id, content } = event.data;
    this.#note(message_id, event.seq, content);
    this.delays.push(performance.now() - Number(content.split(" ")[0]));
  }

  /** The beginning: the number from which live events go on, and what was said before. */
  #catchUp({ data }: Extract<ServerEvent, { type: "conversation.sync" }>): void {
    for (const message of data.messages) this.#note(message.message_id, message.seq, message.content);
    this.seq = data.seq;
  }

  #note(messageId: string, seq: number, content: string): void {
    this.heard += 1;
    this.#newest = messageId;
    this.history.add(seq, content);
  }

  #acknowledged(): void {
    this.room.owed -= 1;
    this.room.acknowledged += 1;
  }
}
