/** `message.updated`: changes to a message that have no event of their own. */
import {
  apply,
  applyFetched,
  applyFuture,
  applyPage,
  type ConversationState,
  emptyState,
  messageIdAt,
  type StateEvent,
  trim,
} from "@rocket-chat-api/client";
import type { FetchedMessage } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ANN,
  BOB,
  begun,
  deleted,
  edited,
  fetched,
  follow,
  ID,
  message,
  quote,
  said,
  sync,
  updated,
} from "./client-kit.ts";

const PINNED = { is_pinned: true, pinned_at: "2026-11-16T10:31:00.000Z", pinned_by: BOB };
const UNPINNED = { is_pinned: false, pinned_at: null, pinned_by: null };

const at = (state: ConversationState, seq: number) => state.messages.find((one) => one.seq === seq);

describe("message.updated", () => {
  it("[CLIENT-40] is applied in the order of the numbers, once; a jump is a gap that leaves the state as it was", () => {
    const state = follow(begun(), said(2, BOB), said(3, BOB));
    const pinned = follow(state, updated(4, 2, PINNED));
    expect(at(pinned, 2)).toEqual({ ...message(2, BOB), ...PINNED, changed_seq: 4 });
    expect(pinned).toMatchObject({ seq: 4, unread_count: 2 });
    expect(at(pinned, 3)).toBe(at(state, 3));
    expect(apply(pinned, updated(4, 2, UNPINNED))).toEqual({ state: pinned, outcome: "ignored" });
    expect(apply(pinned, updated(6, 2, UNPINNED))).toEqual({ state: pinned, outcome: "gap" });
    expect(at(follow(pinned, updated(5, 2, UNPINNED)), 2)).toMatchObject({ ...UNPINNED, changed_seq: 5 });
    const elsewhere = { ...updated(5, 2, UNPINNED), conversation_id: messageIdAt(ID, 1) };
    expect(apply(pinned, elsewhere as StateEvent).outcome).toBe("ignored");
    expect(apply(emptyState(ID, ANN), updated(4, 2, PINNED)).outcome).toBe("gap");
  });

  it("[CLIENT-41] the order in which duplicates come makes no difference, among edits and deletions", () => {
    const events = [
      said(2, BOB),
      updated(3, 2, PINNED),
      edited(4, 2, "new"),
      said(5, ANN),
      updated(6, 5, PINNED),
      updated(7, 2, UNPINNED),
      deleted(8, 5),
      updated(9, 2, PINNED),
    ];
    const wanted = follow(begun(), ...events);
    expect(at(wanted, 2)).toMatchObject({ ...PINNED, content: "new", changed_seq: 9 });
    fc.assert(
      fc.property(fc.array(fc.nat(events.length - 1), { maxLength: 60 }), (order) => {
        let state = begun();
        for (const index of order) state = apply(state, events[index] as StateEvent).state;
        state = events.reduce((before, event) => apply(before, event).state, state);
        expect(state).toEqual(wanted);
      }),
    );
  });

  it("[CLIENT-42] a fetch or a page that brought the change, or a later one, before the event is not undone", () => {
    const state = follow(begun(), said(2, BOB), said(3, BOB));
    const later = { ...UNPINNED, content: "new", changed_seq: 5 };
    for (const copy of [{ ...PINNED, changed_seq: 4 }, later]) {
      const early = applyFetched(state, fetched(2, BOB, copy));
      expect(follow(early, updated(4, 2, PINNED))).toEqual({ ...early, seq: 4 });
    }
    const messages = [fetched(2, BOB, { ...PINNED, changed_seq: 4 })];
    const paged = applyPage(trim(state, 1), 3, { messages, has_more: false, has_newer: true });
    expect(paged.stale).toEqual([]);
    expect(follow(paged.state, updated(4, 2, UNPINNED))).toEqual({ ...paged.state, seq: 4 });
  });

  it("[CLIENT-43] does not load a message and changes no counts; a page from before it is fetched again", () => {
    // Also of an unread message: unlike an edit, it cannot change what is unread.
    const state = trim(follow(begun(), said(2, BOB), said(3, BOB)), 1);
    const { state: next, outcome } = apply(state, updated(4, 2, PINNED));
    expect(outcome).toBe("applied");
    expect(next).toEqual({ ...state, seq: 4, passed_by: new Map([[2, 4]]) });
    const page = { messages: [fetched(2, BOB)], has_more: false, has_newer: true };
    const { state: joined, stale } = applyPage(next, 3, page);
    expect(stale).toEqual([messageIdAt(ID, 2)]);
    const again = applyFetched(joined, fetched(2, BOB, { ...PINNED, changed_seq: 4 }));
    expect(at(again, 2)).toMatchObject(PINNED);
    expect(applyPage(next, 3, { ...page, messages: [fetched(2, BOB, { changed_seq: 4 })] }).stale).toEqual(
      [],
    );
  });

  it("[CLIENT-44] of a message that the viewer has hidden it moves the number, and nothing else", () => {
    const state = follow(begun(), said(2, BOB), said(3, BOB), deleted(undefined, 2));
    for (const patch of [{}, PINNED, { content: "shown again" }]) {
      expect(follow(state, updated(4, 2, patch))).toEqual({ ...state, seq: 4 });
    }
    const told = sync({ since: 3, seq: 4, messages: [fetched(2, BOB, { ...PINNED, changed_seq: 4 })] });
    expect(at(follow(state, told), 2)).toBeUndefined();
  });

  it("[CLIENT-45 R6] an empty patch, of a message that the viewer may not see, changes the numbers only", () => {
    const state = follow(begun(), said(2, BOB), said(3, BOB));
    const loaded = follow(state, updated(4, 2, {}));
    expect(at(loaded, 2)).toEqual({ ...message(2, BOB), changed_seq: 4 });
    expect(loaded).toEqual({ ...state, seq: 4, messages: loaded.messages });
    const joinedLater = { ...state, messages: state.messages.slice(1) };
    const next = follow(joinedLater, updated(4, 2, {}));
    expect(next).toEqual({ ...joinedLater, seq: 4, passed_by: new Map([[2, 4]]) });
  });

  it("[CLIENT-46 R31] a patch leaves what a fetch would: fields of a later server, and quotes of what it says", () => {
    const field = fc.constantFrom(
      "link_preview",
      "votes",
      "translated",
      "is_starred",
      "metadata",
      "pinned_by",
    );
    const patches = fc.dictionary(field, fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true });
    const reply = said(3, ANN, { reply_to: quote(message(2, BOB)) });
    const state = follow(begun(), said(2, BOB), reply, updated(4, 3, PINNED));
    const same = (patch: object) => {
      const whole = { ...fetched(2, BOB), ...patch, changed_seq: 5 } as FetchedMessage;
      const asked = { ...applyFetched(state, whole), seq: 5 };
      expect(follow(state, updated(5, 2, patch))).toEqual(asked);
    };
    fc.assert(fc.property(patches, same));
    for (const patch of [{ content: "other words" }, { receipt_status: "read" }, { status: "read" }]) {
      same(patch);
    }
    const quoted = follow(state, updated(5, 2, { content: "other words" }));
    expect(at(quoted, 3)?.reply_to?.content).toBe("other words");
  });

  it("[CLIENT-47 R17] a deletion takes along what patches brought, known or not, each field by its kind", () => {
    const unknown = { link_preview: { title: "x" }, votes: [1], is_starred: true, language: "en", score: 7 };
    const patch = { ...PINNED, ...unknown };
    const state = follow(begun(), said(2, BOB), updated(3, 2, patch));
    expect(at(state, 2)).toMatchObject(patch);
    const gone = follow(state, deleted(4, 2));
    expect(at(gone, 2)).toEqual({
      ...message(2, BOB),
      ...UNPINNED,
      content: "",
      is_deleted: true,
      changed_seq: 4,
      link_preview: null,
      votes: [],
      is_starred: false,
      language: null,
      score: null,
    });
    expect(apply(gone, updated(3, 2, patch)).outcome).toBe("ignored");
  });

  it("[CLIENT-48 R31] of a copy that is stale it is applied, and the copy stays stale until it is fetched", () => {
    const state = follow(begun(), said(2, BOB));
    const message_id = messageIdAt(ID, 2);
    const future = { type: "message.of_tomorrow", conversation_id: ID, seq: 3, message_id };
    const pinned = follow(applyFuture(state, future).state, updated(4, 2, PINNED));
    expect([...pinned.stale]).toEqual([[2, 3]]);
    expect(at(pinned, 2)).toMatchObject(PINNED);
    // The answer was on its way for longer than the event.
    expect(at(applyFetched(pinned, fetched(2, BOB, { changed_seq: 3 })), 2)).toMatchObject(PINNED);
    const fresh = applyFetched(pinned, fetched(2, BOB, { ...PINNED, content: "new", changed_seq: 4 }));
    expect([fresh.stale.size, at(fresh, 2)?.content]).toEqual([0, "new"]);
  });

  it("[CLIENT-49 R21] a client that was away and resumes holds what a follower holds", () => {
    const away = follow(begun(), said(2, BOB), said(3, ANN));
    const followed = follow(away, updated(4, 2, PINNED), updated(5, 3, PINNED), updated(6, 2, UNPINNED));
    const messages = [
      fetched(3, ANN, { ...PINNED, changed_seq: 5 }),
      fetched(2, BOB, { ...UNPINNED, changed_seq: 6 }),
    ];
    const resumed = follow(away, sync({ since: 3, seq: 6, messages, unread_count: 1 }));
    expect(resumed).toEqual(followed);
    // The events were on their way too.
    expect(apply(resumed, updated(5, 3, UNPINNED))).toEqual({ state: resumed, outcome: "ignored" });
  });
});
