import { runInDurableObject } from "cloudflare:test";
import {
  type FetchedMessage,
  type Message,
  newConversationId,
  type ServerEvent,
} from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import type { Conversation } from "../../src/conversation/conversation.ts";
import { askUpload, PNG } from "./attachments-kit.ts";
import { block, list, unblock, word } from "./blocks-kit.ts";
import { expectError, hibernate } from "./checks.ts";
import {
  api,
  connect,
  connectTo,
  conversationObject,
  direct,
  group,
  type Person,
  people,
  say,
  type TestSocket,
} from "./kit.ts";
import { verify } from "./state-kit.ts";

const SECRET = "canary";

const bySeq = (seq: number) => (event: ServerEvent) => "seq" in event && event.seq === seq;
const isReset = (event: ServerEvent) => event.type === "sync.required" && event.reset === true;

async function history(who: Person, id: string): Promise<FetchedMessage[]> {
  const { body } = await api(who, "GET", `/conversations/${id}/messages?limit=100`);
  return body.messages.reverse();
}

const texts = (messages: { content: string }[]) => messages.map(({ content }) => content);

/** What people have said, without what the conversation says. */
async function said(who: Person, id: string): Promise<string[]> {
  return texts((await history(who, id)).filter(({ type }) => type !== "system"));
}

/** A group in which ann has blocked xen. */
async function blocked() {
  const [ann, xen, bob] = await people("ann", "xen", "bob");
  const id = await group(bob, [ann, xen]);
  await block(id, ann, xen);
  return { ann, xen, bob, id };
}

const both = (who: Person, id: string): Promise<[TestSocket, TestSocket]> =>
  Promise.all([connect(who), connectTo(who, id)]);

/** The numbers of a conversation that a socket heard, in their order. */
const numbers = (socket: TestSocket) =>
  socket.events.flatMap((event) => ("seq" in event && typeof event.seq === "number" ? [event.seq] : []));

async function unread(who: Person, id: string) {
  const { body } = await api(who, "GET", "/conversations?limit=100");
  const item = body.conversations.find((one: { conversation_id: string }) => one.conversation_id === id);
  return { unread: item?.unread_count, mentions: item?.unread_mentions };
}

describe("a group in which one has blocked another (rule 29)", () => {
  it("[R29 BLOCK-2] what the blocked says reaches the blocker by number, everybody else whole", async () => {
    const { ann, xen, bob, id } = await blocked();
    const mine = await both(ann, id);
    const others = [...(await both(bob, id)), ...(await both(xen, id))];
    const first = await say(xen, id, `${SECRET} one`);
    const second = await say(bob, id, "two");
    const third = await say(xen, id, `${SECRET} three`, { metadata: { note: SECRET } });
    for (const socket of mine) {
      for (const { seq, message_id } of [first, third]) {
        const event = await socket.heard(bySeq(seq));
        expect(event).toMatchObject({ type: "message.updated", data: { message_id, patch: {} } });
      }
      expect(await socket.heard(bySeq(second.seq))).toMatchObject({ type: "message.new" });
      expect(numbers(socket)).toEqual([first.seq, second.seq, third.seq]);
      expect(socket.frames.join()).not.toContain(SECRET);
    }
    for (const socket of others) {
      expect(await socket.heard(bySeq(third.seq))).toMatchObject({ data: { content: `${SECRET} three` } });
      expect(numbers(socket)).toEqual([first.seq, second.seq, third.seq]);
    }
  });

  it("[R29 BLOCK-3] earlier messages go too, wherever they are read, and come back when the block ends", async () => {
    const [ann, xen, bob] = await people("ann", "xen", "bob");
    const id = await group(bob, [ann, xen]);
    const secret = await say(xen, id, SECRET);
    await say(bob, id, "plain");
    await api(bob, "PUT", `/messages/${secret.message_id}/pin`);
    await api(xen, "PUT", `/messages/${secret.message_id}`, { content: `${SECRET} again` });
    const ways = [
      `/messages/${secret.message_id}`,
      `/messages/${secret.message_id}/edits`,
      `/messages/${secret.message_id}/receipts`,
    ];
    const pins = `/conversations/${id}/pins`;
    const whole = await history(ann, id);
    await block(id, ann, xen);
    for (const way of ways) expectError(await api(ann, "GET", way), "NOT_FOUND");
    expect((await api(ann, "GET", pins)).body.messages).toEqual([]);
    expect(await said(ann, id)).toEqual(["plain"]);
    const around = `/conversations/${id}/messages?around_id=${secret.message_id}`;
    expect(JSON.stringify((await api(ann, "GET", around)).body)).not.toContain(SECRET);
    expect(JSON.stringify(await history(ann, id))).not.toContain(SECRET);
    // What the conversation says stays, whoever caused it.
    expect((await history(ann, id)).filter(({ type }) => type === "system")).toHaveLength(2);
    for (const way of ways) expect((await api(bob, "GET", way)).status).toBe(200);
    await unblock(id, ann, xen);
    for (const way of ways) expect((await api(ann, "GET", way)).status).toBe(200);
    expect((await api(ann, "GET", pins)).body.messages).toHaveLength(1);
    expect(texts(await history(ann, id))).toEqual(texts(whole));
  });

  it("[R29 BLOCK-4] quotes of the blocked show no text: live, in history, in a resume, and to a retry", async () => {
    const { ann, xen, bob, id } = await blocked();
    const before = (await api(ann, "GET", `/conversations/${id}`)).body.seq;
    const sockets = await both(ann, id);
    const secret = await say(xen, id, SECRET);
    const reply = await say(bob, id, "reply", { reply_to_message_id: secret.message_id });
    expect(reply.reply_to.content).toBe(SECRET);
    for (const socket of sockets) {
      expect(await socket.heard(bySeq(reply.seq))).toMatchObject({
        data: { content: "reply", reply_to: { message_id: secret.message_id, content: "" } },
      });
      await socket.ask({ type: "sync", conversations: { [id]: before } });
      expect(socket.frames.join()).not.toContain(SECRET);
      expect(socket.frames.join()).toContain("reply");
    }
    expect(JSON.stringify(await history(ann, id))).not.toContain(SECRET);
    // Who quoted before they blocked reads their own quote no longer.
    await unblock(id, ann, xen);
    const once = { reply_to_message_id: secret.message_id, client_message_id: "once" };
    expect((await say(ann, id, "mine", once)).reply_to.content).toBe(SECRET);
    await block(id, ann, xen);
    expect((await say(ann, id, "mine", once)).reply_to.content).toBe("");
  });

  it("[R29 BLOCK-5] reactions of the blocked are left out for the blocker alone", async () => {
    const { ann, xen, bob, id } = await blocked();
    const sockets = await both(ann, id);
    const message: Message = await say(ann, id, "mine");
    const react = (who: Person, emoji: string) =>
      api(who, "POST", `/messages/${message.message_id}/reactions`, { emoji });
    await react(xen, "🐤");
    await react(bob, "👍");
    for (const socket of sockets) {
      await socket.heard((event) => event.type === "message.reaction" && event.data.user_id === bob.user_id);
      expect(socket.frames.join()).not.toContain("🐤");
      expect(numbers(socket)).toEqual([message.seq, message.seq + 1, message.seq + 2]);
    }
    const shown = async (who: Person) => {
      const { body } = await api(who, "GET", `/messages/${message.message_id}`);
      return body.reactions.map(({ emoji }: { emoji: string }) => emoji).sort();
    };
    expect(await shown(ann)).toEqual(["👍"]);
    expect(await shown(bob)).toEqual(["🐤", "👍"].sort());
    await unblock(id, ann, xen);
    expect(await shown(ann)).toEqual(["🐤", "👍"].sort());
  });

  it("[R29 BLOCK-6] for the blocker their messages do not exist: nothing can be done with them", async () => {
    const { ann, xen, id } = await blocked();
    const { message_id } = await say(xen, id, SECRET);
    const path = `/messages/${message_id}`;
    expectError(await api(ann, "PUT", `${path}/pin`), "NOT_FOUND");
    expectError(await api(ann, "POST", `${path}/reactions`, { emoji: "👍" }), "NOT_FOUND");
    const read = { up_to_message_id: message_id };
    expectError(await api(ann, "PUT", `/conversations/${id}/read`, read), "NOT_FOUND");
    expectError(await api(ann, "DELETE", path), "NOT_FOUND");
    const answer = await api(ann, "POST", `/conversations/${id}/messages`, {
      ...{ type: "text", content: "re", reply_to_message_id: message_id },
    });
    expect(answer.status).toBe(404);
  });

  it("[R29 BLOCK-7] typing is shown to neither, and what was shown ends with the block", async () => {
    const [ann, xen, bob] = await people("ann", "xen", "bob");
    const id = await group(bob, [ann, xen]);
    const [mine, theirs, other] = await Promise.all([ann, xen, bob].map((who) => connectTo(who, id)));
    if (!mine || !theirs || !other) throw new Error("no sockets");
    const typing = (socket: TestSocket, who: Person) =>
      socket
        .all("typing.indicator")
        .flatMap(({ data }) => (data.user_id === who.user_id ? [data.is_typing] : []));
    await api(xen, "POST", `/conversations/${id}/typing`);
    await expect.poll(() => typing(mine, xen)).toEqual([true]);
    await block(id, ann, xen);
    await expect.poll(() => typing(mine, xen)).toEqual([true, false]);
    expect(typing(other, xen)).toEqual([true]);
    await api(xen, "DELETE", `/conversations/${id}/typing`);
    await api(xen, "POST", `/conversations/${id}/typing`);
    await api(ann, "POST", `/conversations/${id}/typing`);
    await expect.poll(() => [typing(other, xen), typing(other, ann)]).toEqual([[true, false, true], [true]]);
    expect([typing(mine, xen), typing(theirs, ann)]).toEqual([[true, false], []]);
  });

  it("[R29 BLOCK-8] their messages are not unread, and their mentions count for nothing", async () => {
    const { ann, xen, bob, id } = await blocked();
    const socket = await connect(ann);
    const mention = { metadata: { mentions: [`@${ann.username}`] } };
    const first = await say(xen, id, `${SECRET} @${ann.username}`, mention);
    const plain = await say(bob, id, `hi @${ann.username}`, mention);
    await say(xen, id, SECRET);
    await expect.poll(() => unread(ann, id)).toEqual({ unread: 1, mentions: 1 });
    await expect
      .poll(() => socket.all("unread.total").at(-1)?.data)
      .toMatchObject({ messages: 1, mentions: 1 });
    // Deleting one takes nothing away, since it was not counted.
    await api(xen, "DELETE", `/messages/${first.message_id}?delete_for_everyone=true`);
    await expect.poll(() => unread(ann, id)).toEqual({ unread: 1, mentions: 1 });
    await expect.poll(() => unread(bob, id)).toEqual({ unread: 1, mentions: 0 });
    await unblock(id, ann, xen);
    await expect.poll(() => unread(ann, id)).toEqual({ unread: 2, mentions: 1 });
    await expect.poll(() => socket.all("unread.total").at(-1)?.data).toMatchObject({ messages: 2 });
    await block(id, ann, xen);
    await expect.poll(() => unread(ann, id)).toEqual({ unread: 1, mentions: 1 });
    await expect.poll(() => socket.all("unread.total").at(-1)?.data).toMatchObject({ messages: 1 });
    await api(ann, "PUT", `/conversations/${id}/read`, { up_to_message_id: plain.message_id });
    await expect.poll(() => unread(ann, id)).toEqual({ unread: 0, mentions: 0 });
    await say(xen, id, SECRET);
    await say(bob, id, "more");
    await expect.poll(() => unread(ann, id)).toEqual({ unread: 1, mentions: 0 });
  });

  it("[R29 R21 BLOCK-9] a block tells the blocker's clients alone to begin again, now and when they come back", async () => {
    const [ann, xen, bob] = await people("ann", "xen", "bob");
    const id = await group(bob, [ann, xen]);
    const { seq } = await say(xen, id, SECRET);
    const mine = await both(ann, id);
    const others = [...(await both(bob, id)), ...(await both(xen, id))];
    await block(id, ann, xen);
    for (const socket of mine) await socket.heard(isReset);
    const answer = async (since: number) => {
      const socket = await connectTo(ann, id, `?since=${since}`);
      const event = await socket.heard("conversation.sync");
      socket.close();
      return event;
    };
    expect(await answer(seq)).toMatchObject({ data: { limited: true, reset: true, seq } });
    const next = await say(bob, id, "next");
    const news = await answer(seq);
    expect(news).toMatchObject({ data: { limited: true, reset: true } });
    expect(JSON.stringify(news)).not.toContain(SECRET);
    expect(await answer(next.seq)).toMatchObject({ data: { limited: false } });
    for (const socket of others) {
      await socket.heard(bySeq(next.seq));
      expect(socket.events.some(isReset)).toBe(false);
    }
  });

  it("[R29 R21 BLOCK-9] whoever follows a conversation through blocks ends where a new client begins", async () => {
    const [ann, xen, bob] = await people("ann", "xen", "bob");
    const id = await group(bob, [ann, xen]);
    await say(xen, id, SECRET);
    await verify(id, [ann, xen, bob], async () => {
      await block(id, ann, xen);
      const secret = await say(xen, id, `${SECRET} two`);
      await say(bob, id, "re", { reply_to_message_id: secret.message_id });
    });
    await verify(id, [ann, xen, bob], async () => {
      await say(xen, id, `${SECRET} three`);
      await unblock(id, ann, xen);
      await say(xen, id, "free");
    });
  });

  it("[R29 BLOCK-10] words may be repeated and come late; what concerns nobody here is not kept", async () => {
    const [ann, xen, bob, eve] = await people("ann", "xen", "bob", "eve");
    const id = await group(bob, [ann, xen]);
    await say(xen, id, SECRET);
    const [older, newer, newest] = [word(ann, xen), word(ann, xen, false), word(ann, xen)];
    const tell = (...words: (typeof older)[]) => conversationObject(id).setBlocks(words);
    const rows = () =>
      runInDurableObject(conversationObject(id) as DurableObjectStub, (_, { storage }) => {
        return storage.sql.exec("SELECT version, is_blocked FROM blocks").toArray();
      });
    await tell(newer);
    await tell(older);
    expect(await said(ann, id)).toEqual([SECRET]);
    await tell(newest, older, newest, newer);
    expect(await said(ann, id)).toEqual([]);
    await tell(word(eve, xen), word(ann, eve), word(ann, ann));
    expect(await rows()).toEqual([{ version: newest.version, is_blocked: 1 }]);
    await hibernate(id, ann);
    expect(await said(ann, id)).toEqual([]);
    const nowhere = newConversationId();
    await conversationObject(nowhere).setBlocks([older]);
    await runInDurableObject(conversationObject(nowhere) as DurableObjectStub, (_, { storage }) => {
      expect(storage.sql.exec("SELECT name FROM sqlite_master").toArray()).toEqual([]);
    });
  });

  it("[R29 BLOCK-12] a block from before a group, or before one of both came, holds from the first message on", async () => {
    const [ann, xen, bob] = await people("ann", "xen", "bob");
    await list(word(ann, xen));
    const together = await group(bob, [ann, xen]);
    await say(xen, together, SECRET);
    expect(await said(ann, together)).toEqual([]);
    for (const [first, second] of [
      [ann, xen],
      [xen, ann],
    ] as const) {
      const id = await group(bob, [first]);
      const add = { user_id: second.user_id };
      expect((await api(bob, "POST", `/conversations/${id}/participants`, add)).status).toBe(201);
      await say(xen, id, SECRET);
      await say(bob, id, "plain");
      expect(await said(ann, id)).toEqual(["plain"]);
      await expect.poll(() => unread(ann, id)).toEqual({ unread: 1, mentions: 0 });
    }
  });

  it("[R29 BLOCK-13] nobody learns from a receipt that they are blocked", async () => {
    const { ann, xen, bob, id } = await blocked();
    const mark = async (message: Message) => {
      const { body } = await api(xen, "GET", `/messages/${message.message_id}/receipts`);
      return body.receipts.find(({ user_id }: { user_id: string }) => user_id === ann.user_id)?.status;
    };
    const live = await connect(ann);
    const first = await say(xen, id, SECRET);
    await expect.poll(() => mark(first)).toBe("delivered");
    live.close();
    await live.closed;
    const second = await say(xen, id, SECRET);
    await history(ann, id);
    await expect.poll(() => mark(second)).toBe("delivered");
    const third = await say(bob, id, "plain");
    await api(ann, "PUT", `/conversations/${id}/read`, { up_to_message_id: third.message_id });
    await expect.poll(() => mark(second)).toBe("read");
  });

  it("[R29 BLOCK-15] it outlasts leaving and coming back, of either", async () => {
    const { ann, xen, bob, id } = await blocked();
    await api(bob, "PUT", `/conversations/${id}`, { settings: { history: "all" } });
    await say(xen, id, SECRET);
    for (const who of [xen, ann]) {
      await api(bob, "DELETE", `/conversations/${id}/participants/${who.user_id}`);
      if (who === xen) expect(await said(ann, id)).toEqual([]);
      await api(bob, "POST", `/conversations/${id}/participants`, { user_id: who.user_id });
      await say(xen, id, SECRET);
      expect(await said(ann, id)).toEqual([]);
      await expect.poll(() => unread(ann, id)).toEqual({ unread: 0, mentions: 0 });
    }
    // Unblocked while away.
    await api(bob, "DELETE", `/conversations/${id}/participants/${ann.user_id}`);
    await unblock(id, ann, xen);
    await api(bob, "POST", `/conversations/${id}/participants`, { user_id: ann.user_id });
    expect(await said(ann, id)).toEqual([SECRET, SECRET, SECRET]);
    await say(xen, id, "free");
    await expect.poll(() => unread(ann, id)).toEqual({ unread: 1, mentions: 0 });
  });
});

describe("a direct chat in which one has blocked the other (rule 29)", () => {
  it("[R29 BLOCK-11] both can read it, and neither can bring anything new", async () => {
    const [ann, xen] = await people("ann", "xen");
    const id = await direct(ann, xen);
    const messages = new Map<Person, Message>();
    for (const who of [ann, xen]) messages.set(who, await say(who, id, `by ${who.username}`));
    await block(id, ann, xen);
    for (const who of [ann, xen]) {
      const own = `/messages/${messages.get(who)?.message_id}`;
      const refused = [
        api(who, "POST", `/conversations/${id}/messages`, { type: "text", content: "hi" }),
        api(who, "PUT", own, { content: "changed" }),
        api(who, "POST", `${own}/reactions`, { emoji: "👍" }),
        api(who, "PUT", `${own}/pin`),
        api(who, "POST", `/conversations/${id}/typing`),
        api(who, "PUT", `/conversations/${id}`, { settings: { disappearing_messages_enabled: true } }),
        askUpload(who, id, PNG),
      ];
      for (const answer of await Promise.all(refused)) expectError(answer, "BLOCKED");
      const socket = await connectTo(who, id);
      expect(
        await socket.ask({
          type: "message.send",
          conversation_id: id,
          data: { type: "text", content: "hi" },
        }),
      ).toMatchObject({ type: "error", code: "BLOCKED" });
      expect(await said(who, id)).toHaveLength(2);
      const read = { up_to_message_id: messages.get(xen)?.message_id };
      expect((await api(who, "PUT", `/conversations/${id}/read`, read)).status).toBe(200);
    }
    expect(
      (await api(xen, "DELETE", `/messages/${messages.get(xen)?.message_id}?delete_for_everyone=true`))
        .status,
    ).toBe(204);
    await unblock(id, ann, xen);
    expect((await say(xen, id, "again")).content).toBe("again");
  });

  it("[R29 BLOCK-11] one that begins between two who are apart is closed from the start", async () => {
    const [ann, xen] = await people("ann", "xen");
    const id = newConversationId();
    const caller = ({ user_id, username }: Person) => ({
      ...{ user_id, username, display_name: username, profile_photo_url: null, profile_version: 1 },
    });
    const stub = conversationObject(id);
    const blocks = [word(xen, ann)];
    const beginning = { conversation_id: id, type: "direct" as const, name: null, description: null };
    await (stub as unknown as Conversation).create({
      ...beginning,
      ...{ creator: caller(ann), others: [caller(xen)], blocks },
    } as never);
    const answer = await api(ann, "POST", `/conversations/${id}/messages`, { type: "text", content: "hi" });
    expectError(answer, "BLOCKED");
  });
});
