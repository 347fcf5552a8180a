/** The entries of the client for apps with a screen: the list in order, typing and presence, uploads, links. */
import { messageIdAt } from "@rocket-chat-api/client";
import { ConversationList } from "@rocket-chat-api/client/list";
import { Live, type LiveClient } from "@rocket-chat-api/client/live";
import { AttachmentUrls, attachmentType, type UploadClient, upload } from "@rocket-chat-api/client/upload";
import type { ServerEvent } from "@rocket-chat-api/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ANN, BOB, ID } from "./client-kit.ts";
import { created, fakeClient, room, saidIn, typingIn } from "./react-kit.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const at = (minute: number) => `2026-11-16T11:${String(minute).padStart(2, "0")}:00.000Z`;
const preferences = (id: string, patch: object): ServerEvent => {
  const plain = {
    is_muted: false,
    muted_until: null,
    is_pinned: false,
    is_archived: false,
    push_level: null,
  };
  return {
    type: "preferences.updated",
    conversation_id: id,
    data: { conversation_id: id, ...plain, ...patch },
  };
};

describe("the list", () => {
  async function list() {
    const made = fakeClient();
    made.client.start();
    await vi.advanceTimersByTimeAsync(0);
    const [socket] = made.sockets;
    if (!socket) throw new Error("no socket");
    socket.establish();
    socket.say(created(room(0), "a", at(0)), created(room(1), "b", at(1)), created(room(2), "c", at(2)));
    const conversations = new ConversationList(made.client);
    const order = () => conversations.items().map(({ title }) => title);
    return { ...made, socket, conversations, order };
  }

  it("[LIST-1] has pinned ones first, then the newest activity, and says when all of it is there", async () => {
    const { socket, conversations, order } = await list();
    expect(conversations.isListed).toBe(false);
    await vi.advanceTimersByTimeAsync(10);
    expect(conversations.isListed).toBe(true);
    expect(order()).toEqual(["c", "b", "a"]);
    socket.say(saidIn(room(0), 2, BOB, { created_at: at(3) }));
    expect(order()).toEqual(["a", "c", "b"]);
    socket.say(preferences(room(1), { is_pinned: true }));
    expect(order()).toEqual(["b", "a", "c"]);
    expect(conversations.item(room(0))).toMatchObject({ unread_count: 1, last_activity_at: at(3) });
  });

  it("[LIST-2] leaves out what the viewer has left, was removed from, or has archived", async () => {
    const { client, socket, conversations, order } = await list();
    const changes = vi.fn();
    conversations.onChange(changes);
    const gone = { user_id: ANN, username: "ann", participant_count: 1, removed_by: BOB };
    socket.say({ type: "participant.removed", conversation_id: room(0), seq: 2, data: gone });
    socket.say(preferences(room(1), { is_archived: true }));
    expect(order()).toEqual(["c"]);
    expect(conversations.items("archived").map(({ title }) => title)).toEqual(["b"]);
    expect(conversations.total("all")).toBe(2);
    // The server does not know it any more.
    client.conversations.forget(room(2));
    expect(order()).toEqual([]);
    expect(changes).toHaveBeenCalledTimes(3);
  });

  it("[LIST-3] keeps its arrays and rows while nothing in them changes", async () => {
    const { socket, conversations } = await list();
    const isC = ({ title }: { title: string }) => title === "c";
    const [before, own] = [conversations.items("unread"), conversations.items(isC)];
    socket.say(saidIn(room(0), 2, ANN));
    expect(conversations.items("unread")).toBe(before);
    expect(conversations.items(isC)).toBe(own);
    socket.say(saidIn(room(0), 3, BOB));
    expect(conversations.items("unread")).toHaveLength(1);
  });
});

describe("typing and presence", () => {
  function live(users: Record<string, boolean> = {}) {
    const listeners: Record<string, (value: never) => void> = {};
    const sent: boolean[] = [];
    const user = vi.fn(async (id: string) => {
      if (!(id in users)) throw new Error("no such user");
      return { user_id: id, is_online: users[id], last_seen_at: null };
    });
    const client = {
      status: "open",
      rest: { user },
      conversations: { viewer: ANN, ids: () => [], listItem: () => undefined },
      typing: (_: string, isTyping: boolean) => sent.push(isTyping),
      on: (name: string, listener: (value: never) => void) => {
        listeners[name] = listener;
        return () => undefined;
      },
    } as unknown as LiveClient;
    const made = new Live(client);
    return { made, sent, user, hear: (event: ServerEvent) => listeners.event?.(event as never), listeners };
  }

  it("[LIVE-1] an end that was lost ends typing after two minutes, and the viewer's own is never shown", () => {
    const { made, hear } = live();
    const changes = vi.fn();
    made.onTyping(ID, changes);
    hear(typingIn(ID, BOB));
    hear(typingIn(ID, ANN));
    expect(made.typing(ID)).toEqual([{ user_id: BOB, username: BOB }]);
    vi.advanceTimersByTime(119_000);
    expect(made.typing(ID)).toHaveLength(1);
    vi.advanceTimersByTime(1_000);
    expect(made.typing(ID)).toEqual([]);
    expect(changes).toHaveBeenCalledTimes(2);
  });

  it("[LIVE-2] keys are said every 3 seconds, six without one end it, and a sent message ends it itself", () => {
    const { made, sent } = live();
    for (let key = 0; key < 10; key++) {
      made.input(ID);
      vi.advanceTimersByTime(1_000);
    }
    expect(sent).toEqual([true, true, true, true]);
    vi.advanceTimersByTime(5_000);
    expect(sent.at(-1)).toBe(false);
    made.input(ID);
    made.endInput(ID, true);
    vi.advanceTimersByTime(10_000);
    expect(sent).toEqual([true, true, true, true, false, true]);
  });

  it("[LIVE-3] people are asked about one after the other, at most 30 after each connect", async () => {
    const users = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`user ${index}`, true]));
    const { made, user, listeners } = live(users);
    for (const id of Object.keys(users)) made.onPresence(id, () => undefined);
    await vi.advanceTimersByTimeAsync(0);
    expect(user).toHaveBeenCalledTimes(30);
    expect(made.presence("user 0")).toEqual({ status: "online", last_seen_at: null });
    listeners.status?.("open" as never);
    await vi.advanceTimersByTimeAsync(0);
    expect(user).toHaveBeenCalledTimes(60);
  });
});

describe("files", () => {
  const image = { name: "a.png", size: 4, type: "image/png" };
  const permission = {
    attachment_id: messageIdAt(ID, 9),
    upload_url: "https://storage.test/a",
    headers: { a: "b" },
  };
  const client = (request: (...all: never[]) => unknown, linkAttachments?: (ids: string[]) => unknown) =>
    ({ rest: { http: { request }, linkAttachments } }) as unknown as UploadClient;

  it("[UPLOAD-1] the bytes go to the storage, again where it did not answer, and not where it refused", async () => {
    const answers = [503, 0, 200, 403];
    const put = vi.fn(async () => {
      const status = answers.shift() ?? 500;
      if (status === 0) throw new TypeError("network");
      return new Response(null, { status });
    });
    vi.stubGlobal("fetch", put);
    const request = vi.fn(async () => permission);
    const parts: number[] = [];
    const done = upload(client(request), ID, image, { width: 3, onProgress: (part) => parts.push(part) });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await done).toBe(permission.attachment_id);
    expect(put).toHaveBeenCalledTimes(3);
    expect(parts.at(-1)).toBe(1);
    const body = { conversation_id: ID, file_name: "a.png", file_size: 4, mime_type: "image/png", width: 3 };
    const asked = { body: { ...body, attachment_type: "image" } };
    expect(request).toHaveBeenCalledWith("POST", "/messages/attachments/upload-url", asked);
    await expect(upload(client(request), ID, image)).rejects.toMatchObject({
      name: "UploadFailed",
      status: 403,
    });
    expect(put).toHaveBeenCalledTimes(4);
  });

  it("[UPLOAD-2] a cancelled upload ends, and is not tried again", async () => {
    const put = vi.fn(async () => await Promise.reject(new TypeError("network")));
    vi.stubGlobal("fetch", put);
    const abort = new AbortController();
    const done = upload(
      client(async () => permission),
      ID,
      image,
      { signal: abort.signal },
    );
    const result = expect(done).rejects.toThrow("enough");
    await Promise.resolve();
    abort.abort(new Error("enough"));
    await vi.advanceTimersByTimeAsync(60_000);
    await result;
    expect(put.mock.calls.length).toBeLessThanOrEqual(1);
  });

  it("[UPLOAD-3] what the service does not show as a picture or film is a file", () => {
    const types = [
      "image/jpg",
      "image/svg+xml",
      "image/heic",
      "video/mp4",
      "audio/webm;codecs=opus",
      "text/plain",
      "",
    ];
    expect(types.map((type) => attachmentType({ type }))).toEqual([
      ...["image", "file", "file", "video", "audio", "file", "file"],
    ]);
  });

  it("[UPLOAD-4] links are asked for together, kept until their last minute, and 50 at once", async () => {
    const link = vi.fn(async (ids: string[]) => ({
      links: ids
        .filter((id) => id !== "none")
        .map((attachment_id) => ({
          attachment_id,
          signed_url: `https://chat.test/${attachment_id}`,
          signed_url_expires_at: new Date(Date.now() + 600_000).toISOString(),
        })),
    }));
    const urls = new AttachmentUrls(client(async () => undefined, link));
    const all = await Promise.all(["a", "b", "a", "none"].map((id) => urls.get(id)));
    expect(all).toEqual(["https://chat.test/a", "https://chat.test/b", "https://chat.test/a", undefined]);
    expect(link.mock.calls).toEqual([[["a", "b", "none"]]]);
    vi.advanceTimersByTime(539_000);
    await urls.get("a");
    expect(link).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2_000);
    await urls.get("a");
    expect(link).toHaveBeenCalledTimes(2);
    await Promise.all(Array.from({ length: 60 }, (_, index) => urls.get(`many ${index}`)));
    expect(link.mock.calls.slice(2).map(([ids]) => ids.length)).toEqual([50, 10]);
  });

  it("[UPLOAD-5 R26] a link that came with the message is used until its last minute; then one is asked for", async () => {
    const ends = (ms: number) => new Date(Date.now() + ms).toISOString();
    const link = vi.fn(async ([attachment_id = ""]: string[]) => ({
      links: [{ attachment_id, signed_url: "https://chat.test/asked", signed_url_expires_at: ends(600_000) }],
    }));
    const urls = new AttachmentUrls(client(async () => undefined, link));
    const came = (signed_url: string, ms: number) => ({
      attachment_id: "a",
      signed_url,
      signed_url_expires_at: ends(ms),
    });
    expect(urls.known("a")).toBeUndefined();
    expect(urls.known({ attachment_id: "a" })).toBeUndefined();
    expect(urls.known(came("late", 59_000))).toBeUndefined();
    expect(await urls.get(came("first", 300_000))).toBe("first");
    // It stays the same while it lasts, whatever comes later: a picture is not loaded twice.
    expect([await urls.get(came("second", 600_000)), urls.known("a")]).toEqual(["first", "first"]);
    vi.advanceTimersByTime(241_000);
    expect(link).not.toHaveBeenCalled();
    expect(await urls.get("a")).toBe("https://chat.test/asked");
    expect(urls.known("a")).toBe("https://chat.test/asked");
    vi.advanceTimersByTime(541_000);
    expect([urls.known("a"), await urls.get(came("third", 600_000))]).toEqual([undefined, "third"]);
    expect(link).toHaveBeenCalledTimes(1);
  });
});
