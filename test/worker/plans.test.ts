import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { MAX_SEQ, messageId, SearchQuery } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { boundAmong, marksOf } from "../../src/conversation/messages/attachments.ts";
import { toFetched } from "../../src/conversation/messages/history.ts";
import { lastSentAt } from "../../src/conversation/messages/last-sent.ts";
import { setMentions } from "../../src/conversation/messages/mentions.ts";
import { pinHandlers } from "../../src/conversation/messages/pins.ts";
import { reactionHandlers } from "../../src/conversation/messages/reactions.ts";
import { announce } from "../../src/conversation/messages/system.ts";
import { earlierVersions, editCount } from "../../src/conversation/messages/text.ts";
import { toMessageFor } from "../../src/conversation/messages/views.ts";
import { purgeSome } from "../../src/conversation/moderation/purge.ts";
import { clearParts, loadParts } from "../../src/conversation/parts.ts";
import { readHandlers } from "../../src/conversation/receipts/read.ts";
import { deletedAbove, mentionsAbove } from "../../src/conversation/receipts/unread.ts";
import { bannedAmong, banOf, listedBans, putBan } from "../../src/conversation/state/bans.ts";
import { Room } from "../../src/conversation/state/room.ts";
import { purges } from "../../src/conversation/state/schema.ts";
import { Store } from "../../src/conversation/state/store.ts";
import {
  apartFrom,
  blockersOf,
  blocksAmong,
  lateSharedConversations,
  putBlock,
  removeEndedBlock,
  sharedConversations,
} from "../../src/directory/blocks.ts";
import { listConversations } from "../../src/directory/conversations.ts";
import { openDirectory } from "../../src/directory/database.ts";
import { encodeListCursor } from "../../src/directory/list-cursor.ts";
import {
  conversationsOf,
  lateConversationsOf,
  recentConversationsOf,
} from "../../src/directory/memberships.ts";
import { claimDirectPair, findDirectPair } from "../../src/directory/pairs.ts";
import { indexSome, searchUsers } from "../../src/directory/people.ts";
import { updatePreferences } from "../../src/directory/preferences.ts";
import {
  presenceAudience,
  presenceOfPair,
  setHasSockets,
  setPresence,
} from "../../src/directory/presence.ts";
import { clearMessages } from "../../src/directory/projection.ts";
import { searchMessages } from "../../src/directory/search/search.ts";
import { changedConversations } from "../../src/directory/sync.ts";
import { markAnnounced, unannouncedUsers } from "../../src/directory/unannounced.ts";
import { unreadByConversation, unreadTotals } from "../../src/directory/unread.ts";
import {
  acquaintances,
  findUser,
  findUsers,
  refreshFromClaims,
  updateProfile,
} from "../../src/directory/users.ts";
import { conversationObject, group, people, say } from "./kit.ts";

/**
 * What may be read whole: what has one row or is a parameter, what an earlier step of the same query has found, the
 * roster and the idleIn of one conversation, which are read when it wakes, its pins, which are few, a page of bans in
 * the order of their key, and a partial index in its order.
 */
const MAY_SCAN =
  /^SCAN (?:conversation|delivered|asleep|bans|purges|pins(?: USING (?:COVERING )?INDEX pins_by_order)?|members|m(?: USING COVERING INDEX sqlite_autoindex_members_1)?|revision|json_each|entry|sent|mine|theirs|wanted|hits|n|counted|looked|given|exact|halving|(?:page|stop|listed)(?: LEFT-JOIN)?|moved|contacts|p|\(.*\)|\d+-ROW.*|CONSTANT ROW|.* CONSTANT ROWS?|.* VIRTUAL TABLE INDEX .*|messages USING (?:COVERING )?INDEX messages_(?:expiring|changed_later|deleted)|users USING INDEX users_(?:untold|unindexed))$/;

/** Steps of a plan that read all rows of a table, or all of an index. */
function fullScans(details: string[]): string[] {
  return details.filter((detail) => detail.startsWith("SCAN ") && !MAY_SCAN.test(detail));
}

describe("query plans", () => {
  it("[PLAN-1] nothing in a conversation's object reads all messages", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const { seq } = await say(ann, id, "hello");
    const scans = await runInDurableObject(conversationObject(id), (_, state) => {
      const asked = new Set<string>();
      const sql = new Proxy(state.storage.sql, {
        get: (target, property) =>
          property === "exec"
            ? (query: string, ...bindings: unknown[]) => {
                asked.add(query);
                return target.exec(query, ...bindings);
              }
            : Reflect.get(target, property),
      });
      const storage = new Proxy(state.storage, {
        get: (target, property) => {
          if (property === "sql") return sql;
          const value = Reflect.get(target, property);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
      const store = new Store(storage);
      const room = Room.load(store);
      if (!room) throw new Error("no conversation");
      // What loading asks reads the roster, and the list of tables.
      asked.clear();
      askEverything(store, ann.user_id);
      askParts(room, ann.user_id, seq);
      expect(asked.size).toBeGreaterThan(20);
      return [...asked].flatMap((query) => {
        const bindings = Array.from({ length: query.split("?").length - 1 }, () => 1);
        const plan = state.storage.sql.exec(`EXPLAIN QUERY PLAN ${query}`, ...bindings).toArray();
        return fullScans(plan.map((row) => String(row.detail))).map((scan) => `${scan}: ${query}`);
      });
    });
    expect(scans).toEqual([]);
  });

  it("[PLAN-2] nothing in the directory reads all messages, members, conversations or users", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const asked = new Set<string>();
    await askDirectory(recording(asked), ann.user_id, bob.user_id, id);
    expect(asked.size).toBeGreaterThan(15);
    const scans: string[] = [];
    for (const query of asked) {
      const bindings = Array.from({ length: query.split("?").length - 1 }, () => "1");
      const plan = await env.DB.prepare(`EXPLAIN QUERY PLAN ${query}`)
        .bind(...bindings)
        .all<{ detail: string }>();
      scans.push(...fullScans(plan.results.map((row) => row.detail)).map((scan) => `${scan}: ${query}`));
    }
    expect(scans).toEqual([]);
  });

  it("[R3 PLAN-4] people are found in the order of an index: nothing that matches is sorted", async () => {
    const asked = new Set<string>();
    for (const q of ["an", "ann be", "李", "ann_b"])
      await searchUsers(openDirectory(recording(asked)), crypto.randomUUID(), q, 10);
    expect(asked.size).toBe(2);
    for (const query of asked) {
      const bindings = Array.from({ length: query.split("?").length - 1 }, () => "1");
      const plan = await env.DB.prepare(`EXPLAIN QUERY PLAN ${query}`)
        .bind(...bindings)
        .all<{ detail: string }>();
      const details = plan.results.map((row) => row.detail);
      expect(details).toContain(
        "SEARCH user_names USING PRIMARY KEY (text>? AND text<?)".replace(
          "user_names",
          query.includes("AS other") ? "n" : "user_names",
        ),
      );
      expect(details.filter((detail) => /TEMP B-TREE/.test(detail))).toEqual([]);
    }
  });

  it("[PLAN-3] tables whose key is text are in the order of their key", async () => {
    const { results } = await env.DB.prepare("SELECT name FROM pragma_table_list WHERE wr = 1").all<{
      name: string;
    }>();
    const names = results.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        "conversations",
        "members",
        "preferences",
        "hidden",
        "flushes",
        "user_names",
        "device_tokens",
      ]),
    );
  });
});

/** The directory, which notes every query that it is asked. */
function recording(asked: Set<string>): D1Database {
  return new Proxy(env.DB, {
    get: (target, property) => {
      if (property === "prepare") {
        return (query: string) => {
          asked.add(query);
          return target.prepare(query);
        };
      }
      const value = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Every question that an object asks its rows, but those of the moment in which it is created or deleted. */
function askEverything(store: Store, userId: string): void {
  const range = { after: 0, before: MAX_SEQ, limit: 10, viewer: userId };
  store.messagesIn({ ...range, newestFirst: true });
  store.messagesIn({ ...range, newestFirst: false });
  store.messagesAt([1, 2]);
  store.messagesChangedAfter(0, 10);
  store.missedSince(0, 10);
  store.message(2);
  store.messageByClientId(userId, "x");
  store.placeAt(2);
  store.sendersBetween(0, 3);
  store.tallies.sentNoBetween(userId, 0, 2);
  store.tallies.at(2);
  store.tallies.put(2, new Map([[userId, [0, 2]]]));
  Array.from(store.tallies.sendersAfter(0));
  store.expired(Date.now(), 10);
  store.nextExpiry();
  store.heads();
  store.membersChangedAfter(0);
  store.updateMessage(2, { changed_seq: 2 });
  store.putCounts(store.members(), { at_seq: 2, rev: 2 });
  store.quotesOf([1], 1, 10);
}

/** What is asked of the rows that hang on messages. */
function askParts(room: Room, userId: string, said: number): void {
  const member = room.member(userId);
  if (!member) throw new Error("no member");
  const limits = { maxMessageLength: 10, maxGroupMembers: 10, evidenceMs: 0, retentionDays: undefined };
  const context = {
    room,
    member,
    seq: 2,
    people: [],
    limits,
    now: Date.now(),
    prepared: undefined,
    messages: { toFetched, toMessageFor, announce },
  };
  reactionHandlers.addReaction.apply({ ...context, input: { emoji: "👍" } });
  reactionHandlers.removeReaction.apply({ ...context, input: { emoji: "👍" } });
  const pinned = pinHandlers.pinMessage.apply({ ...context, seq: said, input: {} });
  expect(pinned.outcome).toMatchObject({ ok: true });
  pinHandlers.listPins.answer({ ...context, input: { cursor: undefined, limit: 100 } });
  pinHandlers.listPins.answer({ ...context, input: { cursor: 9, limit: 100 } });
  pinHandlers.unpinMessage.apply({ ...context, seq: said, input: {} });
  readHandlers.listReceipts.answer({ ...context, input: {} });
  loadParts(room, room.store.messagesAt([1, 2]), userId);
  earlierVersions(room, 1, 0, 9);
  editCount(room, 1);
  setMentions(room, 1, null);
  boundAmong(room, ["x"]);
  marksOf(room, room.store.messagesAt([1, 2]));
  mentionsAbove(room, userId, 0);
  deletedAbove(room, userId, 0);
  room.hidden.add({ user_id: userId, seq: 1, at_seq: 1, rev: 1 });
  room.hidden.has(userId, 1);
  room.hidden.among(userId, [1]);
  room.hidden.hidersOf([1]);
  room.hidden.hidersOfOne(1);
  room.hidden.afterRev(0);
  room.hidden.since(userId, 0, 10);
  room.hidden.newest(userId, 10);
  clearParts(room, 1);
  askModeration(room, userId);
}

/** What is asked of bans, of slow mode, and by a ban that deletes messages. */
function askModeration(room: Room, userId: string): void {
  const now = Date.now();
  bannedAmong(room, [userId, "x"], now);
  listedBans(room, undefined, 10, now);
  listedBans(room, 9, 10, now);
  const person = room.person(userId);
  putBan(room, { user_id: "x", person, until: now, reason: null, banned_by: userId, banned_at: now });
  banOf(room, "x", now);
  lastSentAt(room, userId, 0);
  const order = { sender_id: userId, since: 0, deleted_by: userId, before_seq: room.head + 1 };
  room.store.db.insert(purges).values(order).run();
  expect(purgeSome(room, 0, now).outcome).toMatchObject({ ok: true });
}

async function askDirectory(d1: D1Database, userId: string, otherId: string, id: string): Promise<void> {
  const db = openDirectory(d1);
  const now = Date.now();
  await listConversations(db, userId, { page: 1, limit: 20 }, now);
  const moved = encodeListCursor({ kind: "moved", rev: 0, epoch: undefined });
  await listConversations(db, userId, { page: 1, limit: 20, cursor: moved }, now);
  await changedConversations(db, userId, undefined, 20, now);
  await unreadTotals(db, userId, now);
  await unreadByConversation(db, userId, now);
  await searchMessages(db, userId, SearchQuery.parse({ q: "hello world" }), now);
  const times = { before: "2999-01-01T00:00:00Z", after: "2000-01-01T00:00:00Z" };
  const filters = { ...times, conversation_id: id, sender_id: otherId, cursor: `${now}_${messageId(id, 1)}` };
  await searchMessages(db, userId, SearchQuery.parse({ q: "hello world", ...filters }), now);
  await clearMessages(db, crypto.randomUUID());
  await presenceAudience(db, userId);
  await setPresence(db, userId, { presence: "online", connected: false, last_seen_at: now });
  await setHasSockets(db, id, false);
  await findUser(db, userId);
  await findUsers(db, [userId, otherId]);
  await searchUsers(db, userId, "an", 10);
  await searchUsers(db, userId, "ann be", 10);
  const word = { blocker_id: userId, blocked_id: otherId, is_blocked: false, version: 1 };
  await putBlock(db, word);
  await removeEndedBlock(db, word);
  await blocksAmong(db, [userId], [otherId]);
  await apartFrom(db, userId, [otherId]);
  await blockersOf(db, userId, [otherId], id);
  await sharedConversations(db, userId, otherId);
  await lateSharedConversations(db, userId, otherId, 1);
  await presenceOfPair(db, userId, otherId);
  await acquaintances(db, userId, [otherId]);
  await indexSome(db, 10);
  await unannouncedUsers(db, "", 10);
  await markAnnounced(db, userId, 1);
  await recentConversationsOf(db, userId, 10);
  await conversationsOf(db, userId, "", 10);
  await lateConversationsOf(db, userId, 0, 10);
  await updateProfile(db, userId, { display_name: "Ann" });
  await updatePreferences(db, userId, id, { is_pinned: true }, now);
  await findDirectPair(db, userId, otherId);
  await claimDirectPair(db, userId, otherId);
  const summary = { user_id: userId, username: "ann", display_name: "Ann", profile_photo_url: null };
  const token = { external_id: userId, is_named: true, issued_at: now, expires_at: now };
  await refreshFromClaims(db, { ...summary, ...token }, now);
  const fresh = { user_id: crypto.randomUUID(), username: crypto.randomUUID().slice(0, 20) };
  await refreshFromClaims(db, { ...summary, ...token, ...fresh }, now);
}
