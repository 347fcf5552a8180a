import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ReceiptBatcher } from "../../src/conversation/receipts/receipt-batcher.ts";
import type { Room } from "../../src/conversation/state/room.ts";
import { addToBatch } from "../../src/domain/delivered.ts";

const MEMBERS = ["ann", "bob", "cat"];

/** A group of three: what the batcher asks of a room. */
function roomOfThree(): Room {
  const row = (user_id: string) => ({ user_id, joined_seq: 1, read_receipts: true, request: null });
  const room = {
    id: "9f1c2ab4-77de-8a01-b3c4-000000000000",
    info: { type: "group" },
    head: 1,
    audience: new Set(MEMBERS),
    deliveredSeq: () => 0,
    member: row,
    roster: new Map(MEMBERS.map((user_id) => [user_id, row(user_id)])),
    currentMembers: () => MEMBERS.map(row),
    sendersBetween: () => ["ann"],
    moveDelivered: (targets: Map<string, number>) => new Map(targets),
    messageAt: (seq: number) => seq,
    stampReceipt: () => undefined,
  };
  return room as unknown as Room;
}

/** A batcher in use: the flushes that ran by themselves, and a way to say that a message went to all members. */
function batcherOf(room: Room) {
  const flushes: number[] = [];
  const batcher: ReceiptBatcher = new ReceiptBatcher({
    liveSince: () => MEMBERS,
    flushSoon: () => {
      batcher.flush(room, Date.now());
      flushes.push(Date.now());
    },
  });
  let seq = 1;
  const say = () => {
    seq += 1;
    batcher.deliveredHere(room, addToBatch(undefined, seq, "ann"));
  };
  return { batcher, flushes, say };
}

/** A message each 50 ms. */
function chat(say: () => void, ms: number): void {
  for (let now = 0; now < ms; now += 50) {
    say();
    vi.advanceTimersByTime(50);
  }
}

describe("flushes of receipts (rule 19)", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("[RECEIPTS-1] a prompt flush waits for nothing", () => {
    const { batcher, flushes, say } = batcherOf(roomOfThree());
    say();
    vi.advanceTimersByTime(250);
    expect(flushes).toHaveLength(1);
    expect(batcher.isDueWithNextMessage).toBe(false);
  });

  it("[RECEIPTS-2] where messages follow each other, a flush that is due waits for one of them, or a second", () => {
    const { batcher, flushes, say } = batcherOf(roomOfThree());
    for (let now = 0; !batcher.isDueWithNextMessage && now < 20_000; now += 50) chat(say, 50);
    expect(batcher.isDueWithNextMessage).toBe(true);
    const before = flushes.length;
    vi.advanceTimersByTime(900);
    expect(flushes).toHaveLength(before);
    vi.advanceTimersByTime(200);
    expect(flushes).toHaveLength(before + 1);
    expect(batcher.isDueWithNextMessage).toBe(false);
  });

  it("[RECEIPTS-3] a flush that has travelled with a message is not told again", () => {
    const room = roomOfThree();
    const { batcher, flushes, say } = batcherOf(room);
    for (let now = 0; !batcher.isDueWithNextMessage && now < 20_000; now += 50) chat(say, 50);
    const before = flushes.length;
    expect(batcher.flush(room, Date.now()).length).toBeGreaterThan(0);
    expect(batcher.isDueWithNextMessage).toBe(false);
    vi.advanceTimersByTime(4_000);
    expect(flushes).toHaveLength(before);
  });

  it("[RECEIPTS-5] what was read while a flush was on its way to being due is not kept back by it", () => {
    const room = roomOfThree();
    const { batcher, flushes, say } = batcherOf(room);
    for (let now = 0; !batcher.isDueWithNextMessage && now < 20_000; now += 50) chat(say, 50);
    batcher.flush(room, Date.now());
    say();
    const before = flushes.length;
    vi.advanceTimersByTime(4_900);
    batcher.read(room, "bob", 2, Date.now());
    vi.advanceTimersByTime(300);
    expect(flushes.length).toBe(before + 1);
  });

  it("[RECEIPTS-4] what was read waits for no message", () => {
    const room = roomOfThree();
    const { batcher, flushes, say } = batcherOf(room);
    for (let now = 0; !batcher.isDueWithNextMessage && now < 20_000; now += 50) chat(say, 50);
    const before = flushes.length;
    batcher.read(room, "bob", 2, Date.now());
    vi.advanceTimersByTime(300);
    expect(flushes).toHaveLength(before + 1);
  });
});
