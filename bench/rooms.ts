/** The rooms of each side: who sits in them, and what is said. */
import { z } from "zod";
import { Person, socketPath } from "../scripts/person.ts";
import { textFrame } from "./client.ts";
import type { Room } from "./driver.ts";
import { batched, relayed, single } from "./frames.ts";
import type { Measured } from "./measure.ts";
import type { Service } from "./servers.ts";
import type { Server } from "./workerd.ts";

/** What kind of rooms. */
export interface RoomKind {
  /** Direct chats, on a service; each has two members. */
  isDirect?: boolean;
  /** Messages without `client_message_id`, by which a service knows a retry. */
  withoutIds?: boolean;
}

/** One thing that is measured. */
export interface Side extends Measured {
  /** What it stands for, for the report. */
  title: string;
  /** The checkout that the service is built from, if it is another than this one. */
  checkout?: string;
  /** Makes new rooms of so many each; nobody is in two of them. */
  open(rooms: number, size: number, kind?: RoomKind): Promise<Room[]>;
}

/** Many events in one frame, and each in its short form, too. */
const BATCH = "?batch=1";
const LEAN = "?batch=1&lean=1";

/** The floors. */
export function floorSides(server: Server): Side[] {
  return [
    { name: "relay", title: "bare relay", server, open: floorRooms(server, "relay") },
    { name: "insert", title: "relay with one insert", server, open: floorRooms(server, "insert") },
  ];
}

/** The service on the conversations' own sockets, for both kinds of clients. */
export function roomSides(service: Service, crowd: Crowd): Side[] {
  const side = sideOf(service, crowd);
  return [
    side("guide", "service, one event a frame", { hub: false, query: "" }),
    side("batch", "service, ?batch=1", { hub: false, query: BATCH }),
    side("lean", "service, ?batch=1&lean=1", { hub: false, query: LEAN }),
  ];
}

/** The service on the users' sockets, each with everything of one user. */
export function hubSides(service: Service, crowd: Crowd): Side[] {
  const side = sideOf(service, crowd);
  return [
    side("hub", "service over /ws", { hub: true, query: "" }),
    side("hub-batch", "service over /ws?batch=1", { hub: true, query: BATCH }),
    side("hub-lean", "service over /ws?batch=1&lean=1", { hub: true, query: LEAN }),
  ];
}

/** Which socket a client of the service opens. */
interface Socket {
  hub: boolean;
  query: "" | typeof BATCH | typeof LEAN;
}

/** Says of a side that it is another checkout's. */
export function elsewhere(checkout: string): Pick<Side, "checkout"> {
  return checkout === "" ? {} : { checkout };
}

function sideOf(service: Service, crowd: Crowd) {
  const { server, directory, checkout } = service;
  return (name: string, title: string, socket: Socket): Side => ({
    name,
    title,
    server,
    directory,
    ...elsewhere(checkout),
    open: serviceRooms(crowd, service, socket),
  });
}

/** Every side is sent the same: the guide's command, mostly with the id that makes a retry harmless. */
function sendFrame(conversationId: string, n: number, { withoutIds }: RoomKind): Buffer {
  const content = `Message ${n}: about as long as what people write to each other.`;
  const id = withoutIds ? {} : { client_message_id: `bench-${n}` };
  const data = { type: "text", content, ...id };
  return textFrame(JSON.stringify({ type: "message.send", conversation_id: conversationId, data }));
}

/** A floor's rooms: they need no users. */
function floorRooms(server: Server, kind: "relay" | "insert"): Side["open"] {
  return async (rooms, size, room = {}) =>
    Array.from({ length: rooms }, () => {
      const id = crypto.randomUUID();
      const seats = Array.from({ length: size }, () => ({ url: `${server.url}/${kind}/${id}`, headers: {} }));
      return { seats, frame: (n) => sendFrame(id, n, room), reader: relayed };
    });
}

/** No more of an answer than the bench uses: another checkout may have other fields. */
const Created = z.object({ conversation_id: z.string() });

/** The users of a service, made once and used in every room. */
export class Crowd {
  readonly #service: Service;
  readonly #people: Person[] = [];
  /** How often pairs were made. */
  #pairings = 0;

  constructor(service: Service) {
    this.#service = service;
  }

  /** The first so many. */
  async of(size: number): Promise<Person[]> {
    const { server, secret } = this.#service;
    while (this.#people.length < size) {
      const person = await Person.of(`bench${this.#people.length}`, server.url, secret);
      await person.api(z.unknown(), "GET", "/users/me");
      this.#people.push(person);
    }
    return this.#people.slice(0, size);
  }

  /** A new group of these people. @returns its id. */
  async group(people: readonly Person[]): Promise<string> {
    const [owner, ...others] = people;
    if (!owner) throw new Error("a group needs somebody");
    const ids = others.map((person) => person.user_id);
    return await this.#create(owner, "group", { name: "Bench", participant_ids: ids });
  }

  /** The direct chat of two people. @returns its id. */
  async direct([one, other]: readonly Person[]): Promise<string> {
    if (!one || !other) throw new Error("a direct chat needs two people");
    return await this.#create(one, "direct", { user_id: other.user_id });
  }

  /** People for so many rooms. Each call pairs them differently, so that direct chats are new like groups. */
  async seated(rooms: number, size: number, { isDirect }: RoomKind): Promise<Person[][]> {
    const people = await this.of(rooms * size);
    if (!isDirect) return Array.from({ length: rooms }, (_, i) => people.slice(i * size, (i + 1) * size));
    const shift = this.#pairings++;
    const others = people.slice(rooms);
    const turned = [...others.slice(shift % rooms), ...others.slice(0, shift % rooms)];
    return people.slice(0, rooms).flatMap((person, i) => {
      const other = turned[i];
      return other ? [[person, other]] : [];
    });
  }

  async #create(owner: Person, kind: "group" | "direct", body: unknown): Promise<string> {
    // Not by `owner.api`, which gives up after 5 s: a thousand hubs that nobody has touched yet take their time.
    const response = await fetch(`${this.#service.server.url}/api/v1/conversations/${kind}`, {
      method: "POST",
      headers: { ...owner.headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`no ${kind}: ${response.status} ${await response.text()}`);
    return Created.parse(await response.json()).conversation_id;
  }
}

/** Conversations of the service, with everybody on the conversation's own socket, or on their own. */
function serviceRooms(crowd: Crowd, { server }: Service, { hub, query }: Socket): Side["open"] {
  const room = async (people: Person[], kind: RoomKind): Promise<Room> => {
    const id = await (kind.isDirect ? crowd.direct(people) : crowd.group(people));
    const url = `${server.url}${hub ? "/ws" : socketPath(id)}${query}`;
    const seats = people.map((person) => ({ url, headers: person.headers }));
    const reader = query ? batched() : single;
    return { seats, frame: (n) => sendFrame(id, n, kind), acknowledges: true, reader };
  };
  return async (rooms, size, kind = {}) => {
    const made: Room[] = [];
    for (const people of await crowd.seated(rooms, size, kind)) made.push(await room(people, kind));
    return made;
  };
}
