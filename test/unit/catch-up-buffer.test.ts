import { describe, expect, it } from "vitest";
import { EncodedEvent } from "../../src/realtime/encoded-event.ts";
import { CatchUpBuffer, type NumberedEvents } from "../../src/user-hub/catch-up-buffer.ts";

const ID = "one";

/** Stands for a socket: the buffer only tells them apart. */
const socket = () => ({}) as WebSocket;

/** A delivery of these numbers; 0 is a receipt, or somebody who types. */
function delivery(...seqs: number[]): NumberedEvents {
  const texts = seqs.map((seq, i) => (seq === 0 ? `typing ${i}` : `event ${seq}`));
  return { events: texts.map(EncodedEvent.fromFull), seqs };
}

function textsOf(events: readonly EncodedEvent[]): string[] {
  return events.map((event) => event.full);
}

describe("the buffer between sync and live events", () => {
  it("[R21 GATE-1] holds what is said meanwhile, and lets out only what the answer does not contain", async () => {
    const [buffer, one, other] = [new CatchUpBuffer(), socket(), socket()];
    await buffer.hold(one, ID);
    expect(textsOf(buffer.pass(one, ID, delivery(5, 0, 6)))).toEqual([]);
    expect(textsOf(buffer.pass(other, ID, delivery(5)))).toEqual(["event 5"]);
    expect(textsOf(buffer.pass(one, "another", delivery(5)))).toEqual(["event 5"]);
    expect(textsOf(buffer.pass(one, ID, delivery(7, 8)))).toEqual([]);
    expect(textsOf(buffer.release(one, ID, 6))).toEqual(["typing 1", "event 7", "event 8"]);
    expect(buffer.isPassThrough(ID)).toBe(true);
  });

  it("[R21 GATE-1] what was on its way and arrives behind the answer is left out as well", async () => {
    const [buffer, one] = [new CatchUpBuffer(), socket()];
    await buffer.hold(one, ID);
    expect(textsOf(buffer.release(one, ID, 9))).toEqual([]);
    expect(textsOf(buffer.pass(one, ID, delivery(7)))).toEqual([]);
    expect(textsOf(buffer.pass(one, ID, delivery(0)))).toEqual(["typing 0"]);
    expect(buffer.isPassThrough(ID)).toBe(false);
    expect(textsOf(buffer.pass(one, ID, delivery(8, 9, 10, 0)))).toEqual(["event 10", "typing 3"]);
    expect(buffer.isPassThrough(ID)).toBe(true);
    expect(textsOf(buffer.pass(one, ID, delivery(11)))).toEqual(["event 11"]);
  });

  it("[R21 GATE-1] an answer that could not be had lets out everything", async () => {
    const [buffer, one] = [new CatchUpBuffer(), socket()];
    await buffer.hold(one, ID);
    buffer.pass(one, ID, delivery(1, 2));
    expect(textsOf(buffer.release(one, ID, 0))).toEqual(["event 1", "event 2"]);
    expect(buffer.isPassThrough(ID)).toBe(true);
  });

  it("[R21 GATE-2] one question at a time for each socket and conversation", async () => {
    const [buffer, one] = [new CatchUpBuffer(), socket()];
    const order: string[] = [];
    const ask = async (name: string, upTo: number): Promise<void> => {
      await buffer.hold(one, ID);
      order.push(`${name} asks`);
      buffer.pass(one, ID, delivery(upTo, upTo + 1));
      await Promise.resolve();
      order.push(`${name}: ${textsOf(buffer.release(one, ID, upTo))}`);
    };
    await Promise.all([ask("a", 3), ask("b", 4), ask("c", 6)]);
    expect(order).toEqual(["a asks", "a: event 4", "b asks", "b: event 5", "c asks", "c: event 7"]);
    expect(buffer.isPassThrough(ID)).toBe(true);
    await Promise.all([buffer.hold(one, ID), buffer.hold(one, "another"), buffer.hold(socket(), ID)]);
  });

  it("[R21 GATE-2] a socket that has closed leaves nothing behind", async () => {
    const [buffer, one, other] = [new CatchUpBuffer(), socket(), socket()];
    for (const id of [ID, "two", "three"]) {
      await buffer.hold(one, id);
      buffer.release(one, id, 5);
    }
    await buffer.hold(other, ID);
    buffer.removeSocket(one);
    expect([ID, "two", "three"].map((id) => buffer.isPassThrough(id))).toEqual([false, true, true]);
  });

  it("[R21 GATE-3] a socket that closes while it is brought up to date leaves nothing behind, and nobody waits", async () => {
    const [buffer, one] = [new CatchUpBuffer(), socket()];
    const done: string[] = [];
    const ask = async (name: string) => {
      await buffer.hold(one, ID);
      done.push(name);
    };
    await ask("first");
    const others = Promise.all([ask("second"), ask("third")]);
    buffer.removeSocket(one);
    // The answer to the first comes when the socket has gone.
    expect(textsOf(buffer.release(one, ID, 5))).toEqual([]);
    const late = new Promise((resolve) => setTimeout(resolve, 50));
    await Promise.race([others, late]);
    expect(done).toEqual(["first", "second", "third"]);
    expect(textsOf(buffer.release(one, ID, 5))).toEqual([]);
    expect(buffer.isPassThrough(ID)).toBe(true);
  });
});
