import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { newConversationId, type SyncPlace } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Conversation } from "../../src/conversation/conversation.ts";
import { COLD_CALLS } from "../../src/conversation/delivery/hub-admission.ts";
import { listConversations } from "../../src/directory/conversations.ts";
import { openDirectory } from "../../src/directory/database.ts";
import { presenceAudience } from "../../src/directory/presence.ts";
import { project } from "../../src/directory/projection.ts";
import { changedConversations } from "../../src/directory/sync.ts";
import { Sessions } from "../../src/realtime/sessions.ts";
import { SocketWatch } from "../../src/realtime/socket-watch.ts";
import { UserHub } from "../../src/user-hub/user-hub.ts";
import { hears } from "./checks.ts";
import {
  connect,
  connectTo,
  conversationObject,
  group,
  hubObject,
  type Person,
  people,
  person,
  say,
} from "./kit.ts";
import { countEnv, usageOf } from "./usage.ts";

/** Somebody who has never connected, as a conversation knows them. */
function stranger() {
  const user_id = crypto.randomUUID();
  const username = `u${user_id.slice(0, 8)}`;
  return { user_id, username, display_name: "Member", profile_photo_url: null, profile_version: 1 };
}

/** Creates a group with so many who have never connected, besides these people. */
async function createGroup(
  owner: Person,
  others: Person[],
  strangers: number,
  conversation_id = newConversationId(),
): Promise<string> {
  const known = (who: Person) => ({ ...stranger(), user_id: who.user_id, username: who.username });
  const members = [...Array.from({ length: strangers }, stranger), ...others.map(known)];
  await runInDurableObject(conversationObject(conversation_id), async (object: Conversation) => {
    const beginning = { type: "group" as const, name: "Large", description: null };
    await object.create({ conversation_id, ...beginning, creator: known(owner), others: members });
  });
  return conversation_id;
}

function unreachable(): never {
  throw new Error("unreachable");
}

let restore = (): void => undefined;
afterEach(() => restore());

/**
 * Watches the calls by which a conversation delivers events to hubs, of which those of these users go through. Conversations
 * of other tests may still be at work in the same runtime.
 * @returns `release` lets the others go on, too.
 */
function watchDeliveries(conversationId: string, passing: Person[] = []) {
  restore();
  const deliver = UserHub.prototype.deliver;
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const free = new Set(passing.map((who) => who.user_id));
  const seen = { now: 0, most: 0, all: 0 };
  const spy = vi.spyOn(UserHub.prototype, "deliver");
  spy.mockImplementation(async function watched(this: UserHub & { ctx: DurableObjectState }, ...call) {
    if (call[0] === conversationId && !free.has(this.ctx.id.name ?? "")) {
      seen.all += 1;
      seen.now += 1;
      seen.most = Math.max(seen.most, seen.now);
      await released;
      seen.now -= 1;
    }
    return await deliver.apply(this, call);
  });
  restore = () => {
    spy.mockRestore();
    release();
  };
  return { seen, release };
}

describe("a group of people who have never connected", () => {
  it("[GROW-3] its creation waits for none of their hubs, and calls some at a time until each has been called", async () => {
    const ann = await person("ann");
    const id = newConversationId();
    const { seen, release } = watchDeliveries(id);
    await createGroup(ann, [], 60, id);
    // It is created, and no hub has answered yet.
    await expect.poll(() => seen.now).toBe(COLD_CALLS);
    release();
    await expect.poll(() => skippedBy(id)).toBe(61);
    expect(seen).toEqual({ now: 0, most: COLD_CALLS, all: 61 });
  });

  it("[GROW-3] who is connected hears what is said, while the others' hubs have not answered", async () => {
    const [ann, bob, cem] = await people("ann", "bob", "cem");
    const [bobs, cems] = [await connect(bob), await connect(cem)];
    // The strangers come first, and their hubs hold what they are called with.
    const id = newConversationId();
    const { release } = watchDeliveries(id, [ann, bob, cem]);
    await createGroup(ann, [bob, cem], 2 * COLD_CALLS, id);
    // Bob's hub waits behind them, until he asks for what he has missed.
    await bobs.ask({ type: "sync", conversations: { [id]: 0 } });
    await say(ann, id, "hello");
    await hears(bobs, "hello");
    expect(cems.all("message.new")).toEqual([]);
    release();
    await hears(cems, "hello");
    // From now on cem's hub is known to be awake.
    const held = watchDeliveries(id, [ann, bob, cem]);
    await say(ann, id, "again");
    await hears(cems, "again");
    expect(held.seen.now).toBe(0);
  });
});

/** How many members a conversation skips, because their hubs have no sockets. */
async function skippedBy(id: string): Promise<number> {
  return await runInDurableObject(conversationObject(id) as DurableObjectStub, (_, state) =>
    Number(state.storage.sql.exec("SELECT count(*) AS n FROM asleep").one().n),
  );
}

describe("a room of many sockets", () => {
  it("[GROW-4] what is for one member looks at that member's sockets alone", async () => {
    const crowd = await people(...Array.from({ length: 20 }, (_, i) => `crowd${i}-`));
    const [owner, ...others] = crowd;
    if (!owner) throw new Error("nobody");
    const id = await group(owner, others);
    const sockets = await Promise.all(crowd.map((who) => connectTo(who, id)));
    const looks = await runInDurableObject(conversationObject(id) as DurableObjectStub, (_, state) => {
      const sessions = new Sessions(state, () => undefined, new SocketWatch("conversation", undefined));
      const among = (...who: Person[]) =>
        Array.from(sessions.among(new Set(who.map(({ user_id }) => user_id))), (socket) => {
          return sessions.of(socket).caller.user_id;
        });
      return { one: among(owner), all: among(...crowd), anybody: [...sessions.among(undefined)].length };
    });
    expect(looks.one).toEqual([owner.user_id]);
    expect(looks.all.sort()).toEqual(crowd.map(({ user_id }) => user_id).sort());
    expect(looks.anybody).toBe(20);
    for (const socket of sockets) socket.close();
  });
});

describe("a user with many conversations", () => {
  /** Writes so many conversations of a user into the directory. @returns where `/sync` stands then. */
  async function fill(user_id: string, count: number): Promise<SyncPlace> {
    const db = openDirectory(env.DB);
    const member = { user_id, role: "member" as const, joined_seq: 1, left_seq: null, last_read_seq: 0 };
    const blocks = { blocked: null, read_blocked_no: 0 };
    const counts = { read_no: 0, read_sent_no: 0, unread_deleted: 0, unread_mentions: 0, sent_no: 0 };
    for (let i = 0; i < count; i++) {
      const conversation_id = newConversationId();
      const nothing = { description: null, photo_url: null, sent_counts: null };
      const numbers = { member_count: 1, seq: 1, message_no: 0, last_message_seq: 0 };
      await project(db, {
        conversation: {
          ...{ conversation_id, type: "group", name: `Group ${i}`, created_by: user_id, ...nothing },
          ...{ created_at: i, last_activity_at: i, ...numbers },
        },
        members: [
          {
            ...member,
            ...counts,
            ...blocks,
            hidden_seq: null,
            visible_from: null,
            muted_until: null,
            request: null,
            rev: 1,
          },
        ],
        ...{ messages: [], hidden: [], sent: [], isMarked: true },
      });
    }
    const row = await env.DB.prepare("SELECT epoch, value FROM revision").first<{
      epoch: string;
      value: number;
    }>();
    const { epoch = "", value: rev = 0 } = row ?? {};
    return { epoch, start: rev, position: rev, begun: rev };
  }

  const QUESTIONS = {
    list: (db: D1Database, user: string) =>
      listConversations(openDirectory(db), user, { page: 1, limit: 5 }, 0),
    presence: (db: D1Database, user: string) => presenceAudience(openDirectory(db), user),
    sync: (db: D1Database, user: string, place: SyncPlace) =>
      changedConversations(openDirectory(db), user, place, 5, 0),
  };

  /**
   * At most, for each: a membership's place in its index, and the conversation. To sort a row counts as two; the list counts
   * all. The unread totals of `/sync` need the membership too, and read again what they add up.
   */
  const ROWS = { list: 5, presence: 4, sync: 2 + 4 };

  it("[GROW-5] the list, a presence and `/sync` without news look at two rows of each conversation, and its totals at four", async () => {
    const [few, many] = [crypto.randomUUID(), crypto.randomUUID()];
    const places = { [few]: await fill(few, 110), [many]: await fill(many, 150) };
    const db = countEnv(env, "the directory").DB;
    const rowsOf = async (name: keyof typeof ROWS, user: string) => {
      const place = places[user] ?? unreachable();
      const usage = await usageOf("the directory", async () => void (await QUESTIONS[name](db, user, place)));
      return usage.d1_rows_read;
    };
    for (const name of ["list", "presence", "sync"] as const) {
      const more = (await rowsOf(name, many)) - (await rowsOf(name, few));
      expect(more / 40, name).toBeLessThanOrEqual(ROWS[name] + 0.1);
    }
  });

  it("[GROW-6] a connect takes all conversations that it has woken off the list together", async () => {
    const [ann, few, many] = await people("ann", "few", "many");
    const conversationsOf = async (who: Person, count: number) => {
      for (let i = 0; i < count; i++) await group(ann, [who]);
      const idleIn = () =>
        runInDurableObject(hubObject(who.user_id) as DurableObjectStub, (_, state) =>
          Number(state.storage.sql.exec("SELECT count(*) AS n FROM sleepers").one().n),
        );
      await expect.poll(idleIn).toBe(count);
      return await usageOf(who.user_id, async () => {
        await connect(who);
        await expect.poll(idleIn).toBe(0);
      });
    };
    const [less, more] = [await conversationsOf(few, 3), await conversationsOf(many, 30)];
    expect(more.object_requests - less.object_requests).toBe(27);
    // Asking whether the list is empty is a statement, too.
    expect(more.object_statements - less.object_statements).toBeLessThan(27);
  });
});
