import { ChatClient } from "@rocket-chat-api/client";
import type { ServerEvent } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { BOB, begun, fakeSockets, ID, said, sync, token } from "./client-kit.ts";

/** A connected client that knows one conversation up to number 2, and what it has asked `sync` for since. */
async function following() {
  const { sockets, open } = fakeSockets();
  const page = { conversations: [], removed_conversation_ids: [], next_token: "t", has_more: false };
  const client = new ChatClient({
    url: "http://chat.test",
    token: () => token(3600),
    openSocket: open,
    fetch: async () => Response.json(page),
  });
  client.start();
  await expect.poll(() => sockets.length).toBe(1);
  const [socket = expect.fail("no socket")] = sockets;
  socket.establish();
  const { info, members } = begun();
  const data = { ...info, seq: 1, participants: [...members.values()] };
  const created = { type: "conversation.created", conversation_id: ID, seq: 1, data };
  for (const event of [created, said(2, BOB)]) socket.say(event as ServerEvent);
  expect(client.conversations.get(ID)?.seq).toBe(2);
  const asked = () =>
    socket.sent.filter(({ type }) => type === "sync").map(({ conversations }) => conversations);
  return { client, socket, asked };
}

const required = (conversation_id: string, more: object = {}) =>
  ({ type: "sync.required", conversation_id, ...more }) as ServerEvent;

describe("sync.required", () => {
  it("[R21 CLIENT-50] is followed by a question, unless the client has come as far as the event says", async () => {
    const { client, socket, asked } = await following();
    const unknown = ID.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
    socket.say(required(ID, { up_to_seq: 1 }), required(ID, { up_to_seq: 2 }));
    // The client asks after the frames that came together: none so far.
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(asked()).toEqual([]);
    socket.say(required(ID, { up_to_seq: 3 }), required(unknown, { up_to_seq: 1 }));
    await expect.poll(asked).toEqual([{ [ID]: 2, [unknown]: 0 }]);
    client.stop();
  });

  it("[R21 CLIENT-50] without a number, the client asks in any case", async () => {
    const { client, socket, asked } = await following();
    socket.say(required(ID));
    await expect.poll(asked).toEqual([{ [ID]: 2 }]);
    client.stop();
  });

  it("[R21 R29 BLOCK-22] that says `reset` makes the client forget the conversation, and ask from 0", async () => {
    const { client, socket, asked } = await following();
    // What comes in the same frame must not look like what follows the old state.
    socket.say(required(ID, { reset: true }), said(3, BOB) as ServerEvent);
    await expect.poll(asked).toEqual([{ [ID]: 0 }]);
    expect(client.conversations.get(ID)).toMatchObject({ seq: 0, messages: [] });
    client.stop();
  });

  it("[R21 R29 BLOCK-22] a page that says `reset` replaces what is as new, and even what is newer", async () => {
    for (const seq of [2, 1]) {
      const { client, socket } = await following();
      const page = { since: 1, seq, limited: true, messages: [] };
      socket.say(sync(page) as ServerEvent);
      expect(client.conversations.get(ID)?.messages).toHaveLength(1);
      socket.say(sync({ ...page, reset: true }) as ServerEvent);
      expect(client.conversations.get(ID)).toMatchObject({ seq, messages: [] });
      client.stop();
    }
  });
});
