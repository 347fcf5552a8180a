/** What the server sends, counted by what it is for. Frames are searched, not parsed: the client must stay cheap. */

/** Events by what they are for. */
export interface Events {
  /** `message.new`: the deliveries. */
  messages: number;
  acks: number;
  receipts: number;
  presence: number;
  /** Everything else. */
  others: number;
}

/** Everything that came in some time. */
export interface Heard extends Events {
  frames: number;
  /** Of the frames' texts. */
  bytes: number;
}

const NOTHING: Heard = { messages: 0, acks: 0, receipts: 0, presence: 0, others: 0, frames: 0, bytes: 0 };
const KINDS = new Map<string, keyof Events>([
  ["message.new", "messages"],
  ["ack", "acks"],
  ["message.receipt", "receipts"],
  ["user.presence", "presence"],
]);
/** Events whose names have no dot. Other objects may begin with a type too, such as `text`. */
const UNDOTTED = new Set(["ack", "error", "pong"]);

const TYPE = Buffer.from('{"type":"');
const MESSAGE_NEW = Buffer.from('{"type":"message.new"');
const FIRST_MESSAGE = Buffer.from('[{"type":"message.new"');
const SEQ = Buffer.from('"seq":');
const QUOTE = '"'.charCodeAt(0);
/** Frames that are remembered. */
const KNOWN = 10_000;

function only(kind: keyof Events): Events {
  return { messages: 0, acks: 0, receipts: 0, presence: 0, others: 0, [kind]: 1 };
}

/** The answers about frames of one event, made once. */
const ONE = {
  messages: only("messages"),
  acks: only("acks"),
  receipts: only("receipts"),
  presence: only("presence"),
  others: only("others"),
};

/** Adds up what comes. */
export class Tally {
  #heard = { ...NOTHING };

  add({ messages, acks, receipts, presence, others }: Events, bytes: number): void {
    const heard = this.#heard;
    heard.frames += 1;
    heard.bytes += bytes;
    heard.messages += messages;
    heard.acks += acks;
    heard.receipts += receipts;
    heard.presence += presence;
    heard.others += others;
  }

  /** What has come so far. */
  now(): Heard {
    return { ...this.#heard };
  }

  /** What has come since an earlier `now`. */
  since(before: Heard): Heard {
    const keys = Object.keys(before) as (keyof Heard)[];
    const entries = keys.map((key) => [key, this.#heard[key] - before[key]]);
    return { ...before, ...Object.fromEntries(entries) };
  }
}

/** How the frames of one kind of server are read. */
export interface FrameReader {
  read(buffer: Buffer, start: number, end: number): Events;
  /** The same of a long frame by its first characters; undefined if they do not say. */
  readHead?(head: Buffer, length: number): Events | undefined;
}

/** A floor sends nothing but messages. */
export const relayed: FrameReader = { read: () => ONE.messages };

/** One event a frame. */
export const single: FrameReader = {
  read(buffer, start, end) {
    if (isAt(buffer, start, end, MESSAGE_NEW)) return ONE.messages;
    return ONE[kindOf(typeAt(buffer, start, end))];
  },
};

/**
 * Many events a frame. All participants of a busy room get the same frames, so each is searched once: the `seq` and the
 * length of a frame name it. Made for one room.
 */
export function batched(): FrameReader {
  const known = new Map<string, Events>();
  return {
    readHead(head, length) {
      const name = nameOf(head, length);
      return name === undefined ? undefined : known.get(name);
    },
    read(buffer, start, end) {
      const frame = buffer.subarray(start, end);
      const name = nameOf(frame, frame.length);
      const seen = name === undefined ? undefined : known.get(name);
      if (seen !== undefined) return seen;
      const events = eventsIn(frame);
      if (known.size >= KNOWN) known.clear();
      if (name !== undefined) known.set(name, events);
      return events;
    },
  };
}

/** Every event of a frame. Quotes within texts are escaped, so no text looks like the beginning of an event. */
function eventsIn(frame: Buffer): Events {
  const events = { messages: 0, acks: 0, receipts: 0, presence: 0, others: 0 };
  for (let at = frame.indexOf(TYPE); at >= 0; at = frame.indexOf(TYPE, at + TYPE.length)) {
    const type = typeAt(frame, at, frame.length);
    if (type.includes(".") || UNDOTTED.has(type)) events[kindOf(type)] += 1;
  }
  return events;
}

function kindOf(type: string): keyof Events {
  return KINDS.get(type) ?? "others";
}

/** The type of the event that begins here; empty if none does. */
function typeAt(buffer: Buffer, start: number, end: number): string {
  if (!isAt(buffer, start, end, TYPE)) return "";
  const first = start + TYPE.length;
  const last = buffer.indexOf(QUOTE, first);
  return last < 0 || last > end ? "" : buffer.toString("latin1", first, last);
}

/** What names a frame that begins with a new message; undefined for any other. */
function nameOf(frame: Buffer, length: number): string | undefined {
  if (!isAt(frame, 0, frame.length, FIRST_MESSAGE)) return undefined;
  const first = frame.subarray(0, 200).indexOf(SEQ);
  return first < 0 ? undefined : `${length} ${frame.toString("latin1", first, first + 18)}`;
}

function isAt(buffer: Buffer, start: number, end: number, text: Buffer): boolean {
  const { length } = text;
  return end - start >= length && buffer.compare(text, 0, length, start, start + length) === 0;
}
