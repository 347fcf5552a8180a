/**
 * Pages of what moves while it is read: whatever was there at the beginning and is there at the end comes at least once.
 * The directory is written to as its conversations would write, between the pages.
 */
import { env } from "cloudflare:workers";
import { MAX_PAGE_BYTES, newConversationId, SearchQuery, type SyncPlace } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listConversations } from "../../src/directory/conversations.ts";
import { openDirectory } from "../../src/directory/database.ts";
import { updatePreferences } from "../../src/directory/preferences.ts";
import { project } from "../../src/directory/projection.ts";
import { searchMessages } from "../../src/directory/search/search.ts";
import { changedConversations } from "../../src/directory/sync.ts";
import { MARK_INTERVAL, mustMark, placeAfter } from "../../src/domain/sync.ts";
import { api, direct, people, say } from "./kit.ts";

const LIMITS = { numRuns: 25, interruptAfterTimeLimit: 6_000, markInterruptAsFailure: false };
/** Pages after which somebody must have come to an end. */
const MANY = 100;

/** What happens between two pages. `of` chooses the conversation. */
interface Happening {
  type: "say" | "flush" | "pin" | "unpin" | "create" | "leave" | "return" | "hide";
  of: number;
}

const happening: fc.Arbitrary<Happening> = fc.record({
  type: fc.constantFrom("say", "say", "say", "flush", "pin", "unpin", "create", "leave", "return", "hide"),
  of: fc.nat(20),
});
/** What happens before each page. */
const script = fc.record({
  count: fc.integer({ min: 1, max: 7 }),
  limit: fc.integer({ min: 1, max: 3 }),
  between: fc.array(fc.array(happening, { maxLength: 5 }), { maxLength: 8 }),
  /** Whether the client has caught up once before. */
  isNew: fc.boolean(),
});

/** A conversation as its object has it, which the directory may not know yet. */
interface Conversation {
  id: string;
  head: number;
  at: number;
  projected: number;
  left_seq: number | null;
  joined_seq: number;
  /** Where the user left it, as one leaves a direct conversation: it is back with the next message. */
  hidden_seq: number | null;
  rev: number;
}

/** One user's conversations. */
class World {
  readonly user = crypto.randomUUID();
  readonly all: Conversation[] = [];
  readonly db = openDirectory(env.DB);
  #clock = Date.now();

  async create(): Promise<void> {
    const id = newConversationId();
    this.#clock += 1;
    const at = this.#clock;
    const one = { id, head: 1, at, projected: 0, left_seq: null, joined_seq: 1, hidden_seq: null, rev: 1 };
    this.all.push(one);
    await this.flush(one);
  }

  /** A message; the directory hears of it with the next flush. */
  say(one: Conversation): void {
    this.#clock += 1;
    one.at = this.#clock;
    one.head += 1;
  }

  /** Writes to the directory what it lacks. */
  async flush(one: Conversation): Promise<void> {
    const { id, head, at } = one;
    const member = {
      visible_from: null,
      request: null,
      blocked: null,
      read_blocked_no: 0,
      muted_until: null,
      last_read_seq: 1,
      read_no: 0,
      read_sent_no: 0,
      unread_deleted: 0,
      unread_mentions: 0,
    };
    const { joined_seq, left_seq, hidden_seq, rev } = one;
    const message = { sender_id: this.user, type: "text" as const, content: `canary ${id.slice(0, 8)}` };
    const seqs = Array.from({ length: head - one.projected }, (_, index) => one.projected + index + 1);
    await project(this.db, {
      conversation: {
        conversation_id: id,
        type: "group",
        name: null,
        description: null,
        photo_url: null,
        created_by: this.user,
        created_at: 1,
        member_count: 1,
        seq: head,
        message_no: head,
        last_message_seq: head,
        last_activity_at: at,
        sent_counts: null,
      },
      members: [
        { user_id: this.user, role: "owner", joined_seq, left_seq, hidden_seq, sent_no: 0, rev, ...member },
      ],
      messages: seqs.map((seq) => ({
        ...message,
        seq,
        changed_seq: seq,
        created_at: at,
        edited_at: null,
        deleted_at: null,
        expires_at: null,
      })),
      hidden: [],
      sent: [],
      isMarked: mustMark({ joined_seq, hidden_seq }, { seq: one.projected, newest: one.projected }),
    });
    one.projected = head;
  }

  async happen({ type, of }: Happening): Promise<void> {
    const one = this.all[of % this.all.length];
    if (!one) return;
    if (type === "create") return await this.create();
    if (type === "flush") return await this.flush(one);
    if (type === "pin" || type === "unpin") {
      await updatePreferences(this.db, this.user, one.id, { is_pinned: type === "pin" }, Date.now());
      return;
    }
    if (type === "leave" && one.left_seq === null) {
      this.say(one);
      Object.assign(one, { left_seq: one.head, rev: one.rev + 1 });
    } else if (type === "return" && one.left_seq !== null) {
      this.say(one);
      Object.assign(one, { left_seq: null, joined_seq: one.head, hidden_seq: null, rev: one.rev + 1 });
    } else if (type === "hide" && one.left_seq === null) {
      Object.assign(one, { hidden_seq: one.head, rev: one.rev + 1 });
    } else if (type === "say") this.say(one);
    // Half of what is said is projected at once.
    if (of % 2 === 0 || type !== "say") await this.flush(one);
  }

  /** The conversations that are in the user's list. */
  current(): Conversation[] {
    return this.all.filter(
      ({ left_seq, hidden_seq, projected }) => left_seq === null && projected > (hidden_seq ?? -1),
    );
  }
}

/** A client of `/sync` that keeps, of each conversation, how far it has come. */
class SyncClient {
  readonly known = new Map<string, number>();
  token: SyncPlace | undefined;

  /** One page. @returns whether there is more. */
  async page(world: World, limit: number): Promise<boolean> {
    const page = await changedConversations(world.db, world.user, this.token, limit, Date.now());
    for (const { conversation_id, item, since, is_removed } of page.changed) {
      if (is_removed) this.known.delete(conversation_id);
      if (!item) continue;
      const one = world.all.find(({ id }) => id === conversation_id);
      if (!one) throw new Error("a conversation of somebody else");
      // What the conversation itself would say: a page in place of everything, or what came after `since`.
      const isLimited = since === undefined || since < one.joined_seq;
      if (!isLimited) expect(since).toBeLessThanOrEqual(this.known.get(one.id) ?? -1);
      this.known.set(one.id, one.head);
    }
    this.token = placeAfter(page.place, page.changed.at(-1)?.rev, page.has_more);
    return page.has_more;
  }
}

async function worldOf(count: number): Promise<World> {
  const world = new World();
  for (let i = 0; i < count; i++) await world.create();
  return world;
}

describe("pages of what moves", () => {
  it("[R21 PAGE-1] /sync: no client has a hole, and after a round it has what there was when the round began", async () => {
    await fc.assert(
      fc.asyncProperty(script, async ({ count, limit, between, isNew }) => {
        const world = await worldOf(count);
        const client = new SyncClient();
        if (!isNew) {
          await client.page(world, 100);
          for (let of = 0; of < 2 * count; of++) await world.happen({ type: "say", of });
        }
        let heads = new Map(world.current().map((one) => [one.id, one.projected]));
        for (const happenings of [...between, [], []]) {
          const isOver = !(await client.page(world, limit));
          if (isOver) {
            for (const [id, head] of heads) {
              if (world.current().some((one) => one.id === id)) {
                expect(client.known.get(id) ?? 0).toBeGreaterThanOrEqual(head);
              }
            }
          }
          for (const one of happenings) await world.happen(one);
          if (isOver) heads = new Map(world.current().map((one) => [one.id, one.projected]));
        }
        for (const one of world.all) await world.flush(one);
        // The round that is under way, and one more.
        for (let round = 0, pages = 0; round < 2 && pages < MANY; pages++) {
          if (!(await client.page(world, limit))) round += 1;
        }
        expect([...client.known].sort()).toEqual(
          world
            .current()
            .map((one) => [one.id, one.head])
            .sort(),
        );
      }),
      LIMITS,
    );
  });

  it("[R21 PAGE-7] a flush is marked once in eight numbers, and where a membership begins or a conversation is hidden; a client gets at most seven changes twice", async () => {
    const world = new World();
    await world.create();
    const [one] = world.all;
    if (!one) throw new Error("no conversation");
    const client = new SyncClient();
    await client.page(world, 10);
    const marks = async () =>
      (
        await env.DB.prepare("SELECT seq FROM flushes WHERE conversation_id = ? ORDER BY rev")
          .bind(one.id)
          .all<{ seq: number }>()
      ).results.map(({ seq }) => seq);
    const overlaps: number[] = [];
    const step = async (type: Happening["type"]) => {
      const known = client.known.get(one.id) ?? 0;
      await world.happen({ type, of: 0 });
      const { changed } = await changedConversations(world.db, world.user, client.token, 10, Date.now());
      overlaps.push(known - (changed[0]?.since ?? known));
      await client.page(world, 10);
    };
    for (let i = 0; i < 40; i++) await step("say");
    expect(await marks()).toEqual([1, 2, 10, 18, 26, 34]);
    expect(Math.max(...overlaps)).toBe(MARK_INTERVAL - 1);
    expect(Math.min(...overlaps)).toBe(0);
    for (const type of ["hide", "say", "say", "leave", "return", "say"] as const) await step(type);
    expect((await marks()).slice(6)).toEqual([41, 42, 45, 46]);
  });

  it("[R21 PAGE-8] what an earlier page of the round told the client to remove, and what came back before a later page, begins again", async () => {
    const world = new World();
    for (let i = 0; i < 3; i++) await world.create();
    const [direct, other, third] = world.all;
    if (!direct || !other || !third) throw new Error("no conversations");
    const client = new SyncClient();
    await client.page(world, 10);
    // Far from a mark, so that the client's place is known to be before the leaving.
    for (let i = 0; i < 3; i++) await world.happen({ type: "say", of: 0 });
    await client.page(world, 10);
    await world.happen({ type: "hide", of: 0 });
    for (const of of [1, 2]) {
      world.say(world.all[of] ?? other);
      await world.flush(world.all[of] ?? other);
    }
    expect(await client.page(world, 1)).toBe(true);
    expect(client.known.has(direct.id)).toBe(false);
    await world.happen({ type: "say", of: 0 });
    while (await client.page(world, 1));
    expect(client.known.get(direct.id)).toBe(direct.head);
  });

  it("[R21 PAGE-9] what was hidden, came back and was hidden again unseen begins again", async () => {
    const world = new World();
    await world.create();
    const client = new SyncClient();
    await client.page(world, 10);
    for (const type of ["say", "say"] as const) await world.happen({ type, of: 0 });
    await client.page(world, 10);
    await world.happen({ type: "hide", of: 0 });
    await client.page(world, 10);
    expect(client.known.size).toBe(0);
    for (const type of ["say", "hide", "say"] as const) await world.happen({ type, of: 0 });
    await client.page(world, 10);
    expect([...client.known.values()]).toEqual([world.all[0]?.head]);
  });

  it("[R9 PAGE-2] the list by its cursor: what was there and still is comes at least once, and it comes to an end", async () => {
    await fc.assert(
      fc.asyncProperty(script, async ({ count, limit, between }) => {
        const world = await worldOf(count);
        const before = new Set(world.current().map((one) => one.id));
        const seen = new Set<string>();
        let cursor: string | undefined;
        for (let pages = 0; ; pages++) {
          expect(pages).toBeLessThan(MANY);
          const page = await listConversations(
            world.db,
            world.user,
            { page: 1, limit, ...(cursor === undefined ? {} : { cursor }) },
            Date.now(),
          );
          expect(page.conversations.length).toBeLessThanOrEqual(limit);
          for (const item of page.conversations) seen.add(item.conversation_id);
          if (page.next_cursor === null) break;
          cursor = page.next_cursor;
          for (const one of between[pages] ?? []) {
            await world.happen(one);
            // Who leaves and comes back was not there all the time.
            const listed = new Set(world.current().map(({ id }) => id));
            for (const { id } of world.all) if (!listed.has(id)) before.delete(id);
          }
        }
        for (const id of before) expect(seen).toContain(id);
      }),
      LIMITS,
    );
  });

  it("[R9 PAGE-3] a list that nobody moves is read once, page by page, whatever changes that moves nothing", async () => {
    const world = await worldOf(5);
    const ids: string[] = [];
    for (let cursor: string | undefined, more = true; more; ) {
      const query = { page: 1, limit: 2, ...(cursor === undefined ? {} : { cursor }) };
      const page = await listConversations(world.db, world.user, query, Date.now());
      ids.push(...page.conversations.map((item) => item.conversation_id));
      // A watermark moves: the conversation is written, and stays where it is.
      for (const one of world.all) await world.flush(Object.assign(one, { rev: one.rev + 1 }));
      more = page.next_cursor !== null;
      cursor = page.next_cursor ?? undefined;
    }
    expect(ids).toEqual(world.all.map((one) => one.id).reverse());
  });

  it("[R11 PAGE-5] history both ways: every message that was there and still is comes once, whatever is said and deleted", async () => {
    const [ann, bob] = await people("ann", "bob");
    const deed = fc.record({ type: fc.constantFrom("say", "hide", "erase", "edit"), of: fc.nat(30) });
    const story = fc.record({
      limit: fc.integer({ min: 1, max: 4 }),
      isDown: fc.boolean(),
      between: fc.array(fc.array(deed, { maxLength: 2 }), { maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(story, async ({ limit, isDown, between }) => {
        const id = await direct(ann, bob);
        const said: string[] = [];
        for (let i = 0; i < 7; i++) said.push((await say(ann, id, `message ${i}`)).message_id);
        const wanted = new Set(said);
        const seen: string[] = [];
        const [from, direction] = [isDown ? "" : said[0], isDown ? "before_id" : "after_id"];
        for (let bound = from, pages = 0, more = true; more; pages++) {
          expect(pages).toBeLessThan(MANY);
          const query = `limit=${limit}${bound ? `&${direction}=${bound}` : ""}`;
          const { body } = await api(bob, "GET", `/conversations/${id}/messages?${query}`);
          const ids = body.messages.map((message: { message_id: string }) => message.message_id);
          seen.push(...ids);
          bound = (isDown ? ids.at(-1) : ids[0]) ?? bound;
          more = body.has_more;
          for (const { type, of } of between[pages] ?? []) {
            const message = said[of % said.length] ?? "";
            if (type === "say") await say(ann, id, "more");
            if (type === "edit")
              await api(ann, "PUT", `/messages/${message}`, { content: `edited ${pages}` });
            if (type === "erase") await api(ann, "DELETE", `/messages/${message}?delete_for_everyone=true`);
            if (type === "hide") await api(bob, "DELETE", `/messages/${message}`);
            if (type === "hide") wanted.delete(message);
          }
        }
        expect(new Set(seen).size).toBe(seen.length);
        for (const message of wanted) if (isDown || message !== from) expect(seen).toContain(message);
      }),
      { ...LIMITS, numRuns: 8 },
    );
  });

  it("[R9 R25 PAGE-6] the list within its bytes: every conversation, and of those that are in them fewer", async () => {
    const world = new World();
    const others = Array.from({ length: 9 }, () => crypto.randomUUID());
    const photo = `https://photos.test/${"x".repeat(2_000)}`;
    await env.DB.prepare(
      `INSERT INTO users (user_id, username, display_name, search_name, profile_photo_url, claims, version, presence, connected, created_at)
       SELECT value, 'long-' || substr(value, 1, 8), 'Long', 'long', ?, '', 1, 'offline', 0, 1 FROM json_each(?)`,
    )
      .bind(photo, JSON.stringify([world.user, ...others]))
      .run();
    for (let i = 0; i < 100; i++) await world.create();
    const ids = JSON.stringify(world.all.map((one) => one.id));
    await env.DB.prepare(
      `INSERT INTO members (conversation_id, user_id, role, joined_seq, last_read_seq, read_no, read_sent_no,
         unread_deleted, unread_mentions, version, sent_no, rev)
       SELECT c.value, u.value, 'member', 2, 1, 0, 0, 0, 0, 1, 0, 1
       FROM json_each(?) AS c CROSS JOIN json_each(?) AS u`,
    )
      .bind(ids, JSON.stringify(others))
      .run();
    const page = await listConversations(world.db, world.user, { page: 1, limit: 100 }, Date.now());
    expect(page.conversations).toHaveLength(100);
    expect(JSON.stringify(page).length).toBeLessThanOrEqual(MAX_PAGE_BYTES);
    for (const { participants } of page.conversations) expect(participants).toHaveLength(2);
    const small = await listConversations(world.db, world.user, { page: 1, limit: 10 }, Date.now());
    for (const { participants } of small.conversations) expect(participants).toHaveLength(10);
  });

  it("[PAGE-4] search by its cursor: every hit that was there comes, once, whatever is said meanwhile", async () => {
    await fc.assert(
      fc.asyncProperty(script, async ({ count, limit, between }) => {
        const world = await worldOf(count);
        for (let i = 0; i < 3; i++) for (const one of world.all) world.say(one);
        for (const one of world.all) await world.flush(one);
        const wanted = new Set(world.all.flatMap((one) => [1, 2, 3, 4].map((seq) => `${one.id} ${seq}`)));
        const seen: string[] = [];
        let cursor: string | undefined;
        for (let pages = 0; ; pages++) {
          expect(pages).toBeLessThan(MANY);
          const query = SearchQuery.parse({ q: "canary", limit: String(limit * 2), cursor });
          const page = await searchMessages(world.db, world.user, query, Date.now());
          for (const { conversation_id, message_id } of page.results) {
            seen.push(`${conversation_id} ${Number.parseInt(message_id.slice(24), 16)}`);
          }
          if (page.next_cursor === null) break;
          cursor = page.next_cursor;
          for (const one of between[pages] ?? []) {
            await world.happen(one);
            for (const { id, left_seq, joined_seq } of world.all) {
              if (left_seq === null && joined_seq === 1) continue;
              for (let seq = 1; seq <= 4; seq++) wanted.delete(`${id} ${seq}`);
            }
          }
        }
        expect(new Set(seen).size).toBe(seen.length);
        for (const hit of wanted) expect(seen).toContain(hit);
      }),
      LIMITS,
    );
  });
});
