// @vitest-environment happy-dom
/** The hooks, in React 19. */
import { messageIdAt, seqOf } from "@rocket-chat-api/client";
import {
  ChatProvider,
  useAttachmentUrl,
  useBlocks,
  useConnection,
  useConversation,
  useConversations,
  useMembers,
  useMessages,
  usePresence,
  useReactions,
  useReceipts,
  useSearch,
  useSend,
  useTyping,
  useUnread,
  useUpload,
} from "@rocket-chat-api/react";
import { act, createElement, Profiler, StrictMode, useState } from "react";
import { renderToString } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { ANN, BOB } from "./client-kit.ts";
import {
  connected,
  created,
  fakeClient,
  hook,
  messageIn,
  room,
  saidIn,
  say,
  settle,
  show,
  syncIn,
  typingIn,
} from "./react-kit.ts";

const A = room(0);
const B = room(1);

/** A client that is connected and in these rooms. */
async function inRooms(count: number, routes = {}) {
  const made = fakeClient(routes);
  const socket = await connected(made);
  await say(socket, ...Array.from({ length: count }, (_, index) => created(room(index), `room ${index}`)));
  return { ...made, socket };
}

describe("what renders", () => {
  it("[REACT-1] messages and typing in one of 50 rooms render nothing of the others", async () => {
    const { client, socket } = await inRooms(50);
    const renders = new Map<string, number>();
    function Room({ id }: { id: string }) {
      const { messages } = useMessages(id);
      const { typing } = useTyping(id);
      const { unreadCount } = useConversation(id);
      useMembers(id);
      useSend(id);
      return `${messages.length} ${typing.length} ${unreadCount}`;
    }
    const rooms = Array.from({ length: 50 }, (_, index) => {
      const onRender = (id: string) => renders.set(id, (renders.get(id) ?? 0) + 1);
      return createElement(
        Profiler,
        { key: index, id: room(index), onRender },
        createElement(Room, { id: room(index) }),
      );
    });
    await show(client, rooms);
    renders.clear();
    for (let person = 0; person < 100; person++) await say(socket, typingIn(A, `person ${person}`));
    for (let seq = 2; seq < 22; seq++) await say(socket, saidIn(A, seq));
    expect([...renders.keys()]).toEqual([A]);
    // 100 began, 20 were said.
    expect(renders.get(A)).toBe(120);
    await say(socket, saidIn(B, 2));
    expect(renders.get(B)).toBe(1);
  });

  it("[REACT-2] rows of the list keep their objects, unless something in them changes", async () => {
    const { client, socket } = await inRooms(3);
    const list = await hook(client, () => useConversations());
    const before = list.value.items;
    const renders = list.renders;
    await say(socket, typingIn(B, BOB));
    expect(list.renders).toBe(renders);
    await say(socket, saidIn(A, 2, BOB, { created_at: "2026-11-16T11:00:00.000Z" }));
    expect(list.value.items.map((item) => item.conversation_id)).toEqual([A, room(2), B]);
    expect(list.value.items[0]).toMatchObject({ title: "room 0", unread_count: 1 });
    expect(before).toContain(list.value.items[1]);
    expect(before).toContain(list.value.items[2]);
  });
});

describe("useConversations", () => {
  it("[REACT-3] shows pages with a total, and filters", async () => {
    const { client, socket } = await inRooms(7);
    await say(socket, saidIn(A, 2));
    const list = await hook(client, () => useConversations({ pageSize: 3 }));
    expect(list.value).toMatchObject({ total: 7, hasMore: true, isLoaded: true });
    expect(list.value.items).toHaveLength(3);
    await act(async () => list.value.loadMore());
    await act(async () => list.value.loadMore());
    expect(list.value.items).toHaveLength(7);
    expect(list.value.hasMore).toBe(false);
    const unread = await hook(client, () => useConversations({ filter: "unread" }));
    expect(unread.value.items.map((item) => item.conversation_id)).toEqual([A]);
    const archived = { conversation_id: A, is_muted: false, muted_until: null, is_pinned: false };
    const data = { ...archived, is_archived: true, push_level: null };
    await say(socket, { type: "preferences.updated", conversation_id: A, data });
    expect(unread.value.items).toEqual([]);
    expect(list.value.total).toBe(6);
  });
});

describe("a message on its way", () => {
  it("[REACT-4] has one place and one key with the real one, and is never in neither or both", async () => {
    const { client, socket } = await inRooms(1);
    const seen: string[] = [];
    const view = await hook(client, () => {
      const { messages } = useMessages(A);
      const { send } = useSend(A);
      seen.push(messages.map(({ message, outgoing }) => message.content + (outgoing ? "…" : "")).join());
      return { messages, send };
    });
    let key = "";
    await act(async () => {
      key = view.value.send({ content: "hello" });
    });
    await settle();
    expect(view.value.messages.map((one) => one.key)).toEqual([key]);
    const real = messageIn(A, 3, ANN, { content: "hello", client_message_id: key });
    // The answer comes before the event of an earlier message: the state cannot take it yet.
    await act(async () => socket.answer("message.send", real));
    await settle();
    expect(client.outbox.pending(A)).toEqual([]);
    expect(view.value.messages.map((one) => one.key)).toEqual([key]);
    expect(view.value.messages[0]?.outgoing?.state).toBe("sent");
    await say(socket, saidIn(A, 2, BOB, { content: "first" }), {
      ...{ type: "message.new", conversation_id: A, seq: 3, data: real },
    } as const);
    expect(view.value.messages.map(({ message, outgoing }) => [message.content, outgoing])).toEqual([
      ["first", null],
      ["hello", null],
    ]);
    expect(view.value.messages[1]?.key).toBe(key);
    const after = seen.slice(seen.findIndex((one) => one.includes("hello")));
    expect(after.every((one) => one.split("hello").length === 2)).toBe(true);
  });

  it("[REACT-5] that is refused stays, is tried again under its id, and can be taken out", async () => {
    const { client, socket } = await inRooms(1);
    const view = await hook(client, () => ({ ...useMessages(A), ...useSend(A) }));
    await act(async () => void view.value.send({ content: "no" }));
    await settle();
    const refusal = { code: "FORBIDDEN" as const, message: "no" };
    const refuse = () => {
      const request_id = socket.last("message.send")?.request_id;
      return say(socket, { type: "error", ...(request_id !== undefined && { request_id }), ...refusal });
    };
    await refuse();
    await settle();
    const [failed] = view.value.pending;
    expect(failed?.outgoing).toMatchObject({ state: "failed", error: { code: "FORBIDDEN" } });
    await act(async () => view.value.retry(failed?.key ?? ""));
    await settle();
    expect(view.value.pending.map(({ key, outgoing }) => [key, outgoing?.state])).toEqual([
      [failed?.key, "sending"],
    ]);
    expect(socket.sent.filter(({ type }) => type === "message.send")).toHaveLength(2);
    await refuse();
    await settle();
    await act(async () => view.value.cancel(failed?.key ?? ""));
    expect(view.value.messages).toEqual([]);
  });

  it("[REACT-6] with files shows their progress, and carries their ids", async () => {
    const id = messageIdAt(A, 2 ** 47);
    const permission = { attachment_id: id, upload_url: "https://storage.test/x", headers: {} };
    const { client, socket } = await inRooms(1, { "POST /messages/attachments/upload-url": permission });
    const requests: { onload?: () => void; upload: { onprogress?: (event: object) => void } }[] = [];
    const before = globalThis.XMLHttpRequest;
    class Put {
      upload = {};
      status = 200;
      constructor() {
        requests.push(this);
      }
      open() {}
      setRequestHeader() {}
      send() {}
      abort() {}
    }
    globalThis.XMLHttpRequest = Put as unknown as typeof XMLHttpRequest;
    try {
      const view = await hook(client, () => ({ ...useMessages(A), ...useSend(A) }));
      const file = { name: "a.png", size: 10, type: "image/png" };
      await act(async () => void view.value.send({ content: "look" }, [{ file }]));
      await settle();
      expect(view.value).toMatchObject({ progress: 0, pending: [{ outgoing: { state: "uploading" } }] });
      await act(async () => requests[0]?.upload.onprogress?.({ loaded: 5, total: 10 }));
      expect(view.value).toMatchObject({ progress: 0.5, pending: [{ outgoing: { progress: 0.5 } }] });
      await act(async () => requests[0]?.onload?.());
      await settle();
      expect(view.value.progress).toBeNull();
      const data = { type: "image", content: "look", attachment_ids: [id] };
      expect(socket.last("message.send")).toMatchObject({ data });
      const uploads = await hook(client, () => useUpload(A));
      await act(async () => void uploads.value.upload(file));
      await settle();
      await act(async () => requests[1]?.onload?.());
      await settle();
      expect(uploads.value.uploads).toMatchObject([{ state: "done", progress: 1, attachment_id: id }]);
    } finally {
      globalThis.XMLHttpRequest = before;
    }
  });
});

describe("history", () => {
  const page = (from: number, to: number, more: { has_more: boolean; has_newer: boolean }) => ({
    ...more,
    messages: Array.from({ length: to - from + 1 }, (_, index) => ({
      ...messageIn(A, to - index),
      receipt_status: "sent",
    })),
  });

  it("[REACT-7] jumps to a place, follows changes there, and meets the newest messages again", async () => {
    const { client, socket } = await inRooms(1, {
      [`GET /conversations/${A}/messages`]: (url: URL) => {
        const place = (name: string) => seqOf(url.searchParams.get(name) ?? messageIdAt(A, 0));
        if (url.searchParams.has("around_id")) return page(19, 21, { has_more: true, has_newer: true });
        if (url.searchParams.has("before_id"))
          return page(place("before_id") - 2, place("before_id") - 1, { has_more: false, has_newer: true });
        return page(place("after_id") + 1, 101, { has_more: true, has_newer: true });
      },
    });
    const newest = [messageIn(A, 100), messageIn(A, 101)];
    await say(socket, syncIn(A, { seq: 101, limited: true, has_more: true, messages: newest }));
    const view = await hook(client, () => useMessages(A));
    const places = () => view.value.messages.map(({ message }) => message.seq);
    expect(places()).toEqual([100, 101]);
    expect(view.value).toMatchObject({ hasOlder: true, hasNewer: false });
    await act(async () => expect(await view.value.jumpTo(messageIdAt(A, 20))).toBe(true));
    expect(places()).toEqual([19, 20, 21]);
    expect(view.value.hasNewer).toBe(true);
    await say(socket, saidIn(A, 102));
    expect(places()).toEqual([19, 20, 21]);
    const edit = {
      message_id: messageIdAt(A, 20),
      content: "new",
      is_edited: true,
      edited_at: "2026-11-17T00:00:00.000Z",
    };
    const data = { ...edit, metadata: null, mentions: [], mentions_all: false };
    await say(socket, { type: "message.edited", conversation_id: A, seq: 103, data } as never);
    expect(view.value.messages[1]?.message.content).toBe("new");
    await act(async () => expect(await view.value.loadOlder()).toBe(false));
    expect(places()).toEqual([17, 18, 19, 20, 21]);
    await act(async () => expect(await view.value.loadNewer()).toBe(false));
    expect(view.value.hasNewer).toBe(false);
    expect(places()).toEqual([17, 18, ...Array.from({ length: 84 }, (_, index) => 19 + index)]);
    await act(async () => view.value.jumpToNewest());
    expect(places()).toEqual([100, 101, 102]);
  });

  it("[REACT-19] a part of the history shows no hole where the newest messages were replaced after a long absence", async () => {
    const { client, socket } = await inRooms(1, {
      [`GET /conversations/${A}/messages`]: page(2, 6, { has_more: false, has_newer: false }),
    });
    const replaced = (seq: number) => {
      const messages = [messageIn(A, seq - 1), messageIn(A, seq)];
      return say(socket, syncIn(A, { seq, limited: true, has_more: true, messages }));
    };
    await replaced(6);
    const view = await hook(client, () => useMessages(A));
    const places = () => view.value.messages.map(({ message }) => message.seq);
    await act(async () => expect(await view.value.jumpTo(messageIdAt(A, 3))).toBe(true));
    expect(view.value.hasNewer).toBe(false);
    expect(places()).toEqual([2, 3, 4, 5, 6]);
    await replaced(100);
    expect(places()).toEqual([2, 3, 4, 5, 6]);
    expect(view.value.hasNewer).toBe(true);
  });

  it("[REACT-30] what the viewer looks at stays while held, also where the client drops older messages", async () => {
    const made = fakeClient({}, 10);
    const socket = await connected(made);
    await say(socket, created(A, "room"));
    const list = await hook(made.client, () => useMessages(A));
    await say(socket, ...Array.from({ length: 18 }, (_, index) => saidIn(A, index + 2)));
    await act(async () => list.value.hold(true));
    const seqs = () => list.value.messages.map(({ message }) => message.seq);
    await say(socket, ...Array.from({ length: 9 }, (_, index) => saidIn(A, index + 20)));
    expect(seqs()).toEqual(Array.from({ length: 27 }, (_, index) => index + 2));
    expect(list.value.hasNewer).toBe(false);
    // It goes on for long: what the viewer looks at is still there, and the rest is loaded again when it is wanted.
    await say(socket, ...Array.from({ length: 22 }, (_, index) => saidIn(A, index + 29)));
    expect(seqs().slice(0, 18)).toEqual(Array.from({ length: 18 }, (_, index) => index + 2));
    expect(list.value.hasNewer).toBe(true);
    await act(async () => list.value.jumpToNewest());
    await act(async () => list.value.hold(false));
    expect(list.value.messages.length).toBeLessThanOrEqual(20);
    expect(list.value.messages.at(-1)?.message.seq).toBe(50);
    expect(list.value.hasOlder).toBe(true);
  });

  it("[REACT-8] the unread line stays where it was when the conversation was opened", async () => {
    const { client, socket } = await inRooms(1);
    await say(socket, saidIn(A, 2), saidIn(A, 3));
    const view = await hook(client, () => useMessages(A));
    expect(view.value.firstUnread).toBe(messageIdAt(A, 2));
    await act(async () => void view.value.markRead());
    expect(socket.last("message.read")).toMatchObject({ message_id: messageIdAt(A, 3) });
    const read = {
      message_id: messageIdAt(A, 3),
      up_to: true as const,
      user_id: ANN,
      status: "read" as const,
    };
    const data = { ...read, timestamp: "2026-11-16T10:31:00.000Z" };
    await say(socket, { type: "message.receipt", conversation_id: A, data });
    expect(view.value.firstUnread).toBe(messageIdAt(A, 2));
    await act(async () => expect(await view.value.jumpToUnread()).toBe(messageIdAt(A, 2)));
    await view.unmount();
    const again = await hook(client, () => useMessages(A));
    expect(again.value.firstUnread).toBeNull();
  });

  const own = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => messageIn(A, from + index, ANN));

  it("[REACT-31] the first unread message is found among the newest, however many of the viewer's own are before it", async () => {
    const { client, socket } = await inRooms(1);
    // She has read nothing, and said 100 things herself: those are not unread.
    const newest = [...own(96, 100), messageIn(A, 101), messageIn(A, 102, ANN), messageIn(A, 103)];
    const told = { seq: 103, limited: true, has_more: true, unread_count: 2, messages: newest };
    const view = await hook(client, () => useMessages(A));
    await say(socket, syncIn(A, told));
    expect(view.value.firstUnread).toBe(messageIdAt(A, 101));
    await act(async () => expect(await view.value.jumpToUnread()).toBe(messageIdAt(A, 101)));
    expect(view.value.hasNewer).toBe(false);
    await say(socket, saidIn(A, 104));
    expect(view.value.firstUnread).toBe(messageIdAt(A, 101));
    // Once it was read, the line stays.
    await act(async () => void view.value.markRead());
    const receipt = { message_id: messageIdAt(A, 104), up_to: true, user_id: ANN, status: "read" };
    const data = { ...receipt, timestamp: "2026-11-16T10:31:00.000Z" };
    await say(socket, { type: "message.receipt", conversation_id: A, data } as never);
    await say(socket, saidIn(A, 105));
    expect(view.value.firstUnread).toBe(messageIdAt(A, 101));
  });

  it("[REACT-31] where it is not loaded, the jump goes on over pages of the viewer's own messages", async () => {
    const first = 131;
    const at = (seq: number) => messageIn(A, seq, seq < first ? ANN : BOB);
    const asked: string[] = [];
    const { client, socket } = await inRooms(1, {
      [`GET /conversations/${A}/messages`]: (url: URL) => {
        asked.push(url.search);
        const after = url.searchParams.get("after_id");
        const from = after === null ? 1 : seqOf(after) + 1;
        const to = Math.min(from + 49, 200);
        const messages = Array.from({ length: to - from + 1 }, (_, index) => at(to - index));
        return { ...page(from, to, { has_more: from > 1, has_newer: to < 200 }), messages };
      },
    });
    const told = { seq: 200, limited: true, has_more: true, unread_count: 70 };
    await say(socket, syncIn(A, { ...told, messages: Array.from({ length: 20 }, (_, i) => at(181 + i)) }));
    const view = await hook(client, () => useMessages(A));
    expect(view.value.firstUnread).toBeNull();
    await act(async () => expect(await view.value.jumpToUnread()).toBe(messageIdAt(A, first)));
    expect(asked.length).toBe(3);
    expect(view.value.messages.some(({ message }) => message.seq === first)).toBe(true);
  });

  it("[REACT-31] a jump that finds nothing unread shows the newest messages again", async () => {
    const { client, socket } = await inRooms(1, {
      [`GET /conversations/${A}/messages`]: (url: URL) => {
        const after = url.searchParams.get("after_id");
        const from = after === null ? 1 : seqOf(after) + 1;
        const messages = own(from, from + 49).reverse();
        return { ...page(1, 1, { has_more: false, has_newer: true }), messages };
      },
    });
    const told = { seq: 9_000, limited: true, has_more: true, unread_count: 70 };
    await say(socket, syncIn(A, { ...told, messages: own(8_991, 9_000) }));
    const view = await hook(client, () => useMessages(A));
    await act(async () => expect(await view.value.jumpToUnread()).toBeNull());
    expect(view.value.hasNewer).toBe(false);
    expect(view.value.messages.at(-1)?.message.seq).toBe(9_000);
  });
});

describe("the other hooks", () => {
  it("[REACT-9] typing begins and ends, is said not with every key, and ends with the connection", async () => {
    const { client, socket } = await inRooms(1);
    const view = await hook(client, () => useTyping(A));
    await say(socket, typingIn(A, BOB), typingIn(A, BOB));
    expect(view.value.typing).toEqual([{ user_id: BOB, username: BOB }]);
    await say(socket, saidIn(A, 2, BOB));
    expect(view.value.typing).toEqual([]);
    for (let key = 0; key < 5; key++) view.value.onInput();
    expect(socket.sent.filter(({ type }) => type === "typing.start")).toHaveLength(1);
    view.value.onStop();
    expect(socket.last("typing.stop")).toMatchObject({ conversation_id: A });
    await say(socket, typingIn(A, BOB));
    await act(async () => socket.drop());
    expect(view.value.typing).toEqual([]);
    client.stop();
  });

  it("[REACT-10] presence is asked for once, then follows events", async () => {
    const user = { user_id: BOB, is_online: true, last_seen_at: null };
    const { client, socket, asked } = await inRooms(1, { [`GET /users/${BOB}`]: user });
    const view = await hook(client, () => usePresence([BOB]));
    await hook(client, () => usePresence([BOB]));
    await settle();
    expect(view.value.get(BOB)).toEqual({ status: "online", last_seen_at: null });
    expect(asked.filter((one) => one.startsWith("GET /users/"))).toHaveLength(1);
    const data = { user_id: BOB, status: "away" as const, last_seen_at: null };
    const renders = view.renders;
    await say(socket, { type: "user.presence", data }, { type: "user.presence", data });
    expect(view.value.get(BOB)?.status).toBe("away");
    expect(view.renders).toBe(renders + 1);
  });

  it("[REACT-11] connection, totals, members, reactions and receipts follow the client", async () => {
    const { client, socket } = await inRooms(1);
    await say(socket, saidIn(A, 2, ANN));
    const view = await hook(client, () => {
      const [shown] = useMessages(A).messages;
      const message = shown?.message ?? messageIn(A, 2, ANN);
      return {
        connection: useConnection(),
        unread: useUnread(),
        members: useMembers(A),
        reactions: useReactions(message),
        receipts: useReceipts(message),
      };
    });
    expect(view.value).toMatchObject({ connection: { status: "open", isOnline: true, error: null } });
    expect(view.value.members.map(({ username }) => username)).toEqual(["ann", "bob"]);
    expect(view.value.receipts).toMatchObject({ status: "sent", readBy: [] });
    const totals = { messages: 3, mentions: 0, conversations: 1, muted_messages: 0 };
    const reaction = {
      message_id: messageIdAt(A, 2),
      user_id: BOB,
      username: "bob",
      emoji: "👍",
      action: "add" as const,
    };
    const read = {
      message_id: messageIdAt(A, 2),
      up_to: true as const,
      user_id: BOB,
      status: "read" as const,
    };
    await say(
      socket,
      { type: "unread.total", data: totals },
      { type: "message.reaction", conversation_id: A, seq: 3, data: reaction },
      {
        type: "message.receipt",
        conversation_id: A,
        data: { ...read, timestamp: "2026-11-16T10:31:00.000Z" },
      },
    );
    expect(view.value.unread).toEqual(totals);
    expect(view.value.reactions.reactions).toEqual([
      { emoji: "👍", count: 1, isMine: false, usernames: ["bob"] },
    ]);
    expect(view.value.receipts).toMatchObject({ status: "read", readBy: [BOB] });
    client.stop();
    await settle();
    expect(view.value.connection.isOnline).toBe(false);
  });

  it("[REACT-20] blocks are loaded once, changed here and on another device, and render when they change", async () => {
    const one = { user: { user_id: BOB, username: "bob" }, blocked_at: "2026-11-16T10:31:00.000Z" };
    const { client, socket, asked } = await inRooms(1, {
      "GET /blocks": { blocks: [], next_cursor: null },
      [`PUT /blocks/${BOB}`]: one,
    });
    const view = await hook(client, useBlocks);
    await hook(client, useBlocks);
    await settle();
    expect([...view.value.blocked]).toEqual([]);
    expect(asked.filter((name) => name.startsWith("GET /blocks"))).toHaveLength(1);
    await act(async () => await view.value.block(BOB));
    expect([...view.value.blocked]).toEqual([BOB]);
    const renders = view.renders;
    const data = { user_id: BOB, is_blocked: false, blocked_at: null };
    await say(socket, { type: "blocks.updated", data });
    expect([[...view.value.blocked], view.renders]).toEqual([[], renders + 1]);
  });

  it("[REACT-12] a search asks once for what was typed, and loads more", async () => {
    const found = (id: string) => ({ message_id: id, content: id });
    const { client, asked } = await inRooms(1, {
      "GET /search/messages": (url: URL) =>
        url.searchParams.has("cursor")
          ? { results: [found("2")], total: 2, total_is_exact: true, next_cursor: null }
          : { results: [found("1")], total: 2, total_is_exact: true, next_cursor: "c" },
    });
    const view = await hook(client, () => useSearch(" hello ", { delay_ms: 0 }));
    await settle();
    expect(view.value).toMatchObject({
      results: [{ message_id: "1" }],
      total: 2,
      hasMore: true,
      isLoading: false,
    });
    await act(async () => view.value.loadMore());
    await settle();
    expect(view.value.results.map(({ message_id }) => message_id)).toEqual(["1", "2"]);
    expect(view.value.hasMore).toBe(false);
    expect(asked.filter((one) => one.startsWith("GET /search"))).toEqual([
      "GET /search/messages?q=hello",
      "GET /search/messages?q=hello&cursor=c",
    ]);
  });
});

describe("useAttachmentUrl", () => {
  const came = (signed_url: string) => ({
    attachment_id: "a",
    signed_url,
    signed_url_expires_at: new Date(Date.now() + 600_000).toISOString(),
  });

  it("[REACT-19 R26] a link that came with the message is there at the first render, and stays; others are asked for", async () => {
    const routes = {
      "POST /attachments/links": (_: URL, body: unknown) => ({
        links: (body as { attachment_ids: string[] }).attachment_ids.map((attachment_id) => ({
          ...came(`asked ${attachment_id}`),
          attachment_id,
        })),
      }),
    };
    const { client, asked } = fakeClient(routes);
    let change: (to: string | ReturnType<typeof came> | null) => void = () => undefined;
    const view = await hook(client, () => {
      const [attachment, setAttachment] = useState<string | ReturnType<typeof came> | null>(() =>
        came("first"),
      );
      change = setAttachment;
      return useAttachmentUrl(attachment);
    });
    expect([view.seen[0], asked]).toEqual(["first", []]);
    await act(async () => change(came("second")));
    expect(new Set(view.seen)).toEqual(new Set(["first"]));
    await act(async () => change("b"));
    await settle();
    expect([view.value, asked]).toEqual(["asked b", ["POST /attachments/links"]]);
    await act(async () => change(null));
    expect(view.value).toBeUndefined();
  });
});

describe("the provider", () => {
  function Page() {
    const { items } = useConversations();
    const { messages } = useMessages(A);
    const { typing } = useTyping(A);
    return `${items.length} ${messages.length} ${typing.length} ${useUnread()?.messages} ${useConnection().status}`;
  }

  it("[REACT-13] renders on a server without a socket or a request, and the browser takes that over", async () => {
    const { client, sockets, asked } = fakeClient();
    const html = renderToString(createElement(ChatProvider, { client }, createElement(Page)));
    expect(html).toBe("0 0 0 undefined idle");
    expect([sockets, asked, client.status]).toEqual([[], [], "idle"]);
    // A client that knows more begins with the same text.
    const { client: known } = await inRooms(2);
    expect(renderToString(createElement(ChatProvider, { client: known }, createElement(Page)))).toBe(html);
    const shown = await show(known, createElement(Page));
    expect(shown.text()).toBe("2 0 0 0 open");
  });

  it("[REACT-14] starts the client once, also in strict mode, and hooks without it say what is missing", async () => {
    const { client, sockets } = fakeClient();
    const { createRoot } = await import("react-dom/client");
    const root = createRoot(document.createElement("div"));
    const page = createElement(ChatProvider, { client }, createElement(Page));
    await act(async () => root.render(createElement(StrictMode, null, page)));
    await settle();
    expect(sockets).toHaveLength(1);
    await act(async () => root.unmount());
    expect(client.status).not.toBe("idle");
    client.stop();
    expect(() => renderToString(createElement(Page))).toThrow("need a <ChatProvider> above them");
  });
});
