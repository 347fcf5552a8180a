import {
  apply,
  applyFetched,
  applyPage,
  emptyState,
  messageIdAt,
  type StateEvent,
  trim,
} from "@rocket-chat-api/client";
import { receiptStatus } from "@rocket-chat-api/client/outgoing";
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
  member,
  message,
  quote,
  receipt,
  said,
  sync,
} from "./client-kit.ts";

const contents = (state: ReturnType<typeof begun>) => state.messages.map((one) => one.content);

describe("numbered events", () => {
  it("[CLIENT-1] are applied in order, once; a jump is a gap that leaves the state as it was", () => {
    const state = follow(begun(), said(2, BOB), said(3, ANN));
    expect(state).toMatchObject({ seq: 3, unread_count: 1 });
    expect(apply(state, said(3, ANN))).toEqual({ state, outcome: "ignored" });
    expect(apply(state, said(5, ANN))).toEqual({ state, outcome: "gap" });
    expect(apply(state, { ...said(4, ANN), conversation_id: messageIdAt(ID, 1) }).outcome).toBe("ignored");
  });

  it("[CLIENT-2] of a conversation that is not known ask for everything", () => {
    const state = emptyState(ID, ANN);
    expect(apply(state, said(7, BOB))).toEqual({ state, outcome: "gap" });
  });

  it("[CLIENT-3] the order in which duplicates come makes no difference", () => {
    const events = [said(2, BOB), said(3, ANN), edited(4, 2, "new"), deleted(5, 3), said(6, BOB)];
    const wanted = follow(begun(), ...events);
    fc.assert(
      fc.property(fc.array(fc.nat(events.length - 1), { maxLength: 60 }), (order) => {
        let state = begun();
        for (const index of order) state = apply(state, events[index] as StateEvent).state;
        state = events.reduce((before, event) => apply(before, event).state, state);
        expect(state).toEqual(wanted);
      }),
    );
  });

  it("[CLIENT-4] edits and deletions follow into quotes, and to what is unread", () => {
    const first = message(2, BOB);
    const state = follow(begun(), said(2, BOB), said(3, ANN, { reply_to: quote(first) }));
    const long = "x".repeat(300);
    const changed = follow(state, edited(4, 2, long));
    expect(changed.messages[1]?.reply_to?.content).toBe("x".repeat(200));
    const gone = follow(changed, deleted(5, 2));
    expect(gone.messages[0]).toMatchObject({
      is_deleted: true,
      content: "",
      is_edited: true,
      changed_seq: 5,
    });
    expect(gone.messages[1]?.reply_to).toMatchObject({ content: "", is_deleted: true });
    expect([changed.unread_count, gone.unread_count]).toEqual([1, 0]);
  });

  it("[CLIENT-20] what the viewer hides is gone from quotes too: heard live, told by sync, and in older pages", () => {
    const first = message(2, BOB);
    const reply = said(3, BOB, { reply_to: quote(first) });
    const shown = { ...quote(first), content: "" };
    const live = follow(begun(), said(2, BOB), reply, deleted(undefined, 2));
    expect(live.messages.map((one) => one.reply_to)).toEqual([shown]);
    const told = follow(
      begun(),
      said(2, BOB),
      reply,
      sync({ seq: 3, since: 3, hidden_message_ids: [messageIdAt(ID, 2)] }),
    );
    expect(told.messages).toEqual(live.messages);
    const erased = follow(live, deleted(4, 2));
    expect(erased.messages[0]?.reply_to).toEqual({ ...shown, is_deleted: true });
    const page = {
      messages: [fetched(3, BOB, { reply_to: quote(first) })],
      has_more: false,
      has_newer: true,
    };
    const older = applyPage({ ...trim(follow(live, said(4, BOB)), 1), hidden: live.hidden }, 4, page);
    expect(older.state.messages[0]?.reply_to).toEqual(shown);
  });

  it("[CLIENT-5] names follow, wherever somebody is named", () => {
    const first = message(2, BOB);
    const patch = {
      reply_to: quote(first),
      mentions: [{ user_id: BOB, username: "bob" }],
      reactions: [{ emoji: "👍", user_id: BOB, username: "bob" }],
    };
    const renamed = { ...member(BOB, "Robert"), username: "robert" };
    const state = follow(begun(), said(2, BOB), said(3, ANN, patch), {
      type: "participant.updated",
      conversation_id: ID,
      seq: 4,
      data: { participants: [renamed], updated_by: BOB },
    });
    expect(state.messages[0]?.sender.display_name).toBe("Robert");
    const { reply_to, mentions, reactions } = state.messages[1] ?? {};
    expect(reply_to?.sender.username).toBe("robert");
    expect([mentions?.[0]?.username, reactions?.[0]?.username]).toEqual(["robert", "robert"]);
  });

  it("[CLIENT-6] the viewer's removal ends the membership; what comes later is a gap", () => {
    const state = follow(begun(), {
      type: "participant.removed",
      conversation_id: ID,
      seq: 2,
      data: { user_id: ANN, username: "ann", participant_count: 1, removed_by: BOB },
    });
    expect(state.membership).toBe("removed");
    expect(apply(state, said(3, BOB)).outcome).toBe("gap");
  });
});

describe("what is not loaded", () => {
  const state = trim(follow(begun(), said(2, BOB), said(3, ANN), said(4, BOB), receipt(ANN, 4, "read")), 1);

  it("[CLIENT-7] is not brought in by a change, but its quotes follow", () => {
    const reply = said(5, ANN, { reply_to: quote(message(2, BOB)) });
    const next = follow(state, reply, edited(6, 2, "edited"));
    expect(contents(next)).toEqual(["text 4", "text 5"]);
    expect(next.messages[1]?.reply_to?.content).toBe("edited");
  });

  it("[CLIENT-8] where it is unread, only the server can count: ask", () => {
    const unread = trim(follow(begun(), said(2, BOB), said(3, BOB), said(4, BOB)), 1);
    const result = apply(unread, deleted(5, 2));
    expect(result).toMatchObject({ outcome: "gap", state: { seq: 5, unread_count: 3 } });
    const counted = follow(result.state, sync({ since: 5, seq: 5, unread_count: 2 }));
    expect(counted.unread_count).toBe(2);
    expect(apply(unread, receipt(ANN, 2, "read")).outcome).toBe("gap");
    expect(follow(unread, receipt(ANN, 3, "read")).unread_count).toBe(1);
  });

  it("[CLIENT-9] pages join what is loaded; what has changed while they were on their way is told", () => {
    const changed = follow(state, edited(5, 2, "edited"), deleted(undefined, 3));
    const page = { messages: [fetched(3, ANN), fetched(2, BOB)], has_more: false, has_newer: true };
    const { state: joined, stale } = applyPage(changed, 4, page);
    expect(contents(joined)).toEqual(["text 2", "text 4"]);
    expect(joined.loaded_from).toBe(0);
    expect(stale).toEqual([messageIdAt(ID, 2)]);
    const again = applyFetched(joined, fetched(2, BOB, { content: "edited", changed_seq: 5 }));
    expect(contents(again)).toEqual(["edited", "text 4"]);
    expect(applyPage(joined, 4, page).state).toBe(joined);
  });

  it("[CLIENT-10] a quote in a page shows what the quoted message says here", () => {
    const changed = follow(state, edited(5, 4, "edited"));
    const early = fetched(3, ANN, { reply_to: quote(message(4, BOB)) });
    const { state: joined } = applyPage(changed, 4, { messages: [early], has_more: true, has_newer: true });
    expect(joined.messages[0]?.reply_to?.content).toBe("edited");
    expect(joined.loaded_from).toBe(3);
  });
});

describe("what everybody does not see", () => {
  it("[CLIENT-11] a message deleted for oneself goes, and stays away", () => {
    const state = follow(begun(), said(2, BOB), said(3, BOB), deleted(undefined, 2));
    expect(state).toMatchObject({ unread_count: 1, seq: 3 });
    expect(apply(state, deleted(undefined, 2)).outcome).toBe("ignored");
    const changes = { since: 0, seq: 3, messages: [fetched(2, BOB)], hidden_message_ids: [] };
    expect(contents(follow(state, sync(changes)))).toEqual(["text 3"]);
  });

  it("[CLIENT-12] watermarks only move forward, and say how far a message has come", () => {
    const state = follow(
      begun(),
      said(2, ANN),
      said(3, ANN),
      receipt(BOB, 3, "delivered"),
      receipt(BOB, 2, "read"),
    );
    const statuses = state.messages.map((one) => receiptStatus(state, one));
    expect(statuses).toEqual(["read", "delivered"]);
    const late = follow(state, receipt(BOB, 2, "delivered"));
    expect(late.watermarks).toEqual(state.watermarks);
  });

  it("[CLIENT-13] who joined after a message does not count for it", () => {
    const cat = { ...member(BOB), user_id: "00000000-0000-4000-8000-00000000000c" };
    const state = follow(begun(), said(2, ANN), receipt(BOB, 2, "read"), {
      type: "participant.added",
      conversation_id: ID,
      seq: 3,
      data: { participants: [cat], participant_count: 3, added_by: ANN },
    });
    expect(state.messages.map((one) => receiptStatus(state, one))).toEqual(["read"]);
    const alone = { ...state, watermarks: new Map([...state.watermarks].filter(([id]) => id !== BOB)) };
    expect(alone.messages.map((one) => receiptStatus(alone, one))).toEqual(["sent"]);
  });
});

describe("sync", () => {
  const state = follow(begun(), said(2, BOB), said(3, ANN));

  it("[CLIENT-14] brings what is new and changed; only the last frame moves the cursor", () => {
    const first = apply(state, sync({ since: 3, seq: 3, is_last: false, messages: [fetched(4, BOB)] })).state;
    expect(first.seq).toBe(3);
    const last = sync({ since: 3, seq: 6, messages: [fetched(2, BOB, { content: "new", changed_seq: 6 })] });
    const next = follow(first, last);
    expect(next).toMatchObject({ seq: 6, unread_count: 2 });
    expect(contents(next)).toEqual(["new", "text 3", "text 4"]);
  });

  it("[CLIENT-15] from a later place is a gap; an older answer than the state changes nothing", () => {
    expect(apply(state, sync({ since: 4, seq: 9 }))).toEqual({ state, outcome: "gap" });
    expect(apply(state, sync({ since: 1, seq: 2, unread_count: 9 }))).toEqual({ state, outcome: "ignored" });
  });

  it("[CLIENT-16] limited replaces what is known, unless it is older", () => {
    const messages = [100, 101, 102].map((seq) => fetched(seq, BOB));
    const limited = {
      limited: true,
      has_more: true,
      seq: 200,
      messages,
      unread_count: 70,
      members: [member(ANN)],
    };
    const next = follow(state, sync(limited));
    expect(next).toMatchObject({ seq: 200, loaded_from: 100, unread_count: 70 });
    expect([...next.members.keys()]).toEqual([ANN]);
    // Whether there are older ones is the server's to say: a page may be short for its bytes, or full and all there is.
    expect(follow(state, sync({ ...limited, has_more: false }))).toMatchObject({ loaded_from: 0 });
    expect(apply(next, sync({ ...limited, seq: 150 })).outcome).toBe("ignored");
  });

  it("[CLIENT-17] the server that knows less than the client is believed", () => {
    const next = follow(state, sync({ limited: true, since: 3, seq: 2, messages: [fetched(2, BOB)] }));
    expect(next).toMatchObject({ seq: 2, loaded_from: 0 });
    expect(contents(next)).toEqual(["text 2"]);
  });

  it("[CLIENT-18] after another membership nothing of the old one is left", () => {
    const removed = follow(state, sync({ membership: "removed", limited: true, since: 3, seq: 3 }));
    expect(removed.membership).toBe("removed");
    const back = follow(removed, sync({ limited: true, since: 3, seq: 9, messages: [fetched(9, BOB)] }));
    expect(back).toMatchObject({ membership: "member", seq: 9 });
    expect(contents(back)).toEqual(["text 9"]);
  });

  it("[CLIENT-36 R3] what a former member said goes by their new name, and they stay gone", () => {
    const left = follow(state, sync({ since: 3, seq: 5, removed_user_ids: [BOB] }));
    const { role: _, is_owner: __, ...bob } = member(BOB, "Robert");
    const next = follow(left, { type: "former_member.updated", conversation_id: ID, data: bob });
    expect(next.messages[0]?.sender.display_name).toBe("Robert");
    expect([next.members.has(BOB), next.seq]).toEqual([false, 5]);
  });

  it("[CLIENT-19] former members keep the name that they had last", () => {
    const { role: _, is_owner: __, ...bob } = member(BOB, "Robert");
    const next = follow(state, sync({ since: 3, seq: 5, removed_user_ids: [BOB], former_members: [bob] }));
    expect(next.messages[0]?.sender.display_name).toBe("Robert");
    expect(next.members.has(BOB)).toBe(false);
  });
});
