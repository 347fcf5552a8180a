import {
  type ConversationListItem,
  parseSyncToken,
  type SyncPage,
  syncToken,
} from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { Conversations } from "../../packages/client/src/conversations.ts";
import type { Rest } from "../../packages/client/src/rest.ts";
import { beginPage, continuedFrom, placeAfter } from "../../src/domain/sync.ts";
import { ANN, begun, ID, sync } from "./client-kit.ts";

const EPOCH = "0123456789abcdef";
const OTHER = "fedcba9876543210";
const ours = { epoch: EPOCH, rev: 100 };
const place = { epoch: EPOCH, start: 5, position: 40, begun: 90 };

describe("tokens of /sync (rule 21)", () => {
  it("[TOKEN-1] carry the directory, where the client began and how far its pages have come, there and back", () => {
    expect(parseSyncToken(syncToken(place))).toEqual(place);
    expect(parseSyncToken(syncToken({ ...place, start: 0, position: 0, begun: 0 }))).toMatchObject({
      start: 0,
    });
    for (const token of [
      "",
      "s",
      "s1.1.1",
      `s${EPOCH}.1.1`,
      `s${EPOCH}.1.1.1.1`,
      `s${EPOCH}.-1.1.1`,
      `S${EPOCH}.1.1.1`,
    ]) {
      expect(parseSyncToken(token), token).toBeUndefined();
    }
  });

  it("[TOKEN-2] without one a client begins with nothing; with ours it goes on where it was", () => {
    const fresh = { epoch: EPOCH, start: 0, position: 0, begun: 100 };
    expect(beginPage(undefined, ours)).toEqual({ place: fresh, limited: false });
    expect(beginPage(place, ours)).toEqual({ place, limited: false });
    const edge = { ...place, position: 100 };
    expect(beginPage(edge, ours)).toEqual({ place: edge, limited: false });
  });

  it("[TOKEN-3] of another directory, of the future, or from before there were epochs: limited, never silence", () => {
    const strange = [
      { ...place, epoch: OTHER },
      { ...place, start: 101 },
      { ...place, position: 101 },
      { ...place, begun: 101 },
      parseSyncToken("s2s"),
    ];
    for (const token of strange) {
      expect(token).toBeDefined();
      const begin = beginPage(token, ours);
      expect(begin).toEqual({ place: { epoch: EPOCH, start: 0, position: 0, begun: 100 }, limited: true });
    }
  });

  it("[TOKEN-4] the start stays while a round lasts; the next round begins where it has come to", () => {
    const middle = placeAfter(place, 60, true);
    expect(middle).toEqual({ ...place, position: 60 });
    expect(placeAfter(middle, 70, false)).toEqual({ epoch: EPOCH, start: 70, position: 70, begun: 70 });
    expect(placeAfter(middle, undefined, false)).toMatchObject({ start: 60, position: 60 });
  });

  it("[TOKEN-5] a conversation goes on where the client knows it, unless it was told meanwhile that it is gone", () => {
    const row = { since_seq: 7, hidden_seq: null, back_seq: null };
    expect(continuedFrom(row, 5)).toBe(7);
    expect(continuedFrom({ ...row, since_seq: null }, 5)).toBeUndefined();
    expect(continuedFrom(row, 0)).toBeUndefined();
    // Back before what the client knows; back after it; not back.
    expect(continuedFrom({ ...row, hidden_seq: 5, back_seq: 6 }, 5)).toBe(7);
    expect(continuedFrom({ ...row, hidden_seq: 6, back_seq: 8 }, 5)).toBeUndefined();
    expect(continuedFrom({ ...row, hidden_seq: 6, back_seq: null }, 5)).toBeUndefined();
    // Left after what the client knows: it may have heard of it, or of an earlier time.
    expect(continuedFrom({ ...row, hidden_seq: 8, back_seq: 9 }, 5)).toBeUndefined();
  });
});

describe("a client whose token could not be continued", () => {
  const item = (conversation_id: string) => ({ conversation_id }) as ConversationListItem;
  const page = (patch: Partial<SyncPage>): SyncPage => ({
    conversations: [],
    removed_conversation_ids: [],
    next_token: "t",
    has_more: false,
    limited: false,
    unread: { messages: 0, mentions: 0, conversations: 0, muted_messages: 0 },
    ...patch,
  });

  it("[TOKEN-6] asks about what it knows and no page has listed, once the last one is there", () => {
    const missing: string[] = [];
    const conversations = new Conversations({
      rest: {} as Rest,
      keepMessages: undefined,
      changed: () => undefined,
      missing: (id) => missing.push(id),
      ownMessage: () => undefined,
      unread: () => undefined,
      listed: () => undefined,
    });
    conversations.identify(ANN);
    const [gone, other] = [ID.replace("9f", "aa"), ID.replace("9f", "bb")];
    for (const id of [gone, other, ID]) conversations.follow(id);
    const { seq } = begun();
    const changes = (id: string) => {
      const event = sync({ seq, limited: true, conversation_id: id });
      if (event.type !== "conversation.sync") throw new Error("no sync");
      return event.data;
    };
    const listed = (id: string) => ({ conversation: item(id), changes: changes(id) });
    conversations.takePage(page({ conversations: [listed(ID)], has_more: true, limited: true }));
    expect(missing).toEqual([]);
    conversations.takePage(page({ conversations: [listed(other)] }));
    expect(missing).toEqual([gone]);
    expect(conversations.listItem(ID)).toBeDefined();
    conversations.takePage(page({}));
    expect(missing).toEqual([gone]);
  });
});
