/**
 * A small D-Bus connection: enough of the protocol to serve one interface
 * (https://dbus.freedesktop.org/doc/dbus-specification.html). Little-endian, and only values that the desktop needs.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A value with its type: a text, an unsigned number, or a list of texts. */
export type Value = ["s" | "o" | "g", string] | ["u", number] | ["as", string[]];

/** A message that came. */
export interface DBusMessage {
  kind: "call" | "return" | "error" | "signal";
  serial: number;
  member: string;
  sender: string;
  replyTo: number | undefined;
  body: Reader;
}

const KINDS = ["call", "return", "error", "signal"] as const;
/** Codes of header fields. */
const FIELD = { path: 1, interface: 2, member: 3, reply: 5, destination: 6, sender: 7, signature: 8 };
const NO_REPLY_EXPECTED = 1;

/** Reads values of a message, one after the other. */
export class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  align(to: number): void {
    this.#at = Math.ceil(this.#at / to) * to;
  }

  byte(): number {
    this.#at += 1;
    return this.#bytes.readUInt8(this.#at - 1);
  }

  number(): number {
    this.align(4);
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  text(length = this.number()): string {
    this.#at += length + 1;
    return this.#bytes.toString("utf8", this.#at - length - 1, this.#at - 1);
  }

  texts(): string[] {
    const end = this.number() + this.#at;
    const found: string[] = [];
    while (this.#at < end) found.push(this.text());
    return found;
  }
}

/** Writes values, one after the other. */
class Writer {
  #bytes = Buffer.alloc(0);

  get bytes(): Buffer {
    return this.#bytes;
  }

  align(to: number): void {
    this.raw(Buffer.alloc(Math.ceil(this.#bytes.length / to) * to - this.#bytes.length));
  }

  raw(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }

  number(value: number): void {
    this.align(4);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.raw(bytes);
  }

  value([type, value]: Value): void {
    if (type === "u") this.number(value);
    else if (type === "g") this.raw(Buffer.from([Buffer.byteLength(value), ...Buffer.from(value), 0]));
    else if (type === "as") {
      const list = new Writer();
      for (const one of value) list.value(["s", one]);
      this.number(list.bytes.length);
      this.raw(list.bytes);
    } else {
      this.number(Buffer.byteLength(value));
      this.raw(Buffer.from(`${value}\0`));
    }
  }
}

export class DBus {
  readonly #socket: Socket;
  readonly #heard: (message: DBusMessage) => void;
  readonly #replies = new Map<number, () => void>();
  #serial = 0;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, heard: (message: DBusMessage) => void) {
    this.#socket = socket;
    this.#heard = heard;
    socket.on("data", (bytes) => this.#read(Buffer.from(bytes)));
    socket.on("error", () => undefined);
  }

  /** Connects to a bus. @param path of its socket. @param heard is called with every message that is no reply. */
  static async open(path: string, heard: (message: DBusMessage) => void): Promise<DBus> {
    const socket = connect({ path });
    const user = Buffer.from(String(process.getuid?.() ?? 0)).toString("hex");
    socket.write(`\0AUTH EXTERNAL ${user}\r\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    if (!answer.toString().startsWith("OK")) throw new Error(`the bus says ${answer}`);
    socket.write("BEGIN\r\n");
    const bus = new DBus(socket, heard);
    await bus.callBus("Hello");
    return bus;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Calls a method of the bus itself, and waits for its reply. */
  async callBus(member: string, ...values: Value[]): Promise<void> {
    const name = "org.freedesktop.DBus";
    const replied = new Promise<void>((resolve) => this.#replies.set(this.#serial + 1, resolve));
    this.#send(1, values, [
      [FIELD.path, ["o", "/org/freedesktop/DBus"]],
      [FIELD.interface, ["s", name]],
      [FIELD.member, ["s", member]],
      [FIELD.destination, ["s", name]],
    ]);
    await replied;
  }

  /** Answers a call. */
  reply({ serial, sender }: DBusMessage, ...values: Value[]): void {
    this.#send(2, values, [
      [FIELD.reply, ["u", serial]],
      [FIELD.destination, ["s", sender]],
    ]);
  }

  /** Sends a signal to everybody who listens. */
  signal(path: string, name: string, member: string, ...values: Value[]): void {
    this.#send(4, values, [
      [FIELD.path, ["o", path]],
      [FIELD.interface, ["s", name]],
      [FIELD.member, ["s", member]],
    ]);
  }

  #send(kind: number, values: Value[], fields: [code: number, Value][]): void {
    this.#serial += 1;
    const body = new Writer();
    for (const value of values) body.value(value);
    const header = new Writer();
    const signature: [number, Value] = [FIELD.signature, ["g", values.map(([type]) => type).join("")]];
    for (const [code, value] of values.length === 0 ? fields : [...fields, signature]) {
      header.align(8);
      header.raw(Buffer.from([code]));
      header.value(["g", value[0]]);
      header.value(value);
    }
    const whole = new Writer();
    whole.raw(Buffer.from(["l".charCodeAt(0), kind, kind === 1 ? 0 : NO_REPLY_EXPECTED, 1]));
    whole.number(body.bytes.length);
    whole.number(this.#serial);
    whole.number(header.bytes.length);
    whole.raw(header.bytes);
    whole.align(8);
    whole.raw(body.bytes);
    this.#socket.write(whole.bytes);
  }

  #read(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= 16) {
      const start = Math.ceil((16 + this.#rest.readUInt32LE(12)) / 8) * 8;
      const end = start + this.#rest.readUInt32LE(4);
      if (this.#rest.length < end) return;
      this.#take(this.#rest.subarray(0, start), this.#rest.subarray(start, end));
      this.#rest = this.#rest.subarray(end);
    }
  }

  #take(header: Buffer, body: Buffer): void {
    const fields = headerFields(header);
    const replyTo = fields.get(FIELD.reply) as number | undefined;
    const done = replyTo === undefined ? undefined : this.#replies.get(replyTo);
    if (done) done();
    else
      this.#heard({
        kind: KINDS[header.readUInt8(1) - 1] ?? "error",
        serial: header.readUInt32LE(8),
        member: String(fields.get(FIELD.member) ?? ""),
        sender: String(fields.get(FIELD.sender) ?? ""),
        replyTo,
        body: new Reader(body),
      });
  }
}

/** The fields of a header by their codes; numbers and texts. */
function headerFields(header: Buffer): Map<number, string | number> {
  const length = header.readUInt32LE(12);
  // Every field begins at a multiple of 8, counted from the start of the message, and so does the first.
  const reader = new Reader(header.subarray(16, 16 + length));
  const fields = new Map<number, string | number>();
  while (!reader.isAtEnd) {
    reader.align(8);
    const code = reader.byte();
    const type = reader.text(reader.byte());
    if (type === "u") fields.set(code, reader.number());
    else fields.set(code, type === "g" ? reader.text(reader.byte()) : reader.text());
  }
  return fields;
}
