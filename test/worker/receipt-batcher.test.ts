import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { addToBatch } from "../../src/conversation/receipts/delivered.ts";
import { ReceiptBatcher } from "../../src/conversation/receipts/receipt-batcher.ts";
import type { Room } from "../../src/conversation/state/room.ts";

const MEMBERS = ["ann", "bob", "cat"];

/** A group of three: what the pump asks of a room. */
function roomOfThree(): Room {
  const room = {
    id: "9f1c2ab4-77de-8a01-b3c4-000000000000",
    info: { type: "group" },
    audience: new Set(MEMBERS),
    deliveredSeq: () => 0,
    member: () => ({ joined_seq: 1 }),
    sendersBetween: () => ["ann"],
    moveDelivered: (targets: Map<string, number>) => new Map(targets),
    messageAt: (seq: number) => seq,
    toldNow: () => undefined,
  };
  return room as unknown as Room;
}

/** A pump in use: the rounds that ran by themselves, and a way to say that a message was handed to everybody. */
function pumpOf(room: Room) {
  const rounds: number[] = [];
  const pump: ReceiptBatcher = new ReceiptBatcher({
    liveSince: () => MEMBERS,
    flushSoon: () => {
      pump.flush(room, Date.now());
      rounds.push(Date.now());
    },
  });
  let seq = 1;
  const say = () => {
    seq += 1;
    pump.deliveredHere(room, addToBatch(undefined, seq, "ann"));
  };
  return { pump, rounds, say };
}

/** A message each 50 ms. */
function chat(say: () => void, ms: number): void {
  for (let now = 0; now < ms; now += 50) {
    say();
    vi.advanceTimersByTime(50);
  }
}

describe("rounds of receipts (rule 19)", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("[RECEIPTS-1] a prompt round waits for nothing", () => {
    const { pump, rounds, say } = pumpOf(roomOfThree());
    say();
    vi.advanceTimersByTime(250);
    expect(rounds).toHaveLength(1);
    expect(pump.isDueWithNextMessage).toBe(false);
  });

  it("[RECEIPTS-2] where messages follow each other, a round that is due waits for one of them, or a second", () => {
    const { pump, rounds, say } = pumpOf(roomOfThree());
    for (let now = 0; !pump.isDueWithNextMessage && now < 20_000; now += 50) chat(say, 50);
    expect(pump.isDueWithNextMessage).toBe(true);
    const before = rounds.length;
    vi.advanceTimersByTime(900);
    expect(rounds).toHaveLength(before);
    vi.advanceTimersByTime(200);
    expect(rounds).toHaveLength(before + 1);
    expect(pump.isDueWithNextMessage).toBe(false);
  });

  it("[RECEIPTS-3] a round that has travelled with a message is not told again", () => {
    const room = roomOfThree();
    const { pump, rounds, say } = pumpOf(room);
    for (let now = 0; !pump.isDueWithNextMessage && now < 20_000; now += 50) chat(say, 50);
    const before = rounds.length;
    expect(pump.flush(room, Date.now()).length).toBeGreaterThan(0);
    expect(pump.isDueWithNextMessage).toBe(false);
    vi.advanceTimersByTime(4_000);
    expect(rounds).toHaveLength(before);
  });

  it("[RECEIPTS-5] what was read while a round was on its way to being due is not kept back by it", () => {
    const room = roomOfThree();
    const { pump, rounds, say } = pumpOf(room);
    for (let now = 0; !pump.isDueWithNextMessage && now < 20_000; now += 50) chat(say, 50);
    pump.flush(room, Date.now());
    say();
    const before = rounds.length;
    vi.advanceTimersByTime(4_900);
    pump.read(room, "bob", 2, Date.now());
    vi.advanceTimersByTime(300);
    expect(rounds.length).toBe(before + 1);
  });

  it("[RECEIPTS-4] what was read waits for no message", () => {
    const room = roomOfThree();
    const { pump, rounds, say } = pumpOf(room);
    for (let now = 0; !pump.isDueWithNextMessage && now < 20_000; now += 50) chat(say, 50);
    const before = rounds.length;
    pump.read(room, "bob", 2, Date.now());
    vi.advanceTimersByTime(300);
    expect(rounds).toHaveLength(before + 1);
  });
});
