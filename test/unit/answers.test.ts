import { decodeFrame, messageId, newConversationId } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Answers, type Place } from "../../src/realtime/answers.ts";
import { EVERY_LANE, type Lane, laneOf } from "../../src/realtime/frame-order.ts";

/** Takes places in these lanes, and knows the answers in this order. @returns the order in which they were given. */
function play(lanes: (Lane | undefined)[], order: number[]): number[] {
  const given: number[] = [];
  const answers = new Answers<number>((answer) => given.push(answer));
  const places: Place<number>[] = lanes.map((lane) => answers.begin(lane));
  for (const index of order) {
    const place = places[index];
    if (place) answers.finish(place, index);
  }
  return given;
}

describe("answers", () => {
  it("[R20 ORDER-1] of one lane wait for those before them; other lanes do not", () => {
    expect(play(["a", "a", "a"], [2, 1, 0])).toEqual([0, 1, 2]);
    expect(play(["a", "b", "a", "b"], [3, 2, 0, 1])).toEqual([0, 2, 1, 3]);
    expect(play([undefined, "a", undefined], [2, 1, 0])).toEqual([2, 1, 0]);
  });

  it("[R20 ORDER-1] what may be about any conversation keeps its place among all", () => {
    expect(play(["a", "b", EVERY_LANE, "a"], [3, 2, 0, 1])).toEqual([0, 1, 2, 3]);
    expect(play([EVERY_LANE], [0])).toEqual([0]);
  });

  it("[R20 ORDER-1] nothing to say lets the next one go, and a second word is ignored", () => {
    const given: string[] = [];
    const answers = new Answers<string>((answer) => given.push(answer));
    const [first, second] = [answers.begin("a"), answers.begin("a")];
    answers.finish(second, "second");
    expect(given).toEqual([]);
    answers.finish(first, undefined);
    answers.finish(first, "late");
    expect(given).toEqual(["second"]);
  });

  it("[R20 ORDER-1] ten thousand that wait for one go at once, and lanes by the thousand are forgotten", () => {
    const count = 10_000;
    const backwards = Array.from({ length: count }, (_, i) => count - 1 - i);
    expect(play(Array(count).fill("a"), backwards)).toEqual(backwards.toReversed());
    const lanes = Array.from({ length: count }, (_, i) => `lane ${i}`);
    const given: number[] = [];
    const answers = new Answers<number>((answer) => given.push(answer));
    for (const lane of lanes) answers.finish(answers.begin(lane), 1);
    expect(given).toHaveLength(count);
    expect(answers.begin(EVERY_LANE).queues.length).toBeLessThanOrEqual(64);
  });

  it("[R20 ORDER-1] whatever is known when, each lane's answers come in order, and all come", () => {
    const lane = fc.constantFrom<Lane | undefined>("a", "b", "c", EVERY_LANE, undefined);
    const script = fc
      .array(lane, { minLength: 1, maxLength: 30 })
      .chain((lanes) =>
        fc.tuple(
          fc.constant(lanes),
          fc.shuffledSubarray([...lanes.keys()], { minLength: lanes.length, maxLength: lanes.length }),
        ),
      );
    fc.assert(
      fc.property(script, ([lanes, order]) => {
        const given = play(lanes, order);
        expect(given.toSorted((a, b) => a - b)).toEqual([...lanes.keys()]);
        for (const one of ["a", "b", "c"]) {
          const ofLane = given.filter((index) => lanes[index] === one);
          expect(ofLane).toEqual(ofLane.toSorted((a, b) => a - b));
        }
      }),
    );
  });
});

describe("the lane of a frame", () => {
  const id = newConversationId();
  const lane = (frame: unknown) =>
    laneOf(decodeFrame(typeof frame === "string" ? frame : JSON.stringify(frame)));

  it("[R20 ORDER-2] is the conversation that it is about, also where it is not valid", () => {
    const message_id = messageId(id, 3);
    for (const frame of [
      { type: "message.send", conversation_id: id, data: { type: "text", content: "x" } },
      { type: "message.send", conversation_id: id.toUpperCase(), data: 7 },
      { type: "no.such.command", conversation_id: id },
      { type: "typing.start", conversation_id: id },
      { type: "message.read", message_id },
      { type: "message.delivered", message_id, request_id: [] },
      { type: "sync", conversations: { [id]: 0 } },
    ]) {
      expect(lane(frame)).toBe(id);
    }
  });

  it("[R20 ORDER-2] is every lane for what says nothing of it, and none for what is about the socket", () => {
    const bad = ["", "[]", "{}", { type: "message.send", conversation_id: 7 }, `"${"x".repeat(70_000)}"`];
    for (const frame of bad) expect(lane(frame)).toBe(EVERY_LANE);
    const aboutTheSocket = [
      { type: "ping" },
      { type: "flow.ack", received: 1 },
      { type: "presence.update", status: "away" },
      { type: "auth.refresh", token: "x" },
      { type: "sync", conversations: {} },
      { type: "sync", conversations: { [id]: 0, [newConversationId()]: 0 } },
    ];
    for (const frame of aboutTheSocket) expect(lane(frame)).toBeUndefined();
  });
});
