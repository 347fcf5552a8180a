import { FLOW_WINDOW, MAX_SYNC_MESSAGES, type Message, type SyncItem } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { atTime, sendCommand } from "./checks.ts";
import {
  api,
  connect,
  connectTo,
  conversationObject,
  direct,
  group,
  hubObject,
  type Person,
  people,
  say,
  type TestSocket,
} from "./kit.ts";

async function three() {
  const [ann, bob, cat] = await people("ann", "bob", "cat");
  if (!ann || !bob || !cat) throw new Error("nobody");
  return { ann, bob, cat };
}

describe("resume on the conversation's socket", () => {
  it("[RESUME-1] ?since brings every message and membership changed after it, then live events (rule 21)", async () => {
    const { ann, bob, cat } = await three();
    const id = await group(ann, [bob]);
    const first = await say(ann, id, "first");
    const socket = await connectTo(bob, id);
    const { seq } = (await say(ann, id, "second")) as { seq: number };
    await socket.heard((event) => event.type === "message.new" && event.seq === seq);
    socket.close();
    await socket.closed;
    await api(ann, "PUT", `/messages/${first.message_id}`, { content: "first, edited" });
    await api(ann, "POST", `/conversations/${id}/participants`, { user_id: cat.user_id });
    const third = await say(cat, id, "third");

    const back = await connectTo(bob, id, `?since=${seq}`);
    await say(ann, id, "live");
    await back.heard((event) => event.type === "message.new" && event.data.content === "live");
    const [sync] = back.all("conversation.sync");
    expect(back.events.map((event) => event.type).slice(0, 2)).toEqual([
      "connection.established",
      "conversation.sync",
    ]);
    expect(sync?.data).toMatchObject({ since: seq, limited: false, is_last: true, membership: "member" });
    expect(sync?.data.messages.map((message) => message.content)).toEqual([
      "first, edited",
      "ann added cat",
      "third",
    ]);
    expect(sync?.data.members.map((member) => member.user_id)).toEqual([cat.user_id]);
    expect(sync?.data.seq).toBe(third.seq);
    expect(back.all("message.new").map((event) => event.seq)).toEqual([third.seq + 1]);
  });

  it("[RESUME-2] a seq from the future is an error, and limited", async () => {
    const { ann, bob } = await three();
    const id = await direct(ann, bob);
    await say(ann, id, "hello");
    const socket = await connectTo(bob, id, "?since=1000000");
    const error = await socket.heard("error");
    expect(error).toMatchObject({ code: "VALIDATION_ERROR" });
    const sync = await socket.heard("conversation.sync");
    expect(sync).toMatchObject({ data: { limited: true, seq: 2 } });
  });

  it("[RESUME-3] too far behind is limited, with the newest page, never a silent gap", async () => {
    const { ann, bob } = await three();
    const id = await direct(ann, bob);
    const sender = await connectTo(ann, id);
    for (let i = 0; i <= MAX_SYNC_MESSAGES; i++) {
      sender.raw(
        JSON.stringify({
          type: "message.send",
          conversation_id: id,
          data: { type: "text", content: `${i}` },
        }),
      );
    }
    await sender.heard((event) => event.type === "message.new" && event.seq === MAX_SYNC_MESSAGES + 2);
    const socket = await connectTo(bob, id, "?since=1");
    const sync = await socket.heard("conversation.sync");
    if (sync.type !== "conversation.sync") throw new Error("no sync");
    expect(sync.data.limited).toBe(true);
    expect(sync.data.messages.at(-1)?.seq).toBe(MAX_SYNC_MESSAGES + 2);
    const near = await connectTo(bob, id, "?since=2");
    await near.heard((event) => event.type === "conversation.sync" && event.data.is_last);
    const frames = near.all("conversation.sync");
    expect(frames.length).toBe(MAX_SYNC_MESSAGES / 100);
    expect(frames.flatMap((frame) => frame.data.messages.map((message) => message.seq))).toEqual(
      Array.from({ length: MAX_SYNC_MESSAGES }, (_, i) => i + 3),
    );
    expect(frames.map((frame) => frame.data.is_last).filter(Boolean)).toHaveLength(1);
  });

  it("[RESUME-4] an open socket that sees a jump can ask; another conversation's id is refused", async () => {
    const { ann, bob, cat } = await three();
    const id = await direct(ann, bob);
    const other = await direct(bob, cat);
    await say(ann, id, "hello");
    const socket = await connectTo(bob, id);
    expect(await socket.ask({ type: "sync", conversations: { [id]: 1 } })).toMatchObject({ type: "ack" });
    expect(socket.all("conversation.sync")[0]?.data.messages).toHaveLength(1);
    expect(await socket.ask({ type: "sync", conversations: { [other]: 0 } })).toMatchObject({
      type: "error",
      code: "VALIDATION_ERROR",
    });
  });

  it("[RESUME-5] what was read, delivered and deleted for oneself while away is in the answer", async () => {
    const { ann, bob } = await three();
    const id = await direct(ann, bob);
    const mine = await say(ann, id, "mine");
    const hidden = await say(bob, id, "hidden");
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: mine.message_id });
    await api(ann, "DELETE", `/messages/${hidden.message_id}`);
    const socket = await connectTo(ann, id, `?since=${hidden.seq}`);
    const sync = await socket.heard("conversation.sync");
    expect(sync).toMatchObject({ data: { hidden_message_ids: [hidden.message_id], unread_count: 0 } });
    if (sync.type !== "conversation.sync") throw new Error("no sync");
    expect(sync.data.read_states).toContainEqual(
      expect.objectContaining({ user_id: bob.user_id, last_read_seq: mine.seq }),
    );
  });
});

describe("resume on the user's socket", () => {
  it("[RESUME-6] sync brings every conversation named up to date, before what is said live", async () => {
    const { ann, bob, cat } = await three();
    const [one, two, gone] = [await direct(ann, bob), await group(ann, [bob, cat]), await group(ann, [bob])];
    await say(ann, one, "a");
    const b = await say(ann, two, "b");
    await api(ann, "DELETE", `/conversations/${gone}/participants/${bob.user_id}`);
    const socket = await connect(bob);
    const answer = await socket.ask({
      type: "sync",
      conversations: { [one]: 0, [two]: b.seq - 1, [gone]: 2, [crypto.randomUUID()]: 0 },
    });
    expect(answer).toMatchObject({ type: "ack" });
    const frames = new Map(
      socket.all("conversation.sync").map((event) => [event.conversation_id, event.data]),
    );
    expect(frames.get(one)?.messages.map((message) => message.content)).toEqual(["a"]);
    expect(frames.get(two)?.messages.map((message) => message.content)).toEqual(["b"]);
    expect(frames.get(gone)).toMatchObject({ membership: "removed", messages: [] });
    expect(Object.values((answer as { data: { failed: object } }).data.failed)).toEqual([
      "CONVERSATION_NOT_FOUND",
    ]);
    await say(ann, one, "live");
    await socket.heard((event) => event.type === "message.new" && event.data.content === "live");
  });

  it("[RESUME-7] under fire: sync then events are contiguous for every client that comes and goes", async () => {
    const { ann, bob } = await three();
    const id = await direct(ann, bob);
    const sender = await connectTo(ann, id);
    let sent = 0;
    const send = () => {
      const data = { type: "text", content: `${sent++}` };
      sender.raw(JSON.stringify({ type: "message.send", conversation_id: id, data }));
    };
    let cursor = 1;
    const heard: number[] = [];
    const listen = (socket: TestSocket): void => {
      let synced = false;
      for (const event of socket.events) {
        const isSync = event.type === "conversation.sync";
        const live = event.type === "message.new" && synced ? [event.seq] : [];
        const seqs = isSync ? event.data.messages.map((message) => message.seq) : live;
        synced ||= isSync;
        for (const seq of seqs) {
          if (seq <= cursor) continue;
          expect(seq).toBe(cursor + 1);
          cursor = seq;
          heard.push(seq);
        }
      }
    };
    const visit = async (round: number): Promise<void> => {
      const socket = round % 2 === 0 ? await connect(bob) : await connectTo(bob, id, `?since=${cursor}`);
      if (round % 2 === 0) void socket.ask({ type: "sync", conversations: { [id]: cursor } });
      for (let i = 0; i < 20; i++) send();
      await socket.heard((event) => event.type === "conversation.sync" && event.data.is_last);
      socket.close();
      await socket.closed;
      listen(socket);
    };
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 20; i++) send();
      await visit(round);
    }
    await sender.heard((event) => event.type === "message.new" && event.seq === sent + 1);
    await visit(10);
    expect(heard).toEqual(heard.map((_, i) => i + 2));
    expect(heard.length).toBeGreaterThanOrEqual(400);
  });
});

describe("sync on an open socket", () => {
  const KINDS = [
    ["the user's socket", (who: Person) => connect(who)],
    ["the conversation's socket", (who: Person, id: string) => connectTo(who, id)],
  ] as const;

  it.each(KINDS)(
    "[R21 RESUME-8] what an answer contained does not come again live, on %s",
    async (_, open) => {
      const { ann, bob } = await three();
      const id = await direct(ann, bob);
      const [sender, socket] = [await connectTo(ann, id), await open(bob, id)];
      for (let round = 0; round < 30; round++) {
        for (let i = 0; i < 10; i++) {
          const data = { type: "text", content: `${round}.${i}` };
          sender.raw(JSON.stringify({ type: "message.send", conversation_id: id, data }));
          if (i === 5) socket.raw(JSON.stringify({ type: "sync", conversations: { [id]: round * 10 } }));
        }
        await socket.heard(() => socket.all("conversation.sync").length > round);
      }
      await socket.heard((event) => event.type === "message.new" && event.data.content === "29.9");
      let told = 0;
      const again: number[] = [];
      for (const event of socket.events) {
        if (event.type === "conversation.sync" && event.data.is_last) told = Math.max(told, event.data.seq);
        if (event.type === "message.new" && event.seq <= told) again.push(event.seq);
      }
      expect(again).toEqual([]);
      expect(told).toBeGreaterThan(150);
    },
  );

  it.each(KINDS)(
    "[R21 RESUME-9] a position that is claimed does not silence what is said, on %s",
    async (_, open) => {
      const { ann, bob, cat } = await three();
      const id = await group(ann, [bob, cat]);
      const socket = await open(bob, id);
      await socket.ask({ type: "sync", conversations: { [id]: Number.MAX_SAFE_INTEGER } });
      const said = await say(ann, id, "heard");
      await socket.heard((event) => event.type === "message.new" && event.seq === said.seq);
      const hub = await connect(bob);
      await api(ann, "DELETE", `/conversations/${id}/participants/${bob.user_id}`);
      await hub.ask({ type: "sync", conversations: { [id]: Number.MAX_SAFE_INTEGER } });
      await api(ann, "POST", `/conversations/${id}/participants`, { user_id: bob.user_id });
      const again = await say(ann, id, "heard again");
      await hub.heard((event) => event.type === "message.new" && event.seq === again.seq);
    },
  );

  it.each(KINDS)(
    "[R21 RESUME-10] an answer is bounded in characters, not only in messages, on %s",
    async (_, open) => {
      const { ann, bob } = await three();
      const id = await direct(ann, bob);
      const sender = await connectTo(ann, id);
      const count = 550;
      const data = { type: "text", content: "é".repeat(4_000) };
      for (let i = 0; i < count; i += 50) {
        for (let j = 0; j < 50; j++)
          sender.raw(JSON.stringify({ type: "message.send", conversation_id: id, data }));
        await sender.heard(() => sender.all("ack").length === i + 50);
        sender.raw(JSON.stringify({ type: "flow.ack", received: 500_000 }));
      }
      const socket = await open(bob, id);
      await socket.ask({ type: "sync", conversations: { [id]: 1 } });
      const frames = socket.all("conversation.sync");
      expect(frames).toHaveLength(1);
      expect(frames[0]?.data).toMatchObject({ limited: true, is_last: true, seq: count + 1 });
      expect(frames[0]?.data.messages.at(-1)?.seq).toBe(count + 1);
      await socket.ask({ type: "sync", conversations: { [id]: count - 99 } });
      const few = socket.all("conversation.sync").slice(1);
      expect(few.map((frame) => frame.data.limited)).toEqual([false]);
      expect(few.flatMap((frame) => frame.data.messages)).toHaveLength(100);
    },
  );
});

describe("GET /sync", () => {
  it("[SYNC-1] all conversations without a token, then only what changed, with its messages", async () => {
    const { ann, bob, cat } = await three();
    const one = await direct(ann, bob);
    const two = await group(ann, [bob, cat]);
    await say(ann, one, "a");
    const first = await api(bob, "GET", "/sync");
    expect(first.status).toBe(200);
    expect(
      first.body.conversations.map((item: SyncItem) => item.conversation.conversation_id).sort(),
    ).toEqual([one, two].sort());
    expect(first.body.has_more).toBe(false);
    const quiet = await api(bob, "GET", `/sync?since=${first.body.next_token}`);
    expect(quiet.body).toEqual({
      conversations: [],
      removed_conversation_ids: [],
      next_token: first.body.next_token,
      unread: { messages: 1, mentions: 0, conversations: 1, muted_messages: 0 },
      has_more: false,
      limited: false,
    });
    await say(ann, two, "b");
    await api(ann, "DELETE", `/conversations/${two}/participants/${cat.user_id}`);
    const { body } = await api(bob, "GET", `/sync?since=${first.body.next_token}`);
    expect(body.conversations).toHaveLength(1);
    expect(body.conversations[0].changes).toMatchObject({ limited: false, removed_user_ids: [cat.user_id] });
    expect(body.conversations[0].changes.messages.map((message: Message) => message.content)).toEqual([
      "b",
      "ann removed cat",
    ]);
    expect(body.conversations[0].conversation.unread_count).toBe(1);
    const cats = await api(cat, "GET", `/sync?since=${first.body.next_token}`);
    expect(cats.body.removed_conversation_ids).toEqual([two]);
  });

  it("[SYNC-2] pages of one conversation each add up, and preferences count as a change", async () => {
    const { ann, bob, cat } = await three();
    const ids = [await direct(ann, bob), await direct(ann, cat), await group(ann, [bob, cat])];
    const seen: string[] = [];
    let token = "";
    for (;;) {
      const { body } = await api(ann, "GET", `/sync?limit=1${token && `&since=${token}`}`);
      seen.push(...body.conversations.map((item: SyncItem) => item.conversation.conversation_id));
      token = body.next_token;
      if (!body.has_more) break;
    }
    expect(seen.sort()).toEqual(ids.sort());
    await api(ann, "PATCH", `/conversations/${ids[0]}/preferences`, { is_pinned: true });
    const { body } = await api(ann, "GET", `/sync?since=${token}`);
    expect(body.conversations.map((item: SyncItem) => item.conversation.is_pinned)).toEqual([true]);
    expect(body.conversations[0].changes.messages).toEqual([]);
  });

  it("[SYNC-3] a broken token is 400", async () => {
    const { ann } = await three();
    for (const token of [
      "x",
      "s",
      "s-1",
      "S1",
      "s1 ",
      "s1.2.3",
      `${"s".repeat(17)}.1.1.1`,
      `s${"0".repeat(16)}.1.1`,
    ]) {
      expect((await api(ann, "GET", `/sync?since=${encodeURIComponent(token)}`)).status).toBe(400);
    }
  });
});

describe("slow clients", () => {
  it("[FLOW-1] a client that takes nothing is told 4010; one that acknowledges is not", async () => {
    const { ann, bob } = await three();
    const id = await direct(ann, bob);
    const [slow, good] = [await connectTo(bob, id), await connectTo(bob, id)];
    const indicator = { user_id: ann.user_id, username: "x".repeat(1_000_000), is_typing: false };
    const frame = JSON.stringify({ type: "typing.indicator", conversation_id: id, data: indicator });
    const stub = conversationObject(id);
    slow.raw(JSON.stringify({ type: "flow.ack", received: 0 }));
    await slow.ask({ type: "typing.stop", conversation_id: id });
    good.raw(JSON.stringify({ type: "flow.ack", received: 0 }));
    await good.ask({ type: "typing.stop", conversation_id: id });
    for (let i = 0; i < 6; i++) {
      await stub.forward(bob.user_id, [frame]);
      good.raw(JSON.stringify({ type: "flow.ack", received: 1_100_000 }));
      await good.ask({ type: "typing.stop", conversation_id: id });
    }
    expect((await slow.closed).code).toBe(4010);
    expect(await good.ask({ type: "typing.stop", conversation_id: id })).toMatchObject({ type: "ack" });
  });

  const hostile = [
    { type: "flow.ack", received: 1e15 },
    { type: "flow.ack", received: 5_000_000 },
    { type: "typing.stop", conversation_id: "" },
    '{"type":"ping"}',
    '{"type": "ping"}',
    { type: "sync", conversations: {} },
    { type: "presence.update", status: "online" },
  ];

  it.each(["/ws", "own"])(
    "[R23 FLOW-6] no frame but what proves reading makes a client faster, at %s",
    async (kind) => {
      const { ann, bob } = await three();
      const id = await direct(ann, bob);
      const data = { user_id: ann.user_id, username: "x".repeat(1_000_000), is_typing: false };
      const frame = JSON.stringify({ type: "typing.indicator", conversation_id: id, data });
      const socket = kind === "own" ? await connectTo(bob, id) : await connect(bob);
      const large = () => socket.all("typing.indicator").length;
      for (let i = 1; i <= 4; i++) {
        if (kind === "own") await conversationObject(id).forward(bob.user_id, [frame]);
        else await hubObject(bob.user_id).deliverFrame(frame);
        await socket.heard(() => large() === i);
        for (const one of hostile) {
          const named =
            typeof one === "string"
              ? one
              : JSON.stringify({ ...one, ...("conversation_id" in one && { conversation_id: id }) });
          socket.raw(named);
        }
        await socket.ask({ type: "sync", conversations: {} });
      }
      if (kind === "own") await conversationObject(id).forward(bob.user_id, [frame]);
      else await hubObject(bob.user_id).deliverFrame(frame);
      expect((await socket.closed).code).toBe(4010);
      expect(large()).toBe(4);
    },
  );

  it("[R23 FLOW-7] answers to sync wait until a client has taken those before, and are not lost", async () => {
    const { ann, bob } = await three();
    const id = await direct(ann, bob);
    const sender = await connectTo(ann, id);
    for (let i = 1; i <= 80; i++) {
      sender.raw(JSON.stringify({ ...sendCommand(id, "é".repeat(4_000)), request_id: i }));
      if (i % 40 === 0) await sender.heard(() => sender.all("ack").length === i);
      if (i % 40 === 0) sender.raw(JSON.stringify({ type: "flow.ack", received: 380_000 }));
    }
    const questions = 24;
    // The clock stands still: a client that acknowledges nothing is trusted with more each second.
    const socket = await atTime(Date.now(), async () => {
      const opened = await connect(bob);
      for (let i = 0; i < questions; i++) {
        opened.raw(JSON.stringify({ type: "sync", request_id: i, conversations: { [id]: 1 } }));
      }
      await opened.heard(() => opened.all("conversation.sync").length >= 6);
      // A moment for those that should wait: whatever could be a fence waits behind them.
      await new Promise((resolve) => setTimeout(resolve, 300));
      return opened;
    });
    const heard = () => socket.all("conversation.sync").length;
    const [before, size] = [heard(), JSON.stringify(socket.all("conversation.sync")[0]).length];
    expect(before * size).toBeLessThan(FLOW_WINDOW);
    // What is taken makes room for more; in the end everything has come.
    for (let acknowledged = 0; heard() < questions; ) {
      const taken = heard();
      socket.raw(JSON.stringify({ type: "flow.ack", received: (taken - acknowledged) * size }));
      acknowledged = taken;
      await socket.heard(() => heard() > taken);
    }
    await socket.heard((event) => event.type === "ack" && event.request_id === questions - 1);
    const order = socket.all("ack").map((event) => event.request_id);
    expect(order).toEqual([...Array(questions).keys()]);
  });
});
