/** The rooms of each side: who sits in them, what is said, and how to tell a message from an ack. */
import { Person, socketPath } from "../scripts/person.ts";
import { Conversation, User } from "../src/protocol/index.ts";
import { textFrame } from "./client.ts";
import type { Room } from "./driver.ts";
import type { Servers, Service } from "./servers.ts";
import type { Server } from "./workerd.ts";

/** One thing that is measured. */
export interface Side {
  name: string;
  /** What it stands for, for the report. */
  title: string;
  server: Server;
  /** The database in a process of its own, where there is one. */
  directory?: Server;
  /** Makes a new room of this many. */
  open(size: number): Promise<Room>;
}

/** The floors, and the service for both kinds of clients. */
export function sidesOf({ floor, service }: Servers): Side[] {
  const people = new Crowd(service);
  const ours = { server: service.server, directory: service.directory };
  return [
    { name: "relay", title: "bare relay", server: floor, open: floorRoom(floor, "relay") },
    { name: "insert", title: "relay with one insert", server: floor, open: floorRoom(floor, "insert") },
    {
      name: "guide",
      title: "service, one event a frame",
      ...ours,
      open: serviceRoom(people, service, false),
    },
    { name: "batch", title: "service, ?batch=1", ...ours, open: serviceRoom(people, service, true) },
  ];
}

/** Every side is sent the same: the guide's command, with the id that makes a retry harmless. */
function sendFrame(conversationId: string, n: number): Buffer {
  const content = `Message ${n}: about as long as what people write to each other.`;
  const data = { type: "text", content, client_message_id: `bench-${n}` };
  return textFrame(JSON.stringify({ type: "message.send", conversation_id: conversationId, data }));
}

/** A floor's room: it needs no users, and everything that comes is a message. */
function floorRoom(server: Server, kind: "relay" | "insert"): Side["open"] {
  return async (size) => {
    const id = crypto.randomUUID();
    const seats = Array.from({ length: size }, () => ({ url: `${server.url}/${kind}/${id}`, headers: {} }));
    return { seats, frame: (n) => sendFrame(id, n), messagesIn: () => 1 };
  };
}

/** The users of the service, made once and used in every room. */
class Crowd {
  readonly #service: Service;
  readonly #people: Person[] = [];

  constructor(service: Service) {
    this.#service = service;
  }

  async of(size: number): Promise<Person[]> {
    const { server, secret } = this.#service;
    while (this.#people.length < size) {
      const person = await Person.of(`bench${this.#people.length}`, server.url, secret);
      await person.api(User, "GET", "/users/me");
      this.#people.push(person);
    }
    return this.#people.slice(0, size);
  }
}

/** A group of the service, everybody on the conversation's own socket. */
function serviceRoom(crowd: Crowd, { server }: Service, batch: boolean): Side["open"] {
  return async (size) => {
    const [owner, ...others] = await crowd.of(size);
    if (!owner) throw new Error("a room needs somebody");
    const group = { name: "Bench", participant_ids: others.map((person) => person.user_id) };
    const { body } = await owner.api(Conversation, "POST", "/conversations/group", group);
    const url = `${server.url}${socketPath(body.conversation_id)}${batch ? "?batch=1" : ""}`;
    const seats = [owner, ...others].map((person) => ({ url, headers: person.headers }));
    const messagesIn = batch ? messageCounter() : messageInFrame;
    return { seats, frame: (n) => sendFrame(body.conversation_id, n), messagesIn };
  };
}

const MESSAGE_NEW = Buffer.from('{"type":"message.new"');
const SEQ = Buffer.from('"seq":');

/** 1 for the frame of a new message, 0 for any other event. */
function messageInFrame(buffer: Buffer, start: number, end: number): number {
  const length = MESSAGE_NEW.length;
  if (end - start < length) return 0;
  return buffer.compare(MESSAGE_NEW, 0, length, start, start + length) === 0 ? 1 : 0;
}

/**
 * Counts new messages in frames of many events. All participants get the same frames, so each is searched once: the
 * `seq` and the length of a frame name it.
 */
function messageCounter(): Room["messagesIn"] {
  const known = new Map<string, number>();
  return (buffer, start, end) => {
    const first = buffer.subarray(start, Math.min(end, start + 200)).indexOf(SEQ);
    if (first < 0) return 0;
    const at = start + first + SEQ.length;
    const name = `${end - start} ${buffer.toString("latin1", at, at + 12)}`;
    let count = known.get(name);
    if (count === undefined) {
      count = occurrences(buffer.subarray(start, end), MESSAGE_NEW);
      if (known.size >= 10_000) known.clear();
      known.set(name, count);
    }
    return count;
  };
}

function occurrences(frame: Buffer, needle: Buffer): number {
  let count = 0;
  for (let at = frame.indexOf(needle); at >= 0; at = frame.indexOf(needle, at + needle.length)) count += 1;
  return count;
}
