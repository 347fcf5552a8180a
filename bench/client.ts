/**
 * The cheapest client that is still a client: one connection is a TCP socket on which frames are counted, not decoded.
 * A library decodes every frame, which costs as much as the server takes to send it: then the client is measured.
 */
import { randomBytes } from "node:crypto";
import { type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";

const TEXT = 1;
const CLOSE = 8;

/** Characters of a frame that are enough to know it again. */
const HEAD = 256;

/** Bytes until the service is told that they were read: it takes who says nothing for slow (4010). */
const ACKNOWLEDGE_EVERY = 256 * 1024;

/** Hears what a connection reads. Payloads are ranges of a buffer that is used again afterwards. */
export interface Listener {
  /** Whether the other end is told what was read (`flow.ack`). */
  acknowledges?: boolean | undefined;
  /**
   * A long text frame begins.
   * @param head its first characters.
   * @returns whether it is heard already: then the rest is skipped, which is cheaper than to put it together.
   */
  begins?(head: Buffer, length: number): boolean;
  /** A text frame. */
  frame(buffer: Buffer, start: number, end: number): void;
  /** All that could be read at once has been read. */
  read(): void;
  /** The connection has ended, and not by {@link Connection.close}. */
  lost(reason: string): void;
}

/** A text frame from a client. The mask is all zeros, which leaves the text as it is. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length > 0xffff) throw new Error("the bench sends small frames only");
  const small = payload.length < 126;
  const header = Buffer.alloc(small ? 6 : 8);
  header[0] = 0x80 | TEXT;
  header[1] = 0x80 | (small ? payload.length : 126);
  if (!small) header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
}

/** Where the payload of the frame at `at` is, or undefined if the header is not all there. */
function payloadOf(buffer: Buffer, at: number): { start: number; end: number } | undefined {
  if (buffer.length < at + 2) return undefined;
  const length = buffer.readUInt8(at + 1);
  if (length < 126) return { start: at + 2, end: at + 2 + length };
  if (length === 126) {
    return buffer.length < at + 4 ? undefined : { start: at + 4, end: at + 4 + buffer.readUInt16BE(at + 2) };
  }
  if (buffer.length < at + 10) return undefined;
  return { start: at + 10, end: at + 10 + Number(buffer.readBigUInt64BE(at + 2)) };
}

export class Connection {
  readonly #socket: Duplex;
  readonly #listener: Listener;
  /** The beginning of a frame whose end has not come yet, and the bytes that it takes to go on. */
  #parts: Buffer[] = [];
  #waiting = 0;
  #needed = 0;
  /** Bytes to come of a frame that is heard already. */
  #skipping = 0;
  #closing = false;
  /** Bytes since the other end was told. */
  #received = 0;

  private constructor(socket: Duplex, listener: Listener) {
    this.#socket = socket;
    this.#listener = listener;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", (error) => this.#lost(error.message));
    socket.on("close", () => this.#lost("the server hung up"));
  }

  /** Opens a WebSocket. @param url http, of the endpoint. */
  static async open(url: string, headers: Record<string, string>, listener: Listener): Promise<Connection> {
    const upgrade = request(url, {
      headers: {
        ...headers,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": randomBytes(16).toString("base64"),
      },
    });
    return await new Promise((resolve, reject) => {
      upgrade.on("error", reject);
      upgrade.on("response", (response: IncomingMessage) => {
        reject(new Error(`no socket at ${url}: ${response.statusCode}`));
      });
      upgrade.on("upgrade", (_, socket, head) => {
        const connection = new Connection(socket, listener);
        connection.#read(head);
        resolve(connection);
      });
      upgrade.end();
    });
  }

  /** Sends frames made by {@link textFrame}. */
  send(frame: Buffer): void {
    this.#socket.write(frame);
  }

  /** Says goodbye and hangs up. */
  close(): void {
    this.#closing = true;
    this.#socket.end(Buffer.from([0x80 | CLOSE, 0x80, 0, 0, 0, 0]));
    this.#socket.resume();
  }

  #read(all: Buffer): void {
    this.#received += all.length;
    if (this.#listener.acknowledges && this.#received >= ACKNOWLEDGE_EVERY) {
      this.send(textFrame(JSON.stringify({ type: "flow.ack", received: this.#received })));
      this.#received = 0;
    }
    const skipped = Math.min(this.#skipping, all.length);
    this.#skipping -= skipped;
    if (this.#skipping > 0) return;
    const chunk = skipped === 0 ? all : all.subarray(skipped);
    this.#parts.push(chunk);
    this.#waiting += chunk.length;
    // Joined once, not with every chunk: a frame of many events comes in many.
    if (this.#waiting < this.#needed) return;
    const buffer = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts);
    let at = 0;
    let payload = payloadOf(buffer, at);
    for (; payload !== undefined && payload.end <= buffer.length; payload = payloadOf(buffer, at)) {
      this.#frame(buffer, at, payload);
      at = payload.end;
    }
    if (payload !== undefined && this.#isHeard(buffer, at, payload)) {
      this.#skipping = payload.end - buffer.length;
      at = buffer.length;
      payload = undefined;
    }
    this.#parts = at === buffer.length ? [] : [buffer.subarray(at)];
    this.#waiting = buffer.length - at;
    this.#needed = payload === undefined ? 0 : payload.end - at;
    this.#listener.read();
  }

  /** Whether a text frame of which not everything has come is heard by its beginning. */
  #isHeard(buffer: Buffer, at: number, { start, end }: { start: number; end: number }): boolean {
    const isText = (buffer.readUInt8(at) & 0x0f) === TEXT;
    if (!isText || end - start <= HEAD || buffer.length < start + HEAD) return false;
    return this.#listener.begins?.(buffer.subarray(start, start + HEAD), end - start) ?? false;
  }

  #frame(buffer: Buffer, at: number, { start, end }: { start: number; end: number }): void {
    const opcode = buffer.readUInt8(at) & 0x0f;
    if (opcode === TEXT) this.#listener.frame(buffer, start, end);
    else if (opcode === CLOSE && end >= start + 2) this.#lost(`closed with ${buffer.readUInt16BE(start)}`);
  }

  #lost(reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#listener.lost(reason);
  }
}
