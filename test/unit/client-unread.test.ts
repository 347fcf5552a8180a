import { ChatClient, type UnreadTotals } from "@rocket-chat-api/client";
import { describe, expect, it } from "vitest";
import { ANN, fakeSockets, token } from "./client-kit.ts";

const totals = (messages: number): UnreadTotals => {
  return { messages, mentions: 0, conversations: 1, muted_messages: 0 };
};

/** A client that connects, and what it has told of its totals. */
async function connecting(page: object) {
  const { sockets, open } = fakeSockets();
  const client = new ChatClient({
    url: "http://chat.test",
    token: () => token(3600),
    openSocket: open,
    fetch: async () =>
      Response.json({
        conversations: [],
        removed_conversation_ids: [],
        next_token: "t",
        has_more: false,
        ...page,
      }),
  });
  const heard: (UnreadTotals | null)[] = [];
  client.on("unread", (unread) => heard.push(unread));
  client.start();
  await expect.poll(() => sockets.length).toBe(1);
  const [socket = expect.fail("no socket")] = sockets;
  const establish = (more: object) => {
    const data = { user_id: ANN, connection_id: "c", features: [], ...more };
    socket.say({ type: "connection.established", data });
  };
  return { client, socket, heard, establish };
}

describe("the totals of a client", () => {
  it("[R30 CLIENT-60] come with the connection and with events; a page of /sync does not replace them", async () => {
    const { client, socket, heard, establish } = await connecting({ unread: totals(9) });
    expect(client.unread).toBeNull();
    establish({ unread: totals(1) });
    await client.refresh();
    expect(client.unread).toEqual(totals(1));
    socket.say({ type: "unread.total", data: totals(2) });
    expect(client.unread).toEqual(totals(2));
    expect(heard).toEqual([totals(1), totals(2)]);
    client.stop();
  });

  it("[R30 CLIENT-60] come with a page of /sync where the connection did not know them", async () => {
    const { client, heard, establish } = await connecting({ unread: totals(9) });
    establish({ unread: null });
    await client.refresh();
    expect(client.unread).toEqual(totals(9));
    expect(heard).toEqual([totals(9)]);
    client.stop();
  });

  it("[R30 CLIENT-60] stay unknown with a server that has none", async () => {
    const { client, heard, establish } = await connecting({});
    establish({});
    await client.refresh();
    expect([client.unread, heard]).toEqual([null, []]);
    client.stop();
  });
});
