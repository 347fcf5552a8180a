/**
 * Splits a batch of events where a few members get something in place of some of them. Everybody still gets one batch: a
 * frame costs the same whatever is in it, so a room where people have blocked each other sends as many as any other.
 */
import { EncodedEvent } from "../../realtime/encoded-event.ts";
import type { Emission } from "../state/room.ts";

/** What some get in place of one event of a batch. */
export interface Exception extends Emission {
  /** The index of that event. */
  at: number;
}

/** Encoded events for the same members. */
interface EventsTo {
  to: ReadonlySet<string>;
  events: EncodedEvent[];
}

/** One batch for those who get the events as they are, which comes last, and one for each group who get the same exceptions. */
export function splitByExceptions({ to, events }: EventsTo, exceptions: readonly Exception[]): EventsTo[] {
  const encoded = exceptions.map(({ event }) => EncodedEvent.of(event));
  /** By member, the indexes of their exceptions. */
  const own = new Map<string, number[]>();
  exceptions.forEach((exception, index) => {
    for (const userId of exception.to) {
      if (!to.has(userId)) continue;
      const indexes = own.get(userId);
      if (indexes) indexes.push(index);
      else own.set(userId, [index]);
    }
  });
  const groups = new Map<string, { to: Set<string>; indexes: number[] }>();
  for (const [userId, indexes] of own) {
    const group = groups.get(indexes.join());
    if (group) group.to.add(userId);
    else groups.set(indexes.join(), { to: new Set([userId]), indexes });
  }
  const few = [...groups.values()].map(({ to: some, indexes }): EventsTo => {
    const replaced = [...events];
    for (const index of indexes) {
      const exception = exceptions[index];
      const event = encoded[index];
      if (exception && event) replaced[exception.at] = event;
    }
    return { to: some, events: replaced };
  });
  const most = new Set([...to].filter((userId) => !own.has(userId)));
  return [...few, { to: most, events }];
}
