import { describe, expect, it } from "vitest";
import { api, connect, connectTo, group, people, say, type TestSocket } from "./kit.ts";

/** The ids of the messages that a socket heard, in the order it heard them. */
function heardIds(socket: TestSocket): string[] {
  return socket.all("message.new").map((event) => event.data.message_id);
}

/** The whole history, oldest first. */
async function wholeHistory(who: Parameters<typeof api>[0], id: string) {
  const messages = [];
  let before = "";
  for (;;) {
    const { body } = await api(who, "GET", `/conversations/${id}/messages?limit=100${before}`);
    messages.push(...body.messages);
    if (!body.has_more) return messages.reverse();
    before = `&before_id=${body.messages.at(-1).message_id}`;
  }
}

describe("order", () => {
  it("[ORDER] 8 clients on both sockets and REST: everybody hears 2,000 messages once, in the order of seq", async () => {
    const everybody = await people(..."abcdefgh".split("").map((letter) => `user-${letter}`));
    const [owner, ...others] = everybody;
    if (!owner) throw new Error("nobody");
    const id = await group(owner, others);
    const sockets = await Promise.all(
      everybody.map((who, i) =>
        i % 2 === 0 ? connect(who) : connectTo(who, id, i % 4 === 1 ? "?batch=1" : ""),
      ),
    );
    const perClient = 250;
    await Promise.all(
      everybody.map(async (who, i) => {
        const socket = sockets[i];
        for (let n = 0; n < perClient; n++) {
          const content = `${i}:${n}`;
          // Every third client uses REST, the others their socket.
          if (i % 3 === 0) await say(who, id, content);
          else
            socket?.raw(
              JSON.stringify({ type: "message.send", conversation_id: id, data: { type: "text", content } }),
            );
        }
      }),
    );
    const total = everybody.length * perClient;
    await Promise.all(sockets.map((socket) => socket.heard(() => heardIds(socket).length >= total, 160_000)));
    const history = (await wholeHistory(owner, id)).filter((message) => message.type === "text");
    const ids = history.map((message) => message.message_id);
    expect(ids).toHaveLength(total);
    expect(new Set(history.map((message) => message.content)).size).toBe(total);
    const first = history[0].seq;
    expect(history.map((message) => message.seq)).toEqual(history.map((_, i) => first + i));
    for (const socket of sockets) expect(heardIds(socket)).toEqual(ids);
    // A sender's own messages keep the order in which that sender sent them.
    for (const [i] of everybody.entries()) {
      const mine = history
        .filter((m) => m.content.startsWith(`${i}:`))
        .map((m) => Number(m.content.split(":")[1]));
      expect(mine).toEqual([...mine].sort((a, b) => a - b));
    }
  }, 180_000);
});
