import {
  KnownProfiles,
  LeanDecoder,
  leanEvent,
  type Message,
  profilesEvent,
  ServerEvent,
  type UserSummary,
} from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ANN, BOB, ID, message, quote } from "./client-kit.ts";
import { anyEvent, EVENT_TYPES, eventsOf } from "./event-arbitraries.ts";

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** The two ends of one socket. */
class Wire {
  known = new KnownProfiles();
  missed = 0;
  readonly decoder = new LeanDecoder(() => {
    this.missed += 1;
  });
  /** What was sent. */
  readonly frames: object[] = [];

  /** Sends an event in its short form, and what the client needs before it. @returns what the client restores. */
  send(event: ServerEvent): unknown[] {
    const { event: short, people } = leanEvent(event);
    const unknown = this.known.unknown(people);
    const frames = unknown.length > 0 ? [profilesEvent(unknown), short] : [short];
    this.frames.push(...frames);
    return frames.flatMap((frame) => this.decoder.decode(throughJson(frame)) ?? []);
  }
}

function said(patch: Partial<Message> = {}, seq = 7): ServerEvent {
  return { type: "message.new", conversation_id: ID, seq, data: message(seq, ANN, patch) };
}

/** Adds fields of a later server wherever there is an object. */
function withMore(value: unknown, more: object): unknown {
  if (Array.isArray(value)) return value.map((one) => withMore(one, more));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withMore(inner, more)] as const);
  return { ...more, ...Object.fromEntries(entries) };
}

describe("the short form of events", () => {
  it.each(EVENT_TYPES)(
    "[LEAN-1] %s: what is restored is what was sent, and random events are valid",
    (type) => {
      fc.assert(
        fc.property(eventsOf(type), (event) => {
          expect(ServerEvent.safeParse(event).error).toBeUndefined();
          const wire = new Wire();
          const restored = wire.send(event);
          expect(restored).toEqual(type === "profiles" ? [] : [throughJson(event)]);
          expect(wire.missed).toBe(0);
        }),
      );
    },
  );

  it("[LEAN-1] the same one after another, with profiles that change and a server that forgets what it sent", () => {
    const step = fc.record({ event: anyEvent, forgets: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const wire = new Wire();
        for (const { event, forgets } of steps) {
          if (forgets) wire.known = new KnownProfiles();
          if (event.type !== "profiles") expect(wire.send(event)).toEqual([throughJson(event)]);
        }
        expect(wire.missed).toBe(0);
      }),
    );
  });

  it("[LEAN-2] a full event is restored as it is: an older server sends nothing else", () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        fc.pre(event.type !== "profiles");
        expect(new LeanDecoder().decode(event)).toEqual(event);
      }),
    );
  });

  it("[R31 LEAN-3] fields of a later server stay, also those with the names of stand-ins", () => {
    const more = fc.constantFrom({ later: 1 }, { seq: 9 }, { sender_id: "x" }, { later: null, seq: null });
    fc.assert(
      fc.property(anyEvent, more, (event, fields) => {
        fc.pre(event.type !== "profiles" && event.type !== "ack");
        const later = withMore(event, fields) as ServerEvent;
        expect(new Wire().send(later)).toEqual([throughJson(later)]);
      }),
    );
  });

  it("[R31 LEAN-3] what is no known event is handed through untouched, and nothing is thrown", () => {
    const decoder = new LeanDecoder();
    const unknown = {
      type: "poll.closed",
      conversation_id: ID,
      seq: 8,
      data: { message_id: "m", type: "x" },
    };
    for (const value of [
      unknown,
      { type: "constructor", data: {} },
      { type: 7, data: {} },
      [],
      null,
      "x",
      1,
    ]) {
      expect(decoder.decode(value)).toBe(value);
    }
    const type = fc.constantFrom(...EVENT_TYPES);
    fc.assert(
      fc.property(
        type,
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.jsonValue(),
        (name, envelope, data) => {
          decoder.decode({ ...envelope, type: name, data });
          decoder.decode({
            type: name,
            data: { messages: [data], reply_to: data, profiles: [data], members: data },
          });
        },
      ),
    );
  });

  it("[LEAN-4] a plain message says what only it can say", () => {
    const { event, people } = leanEvent(said({ content: "Hello!" }));
    expect(event).toEqual({
      type: "message.new",
      conversation_id: ID,
      seq: 7,
      data: { sender_id: ANN, content: "Hello!", created_at: message(7, ANN).created_at },
    });
    expect(people).toEqual([message(7, ANN).sender]);
  });

  it("[LEAN-4] a number stands for the id of a message, an id for a person", () => {
    const reply_to = quote(message(3, BOB));
    expect(leanEvent(said({ reply_to }))).toMatchObject({
      event: { data: { reply_to: { seq: 3, sender_id: BOB, content: "text 3" } } },
      people: [{ user_id: ANN }, { user_id: BOB }],
    });
    const { event } = leanEvent({
      type: "message.receipt",
      conversation_id: ID,
      data: {
        message_id: message(3, BOB).message_id,
        up_to: true,
        user_id: BOB,
        status: "read",
        timestamp: "2026-11-26T10:00:00.000Z",
      },
    });
    expect(event).toMatchObject({
      data: { seq: 3, user_id: BOB, status: "read", timestamp: "2026-11-26T10:00:00.000Z" },
    });
    expect(event).not.toHaveProperty("data.message_id");
  });

  it("[LEAN-4] the answer to a send keeps its id, which says where the message is", () => {
    const data = message(7, ANN, { client_message_id: "a" });
    const { event, people } = leanEvent({ type: "ack", request_id: "1", data });
    const { message_id, sender_id, content, created_at, client_message_id } = data;
    const short = { message_id, sender_id, content, created_at, client_message_id };
    expect(event).toEqual({ type: "ack", request_id: "1", data: short });
    expect(people).toEqual([data.sender]);
  });

  it("[LEAN-4] a patch is whole: there, what is missing has not changed", () => {
    const patch = { is_pinned: false, pinned_at: null, reactions: [], content: "" };
    const { event } = leanEvent({
      type: "message.updated",
      conversation_id: ID,
      seq: 9,
      data: { message_id: message(3, BOB).message_id, changed_seq: 9, patch },
    });
    expect(event).toEqual({ type: "message.updated", conversation_id: ID, seq: 9, data: { seq: 3, patch } });
  });
});

describe("profiles", () => {
  const ann: UserSummary = message(1, ANN).sender;

  it("[LEAN-5] are sent once, before they are needed, and again only when they have changed", () => {
    const wire = new Wire();
    for (let seq = 1; seq < 4; seq += 1) wire.send(said({ sender: { ...ann } }, seq));
    const types = () => wire.frames.map((frame) => (frame as ServerEvent).type);
    expect(types()).toEqual(["profiles", "message.new", "message.new", "message.new"]);
    const renamed = { ...ann, display_name: "Anna" };
    expect(wire.send(said({ sender: renamed }, 4))).toMatchObject([{ data: { sender: renamed } }]);
    expect(types().slice(4)).toEqual(["profiles", "message.new"]);
    expect(wire.send(said({ sender: ann }, 5))).toMatchObject([{ data: { sender: ann } }]);
    expect(types().slice(6)).toEqual(["profiles", "message.new"]);
  });

  it("[LEAN-5] two profiles of one person in one event: the second one stays in it", () => {
    const before = { ...message(3, ANN), sender: { ...ann, display_name: "Before" } };
    const { event, people } = leanEvent(said({ reply_to: quote(before) }));
    expect(people).toEqual([ann]);
    expect(event).toMatchObject({ data: { reply_to: { sender: before.sender } } });
    expect(event).not.toHaveProperty("data.sender");
  });

  it("[LEAN-5] a socket that hears thousands of people remembers the newest; the others are sent again", () => {
    const known = new KnownProfiles();
    const people = Array.from({ length: 2_001 }, (_, i) => ({ ...ann, user_id: String(i) }));
    const unknown = people.map((person) => known.unknown([person]).length);
    expect(unknown).toEqual(people.map(() => 1));
    const again = (person: UserSummary | undefined) => known.unknown(person ? [person] : []).length;
    expect([again(people.at(-1)), again(people.at(0)), again(people.at(0))]).toEqual([0, 1, 0]);
  });

  it("[LEAN-6] a person who was never sent has an id and no names, and the decoder reports it", () => {
    let missed = 0;
    const decoder = new LeanDecoder(() => {
      missed += 1;
    });
    const event = said({ reply_to: quote(message(3, BOB)) });
    const nobody = (user_id: string) => ({
      user_id,
      username: "",
      display_name: "",
      profile_photo_url: null,
    });
    const data = message(7, ANN, { sender: nobody(ANN) });
    const quoted = { ...quote(message(3, BOB)), sender: nobody(BOB) };
    expect(decoder.decode(throughJson(leanEvent(event).event))).toEqual({
      ...event,
      data: { ...data, reply_to: quoted },
    });
    expect(missed).toBe(2);
  });
});
