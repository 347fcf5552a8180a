/** The rooms of each side: who sits in them, what is said, and how to tell a message from an ack. */

import { Conversation, Me } from "@rocket-chat-api/protocol";
import { Person, socketPath } from "../scripts/person.ts";
import { textFrame } from "./client.ts";
import type { Room } from "./driver.ts";
import type { Measured } from "./measure.ts";
import type { Service } from "./servers.ts";
import type { Server } from "./workerd.ts";

/** One thing that is measured. */
export interface Side extends Measured {
  /** What it stands for, for the report. */
  title: string;
  /** Makes new rooms of so many each; nobody is in two of them. */
  open(rooms: number, size: number): Promise<Room[]>;
}

/** The floors. */
export function floorSides(server: Server): Side[] {
  return [
    { name: "relay", title: "bare relay", server, open: floorRooms(server, "relay") },
    { name: "insert", title: "relay with one insert", server, open: floorRooms(server, "insert") },
  ];
}

/** The service on the conversations' own sockets, for both kinds of clients. */
export function roomSides(service: Service, crowd: Crowd): Side[] {
  const { server, directory } = service;
  const open = (batch: boolean) => serviceRooms(crowd, service, { hub: false, batch });
  return [
    { name: "guide", title: "service, one event a frame", server, directory, open: open(false) },
    { name: "batch", title: "service, ?batch=1", server, directory, open: open(true) },
  ];
}

/** The service on the users' sockets, each with everything of one user. */
export function hubSides(service: Service, crowd: Crowd): Side[] {
  const { server, directory } = service;
  const open = (batch: boolean) => serviceRooms(crowd, service, { hub: true, batch });
  return [
    { name: "hub", title: "service over /ws", server, directory, open: open(false) },
    { name: "hub-batch", title: "service over /ws?batch=1", server, directory, open: open(true) },
  ];
}

/** Every side is sent the same: the guide's command, with the id that makes a retry harmless. */
function sendFrame(conversationId: string, n: number): Buffer {
  const content = `Message ${n}: about as long as what people write to each other.`;
  const data = { type: "text", content, client_message_id: `bench-${n}` };
  return textFrame(JSON.stringify({ type: "message.send", conversation_id: conversationId, data }));
}

/** A floor's rooms: they need no users, and everything that comes is a message. */
function floorRooms(server: Server, kind: "relay" | "insert"): Side["open"] {
  return async (rooms, size) =>
    Array.from({ length: rooms }, () => {
      const id = crypto.randomUUID();
      const seats = Array.from({ length: size }, () => ({ url: `${server.url}/${kind}/${id}`, headers: {} }));
      return { seats, frame: (n) => sendFrame(id, n), messagesIn: () => 1 };
    });
}

/** The users of a service, made once and used in every room. */
export class Crowd {
  readonly #service: Service;
  readonly #people: Person[] = [];

  constructor(service: Service) {
    this.#service = service;
  }

  /** The first so many. */
  async of(size: number): Promise<Person[]> {
    const { server, secret } = this.#service;
    while (this.#people.length < size) {
      const person = await Person.of(`bench${this.#people.length}`, server.url, secret);
      await person.api(Me, "GET", "/users/me");
      this.#people.push(person);
    }
    return this.#people.slice(0, size);
  }

  /** A new group of these people. @returns its id. */
  async group(people: readonly Person[]): Promise<string> {
    const [owner, ...others] = people;
    if (!owner) throw new Error("a group needs somebody");
    // Not by `owner.api`, which gives up after 5 s: a thousand hubs that nobody has touched yet take their time.
    const response = await fetch(`${this.#service.server.url}/api/v1/conversations/group`, {
      method: "POST",
      headers: { ...owner.headers, "content-type": "application/json" },
      body: JSON.stringify({ name: "Bench", participant_ids: others.map((person) => person.user_id) }),
    });
    if (!response.ok) throw new Error(`no group: ${response.status} ${await response.text()}`);
    return Conversation.parse(await response.json()).conversation_id;
  }
}

/** Groups of the service, with everybody on the conversation's own socket, or on their own. */
function serviceRooms(
  crowd: Crowd,
  { server }: Service,
  { hub, batch }: { hub: boolean; batch: boolean },
): Side["open"] {
  const room = async (people: Person[]): Promise<Room> => {
    const id = await crowd.group(people);
    const url = `${server.url}${hub ? "/ws" : socketPath(id)}${batch ? "?batch=1" : ""}`;
    const seats = people.map((person) => ({ url, headers: person.headers }));
    const counting = batch ? messageCounter() : { messagesIn: messageInFrame };
    return { seats, frame: (n) => sendFrame(id, n), acknowledges: true, ...counting };
  };
  return async (rooms, size) => {
    const people = await crowd.of(rooms * size);
    const made: Room[] = [];
    for (let i = 0; i < rooms; i++) made.push(await room(people.slice(i * size, (i + 1) * size)));
    return made;
  };
}

const FIRST_MESSAGE = Buffer.from('[{"type":"message.new"');
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
function messageCounter(): Pick<Room, "messagesIn" | "messagesOf"> {
  const known = new Map<string, number>();
  return {
    messagesOf: (head, length) => {
      const name = nameOf(head, length);
      return name === undefined ? undefined : known.get(name);
    },
    messagesIn: (buffer, start, end) => {
      const name = nameOf(buffer.subarray(start, end), end - start);
      const seen = name === undefined ? undefined : known.get(name);
      if (seen !== undefined) return seen;
      const count = occurrences(buffer.subarray(start, end), MESSAGE_NEW);
      if (known.size >= 10_000) known.clear();
      if (name !== undefined) known.set(name, count);
      return count;
    },
  };
}

/** What names a frame that begins with a new message; undefined for any other. */
function nameOf(frame: Buffer, length: number): string | undefined {
  if (!startsWith(frame, FIRST_MESSAGE)) return undefined;
  const first = frame.subarray(0, 200).indexOf(SEQ);
  return first < 0 ? undefined : `${length} ${frame.toString("latin1", first, first + 18)}`;
}

function startsWith(frame: Buffer, prefix: Buffer): boolean {
  return frame.length >= prefix.length && frame.compare(prefix, 0, prefix.length, 0, prefix.length) === 0;
}

function occurrences(frame: Buffer, needle: Buffer): number {
  let count = 0;
  for (let at = frame.indexOf(needle); at >= 0; at = frame.indexOf(needle, at + needle.length)) count += 1;
  return count;
}
