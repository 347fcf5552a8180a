import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Exception, splitByExceptions } from "../../src/conversation/delivery/split-batch.ts";
import type { Emission } from "../../src/conversation/state/room.ts";
import { EncodedEvent } from "../../src/realtime/encoded-event.ts";

const eventOf = (text: string) => ({ type: "pong", text }) as unknown as Emission["event"];
const textOf = (event: EncodedEvent): string => JSON.parse(event.full).text;

describe("a batch of events of which some get others (rule 29)", () => {
  it("[R29 BLOCK-20] everybody gets one batch: the events, and in their places the exceptions for them", () => {
    const PEOPLE = ["ann", "bob", "cid", "dee", "eve"];
    const some = fc.subarray(PEOPLE);
    const exceptions = fc.array(fc.record({ at: fc.nat({ max: 4 }), to: some }), { maxLength: 5 });
    fc.assert(
      fc.property(some, exceptions, (to, wanted) => {
        // An event has one exception at most.
        const few = [...new Map(wanted.map((one) => [one.at, one])).values()].map(
          (one): Exception => ({ at: one.at, to: new Set(one.to), event: eventOf(`other ${one.at}`) }),
        );
        const events = [0, 1, 2, 3, 4].map((at) => EncodedEvent.of(eventOf(`event ${at}`)));
        const batches = splitByExceptions({ to: new Set(to), events }, few);
        for (const who of PEOPLE) {
          const got = batches.filter((batch) => batch.to.has(who));
          expect(got).toHaveLength(to.includes(who) ? 1 : 0);
          const texts = [0, 1, 2, 3, 4].map((at) =>
            few.some((one) => one.at === at && one.to.has(who)) ? `other ${at}` : `event ${at}`,
          );
          for (const batch of got) expect(batch.events.map(textOf)).toEqual(texts);
        }
      }),
    );
  });
});
