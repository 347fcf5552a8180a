/** Blocks in the client library: what it knows of them, over events, answers and lost connections. */
import { ChatClient } from "@rocket-chat-api/client";
import { Blocks } from "@rocket-chat-api/client/safety";
import type { ServerEvent } from "@rocket-chat-api/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ANN, BOB, type FakeSocket, fakeSockets, token } from "./client-kit.ts";
import { established, refusal } from "./push-kit.ts";

const CID = "00000000-0000-4000-8000-00000000000c";
const AT = "2026-11-16T10:30:00.000Z";
const SYNC = { conversations: [], removed_conversation_ids: [], next_token: "t", has_more: false };

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const wait = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

function block(user_id: string) {
  const user = { user_id, username: user_id.slice(-1), display_name: "?", profile_photo_url: null };
  return { user, blocked_at: AT };
}

function page(ids: string[], next_cursor: string | null = null): Response {
  return Response.json({ blocks: ids.map(block), next_cursor });
}

/** A client with blocks. @param answer what the server says to a request about them. */
function stage(answer: (method: string, path: string) => Response | Promise<Response>) {
  const { sockets, open } = fakeSockets();
  const asked: string[] = [];
  const client = new ChatClient({
    url: "http://chat.test",
    token: () => token(3600),
    auth: "token",
    openSocket: open,
    backoff: { base_ms: 1, cap_ms: 1 },
    fetch: async (url, { method = "" }) => {
      const path = url.slice("http://chat.test/api/v1".length);
      if (path.startsWith("/sync")) return Response.json(SYNC);
      asked.push(`${method} ${path}`);
      return await answer(method, path);
    },
  });
  const blocks = new Blocks(client);
  const changes: string[][] = [];
  blocks.onChange((ids) => changes.push([...ids]));
  return { client, blocks, sockets, asked, changes };
}

function hear(socket: FakeSocket, user_id: string, is_blocked: boolean): void {
  const data = { user_id, is_blocked, blocked_at: is_blocked ? AT : null };
  socket.say({ type: "blocks.updated", data } as ServerEvent);
}

describe("the blocks that a client knows (rule 29)", () => {
  it("[R29 CLIENT-B1] are loaded page by page with each connection", async () => {
    let lists = [page([BOB], "7"), page([CID])];
    const { client, blocks, sockets, asked, changes } = stage(() => lists.shift() ?? page([]));
    expect([blocks.isKnown, blocks.isBlocked(BOB)]).toEqual([false, false]);
    client.start();
    await established(sockets);
    await wait();
    expect(asked).toEqual(["GET /blocks?limit=100", "GET /blocks?limit=100&cursor=7"]);
    expect([blocks.isKnown, [...blocks.ids]]).toEqual([true, [BOB, CID]]);
    lists = [page([CID])];
    sockets[0]?.drop(1006);
    await wait(10);
    await established(sockets, 2);
    await wait();
    expect([...blocks.ids]).toEqual([CID]);
    expect(changes).toEqual([[BOB, CID], [CID]]);
    client.stop();
  });

  it("[R29 CLIENT-B2] follow events of other devices, also those that come while the list is loading", async () => {
    let release: (page: Response) => void = () => undefined;
    const held = new Promise<Response>((resolve) => {
      release = resolve;
    });
    const { client, blocks, sockets, changes } = stage(() => held);
    client.start();
    const socket = await established(sockets);
    await wait();
    hear(socket, BOB, true);
    hear(socket, CID, false);
    expect([blocks.isBlocked(BOB), blocks.isKnown]).toEqual([true, false]);
    release(page([CID, ANN]));
    await wait();
    expect([...blocks.ids].sort()).toEqual([ANN, BOB]);
    hear(socket, ANN, false);
    hear(socket, ANN, false);
    expect(changes.at(-1)).toEqual([BOB]);
    expect(changes).toHaveLength(3);
    client.stop();
  });

  it("[R29 CLIENT-B3] take an answer as it is, unless an event has come since", async () => {
    let release: (answer: Response) => void = () => undefined;
    const { client, blocks, sockets, asked } = stage((method) => {
      if (method !== "PUT") return method === "GET" ? page([]) : new Response(null, { status: 204 });
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    client.start();
    const socket = await established(sockets);
    await wait();
    const first = blocks.block(BOB);
    await wait();
    release(Response.json(block(BOB)));
    expect(await first).toEqual(block(BOB));
    expect(blocks.isBlocked(BOB)).toBe(true);
    await blocks.unblock(BOB);
    expect(blocks.isBlocked(BOB)).toBe(false);
    // Another device ends the block before the answer to it is here.
    const second = blocks.block(CID);
    await wait();
    hear(socket, CID, true);
    hear(socket, CID, false);
    release(Response.json(block(CID)));
    await second;
    expect(blocks.isBlocked(CID)).toBe(false);
    expect(asked).toEqual([
      "GET /blocks?limit=100",
      `PUT /blocks/${BOB}`,
      `DELETE /blocks/${BOB}`,
      `PUT /blocks/${CID}`,
    ]);
    client.stop();
  });

  it("[R29 CLIENT-B4] what the server refuses changes nothing, and is not asked again by itself", async () => {
    const { client, blocks, sockets, asked, changes } = stage((method) =>
      method === "GET" ? refusal(404, "NOT_FOUND") : refusal(409, "LIMIT_REACHED"),
    );
    client.start();
    await established(sockets);
    await wait();
    await expect(blocks.block(BOB)).rejects.toMatchObject({ code: "LIMIT_REACHED" });
    await wait(60_000);
    expect(asked).toEqual(["GET /blocks?limit=100", `PUT /blocks/${BOB}`]);
    expect([changes, blocks.isKnown]).toEqual([[], false]);
    client.stop();
  });

  it("[R29 CLIENT-B5] a list that did not come is asked for again while there is a connection, and not after close", async () => {
    let isBusy = true;
    const { client, blocks, sockets, asked } = stage(() =>
      isBusy ? refusal(503, "SERVICE_UNAVAILABLE") : page([BOB]),
    );
    client.start();
    await established(sockets);
    await wait();
    expect(asked).toHaveLength(1);
    isBusy = false;
    await wait(5_000);
    expect([...blocks.ids]).toEqual([BOB]);
    isBusy = true;
    sockets[0]?.drop(1006);
    await wait(10);
    await established(sockets, 2);
    await wait();
    const before = asked.length;
    blocks.close();
    await wait(60_000);
    expect(asked).toHaveLength(before);
    expect(blocks.isBlocked(BOB)).toBe(true);
    client.stop();
  });
});
