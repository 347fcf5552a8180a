import {
  KnownProfiles,
  LEAN_DEFAULTS,
  LeanDecoder,
  messageId,
  type ServerEvent,
} from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EncodedEvent, fromTexts, toTexts } from "../../src/realtime/encoded-event.ts";
import { FrameBatch, sizeOf, type Taking } from "../../src/realtime/frame-batch.ts";

const ID = "9f1c2ab4-77de-8a01-b3c4-000000000000";
const ann = { user_id: ID, username: "ann", display_name: "Ann", profile_photo_url: null };

/** A message with everything that a schema asks of it. */
function said(seq: number, content = "hello", sender = ann): ServerEvent {
  const ids = { message_id: messageId(ID, seq), conversation_id: ID, sender_id: sender.user_id };
  const created_at = "2026-11-26T08:00:00.000Z";
  const data = { ...LEAN_DEFAULTS.message, ...ids, seq, changed_seq: seq, sender, content, created_at };
  return { type: "message.new", conversation_id: ID, seq, data } as unknown as ServerEvent;
}

const NOBODY: readonly EncodedEvent[] = [];
const full = (batch: boolean): Taking => ({ batch, known: undefined });

/** What a client makes of frames. */
function heard(texts: readonly string[], decoder?: LeanDecoder): (ServerEvent | undefined)[] {
  return texts
    .flatMap((text) => JSON.parse(text) as ServerEvent | ServerEvent[])
    .map((event) => (decoder ? decoder.decode(event) : event))
    .filter((event) => event !== undefined);
}

describe("frames for many sockets", () => {
  it("[FRAMES-1] a socket's own events travel with those of everybody, after them", () => {
    const batch = new FrameBatch([said(1), said(2)].map(EncodedEvent.of));
    const { texts, size } = batch.for(full(true), [EncodedEvent.of(said(3))]);
    expect(texts).toHaveLength(1);
    expect(heard(texts)).toEqual([said(1), said(2), said(3)]);
    expect(size).toBe(sizeOf(texts));
    expect(batch.for(full(false), [EncodedEvent.of(said(3))]).texts).toHaveLength(3);
  });

  it("[FRAMES-2] where those of everybody are long, they are joined once and one's own follow in a frame of their own", () => {
    const long = "x".repeat(5_000);
    const batch = new FrameBatch([said(1, long), said(2, long)].map(EncodedEvent.of));
    const { texts } = batch.for(full(true), [EncodedEvent.of(said(3))]);
    expect(texts.map((text) => JSON.parse(text).length)).toEqual([2, 1]);
    expect(batch.for(full(true), NOBODY).texts[0]).toBe(texts[0]);
  });

  it("[FRAMES-3] nothing to say is no frame, own events alone are one", () => {
    const batch = new FrameBatch([]);
    expect(batch.for(full(true), NOBODY)).toEqual({ texts: [], size: 0 });
    expect(batch.for(full(true), [said(1), said(2)].map(EncodedEvent.of)).texts).toHaveLength(1);
  });

  it("[FRAMES-4] what is the same for many sockets is made once", () => {
    const batch = new FrameBatch([EncodedEvent.of(said(1))]);
    const known = new KnownProfiles();
    known.unknown([ann]);
    for (const taking of [full(true), full(false), { batch: true, known }, { batch: false, known }])
      expect(batch.for(taking, NOBODY)).toBe(batch.for(taking, NOBODY));
  });

  it("[LEAN-12] whichever form a socket takes and another object hands over, its client hears the same events", () => {
    const names = fc.constantFrom("ann", "bob", "bob the second");
    const event = fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.string(), names)
      .map(([seq, content, display_name]) =>
        said(seq, content, { ...ann, user_id: display_name.slice(0, 3), display_name }),
      );
    fc.assert(
      fc.property(
        fc.array(fc.record({ all: fc.array(event), own: fc.array(event), isLean: fc.boolean() })),
        fc.boolean(),
        (turns, batch) => {
          const [decoder, known] = [new LeanDecoder(() => expect.unreachable()), new KnownProfiles()];
          for (const { all, own, isLean } of turns) {
            const texts = structuredClone(toTexts(all.map(EncodedEvent.of), isLean));
            const frames = new FrameBatch(fromTexts(texts));
            const mine = own.map(EncodedEvent.of);
            expect(heard(frames.for(full(batch), mine).texts)).toEqual([...all, ...own]);
            expect(heard(frames.for({ batch, known }, mine).texts, decoder)).toEqual([...all, ...own]);
          }
        },
      ),
    );
  });
});
