/** Rule 22: typing. */
import { describe, expect, it } from "vitest";
import {
  api,
  body,
  bothSockets,
  cast,
  connect,
  connectTo,
  direct,
  group,
  type Person,
  settled,
  type TestSocket,
  text,
} from "./kit.ts";

/** What a socket heard of somebody's typing. */
const typingOf = (socket: TestSocket, who: Person) =>
  socket
    .all("typing.indicator")
    .filter((event) => event.data.user_id === who.user_id)
    .map((event) => event.data.is_typing);

const type = (socket: TestSocket, id: string, command = "typing.start") =>
  socket.raw(JSON.stringify({ type: command, conversation_id: id }));

/** A direct chat, and the second person's sockets of both kinds. */
async function watched() {
  const [ann, bob] = await cast("ann", "bob");
  const id = await direct(ann, bob);
  const sockets = await bothSockets(bob, id);
  const heard = () => sockets.map((socket) => typingOf(socket, ann));
  return { ann, bob, id, sockets, heard };
}

describe("typing", () => {
  it("[R22] ends by itself 6 s after the last sign, however it was told", async () => {
    const [ann, bob, cid, dee] = await cast("ann", "bob", "cid", "dee");
    const id = await group(ann, [bob, cid, dee]);
    const socket = await connectTo(dee, id);
    const sources = [
      { who: ann, tell: () => body(api(ann, "POST", `/conversations/${id}/typing`), 204) },
      { who: bob, tell: await connect(bob).then((own) => async () => type(own, id)) },
      { who: cid, tell: await connectTo(cid, id).then((own) => async () => type(own, id)) },
    ];
    const begun = Date.now();
    for (const { tell } of sources) await tell();
    const heard = () => sources.map(({ who }) => typingOf(socket, who));
    await expect.poll(heard).toEqual([[true], [true], [true]]);
    await settled(500);
    await sources[0]?.tell();
    await expect.poll(heard, { timeout: 6000 }).toEqual([[true], [true, false], [true, false]]);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(5_900);
    await expect.poll(heard, { timeout: 3000 }).toEqual([
      [true, false],
      [true, false],
      [true, false],
    ]);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(6_400);
  });

  it("[R22] a message ends it, over REST and both sockets", async () => {
    const { ann, id, heard } = await watched();
    const data = { type: "text", content: "done" };
    const send = [
      () => text(ann, id, "done"),
      ...(await bothSockets(ann, id)).map(
        (socket) => () => socket.ask({ type: "message.send", conversation_id: id, data }),
      ),
    ];
    const expected: boolean[] = [];
    for (const say of send) {
      await body(api(ann, "POST", `/conversations/${id}/typing`), 204);
      await say();
      expected.push(true, false);
      await expect.poll(heard).toEqual([expected, expected]);
    }
  });

  it("[R22] a closed socket ends it, of either kind", async () => {
    const { ann, id, heard } = await watched();
    const expected: boolean[] = [];
    for (const open of [() => connect(ann), () => connectTo(ann, id)]) {
      const socket = await open();
      type(socket, id);
      expected.push(true);
      await expect.poll(heard).toEqual([expected, expected]);
      socket.close();
      expected.push(false);
      await expect.poll(heard).toEqual([expected, expected]);
    }
  });

  it("[R22] the socket that typed is the one that counts, whatever else the user has open", async () => {
    const { ann, id, heard } = await watched();
    await bothSockets(ann, id);
    const expected: boolean[] = [];
    for (const open of [() => connect(ann), () => connectTo(ann, id)]) {
      const socket = await open();
      type(socket, id);
      expected.push(true);
      await expect.poll(heard).toEqual([expected, expected]);
      socket.close();
      expected.push(false);
      await expect.poll(heard).toEqual([expected, expected]);
    }
  });

  it("[R22] who leaves or is removed types no longer", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const socket = await connectTo(ann, id);
    for (const [who, by] of [
      [bob, bob],
      [cid, ann],
    ] as const) {
      await body(api(who, "POST", `/conversations/${id}/typing`), 204);
      await expect.poll(() => typingOf(socket, who)).toEqual([true]);
      await body(api(by, "DELETE", `/conversations/${id}/participants/${who.user_id}`), 204);
      await expect.poll(() => typingOf(socket, who)).toEqual([true, false]);
    }
  });

  it("[R22] never to oneself, on any device, and not twice to anybody", async () => {
    const { ann, id, heard } = await watched();
    const own = await bothSockets(ann, id);
    for (const _ of [1, 2, 3]) for (const socket of own) type(socket, id);
    for (const _ of [1, 2]) type(own[0], id, "typing.stop");
    await expect.poll(heard).toEqual([
      [true, false],
      [true, false],
    ]);
    await text(ann, id, "fence");
    for (const socket of own) {
      await socket.heard("message.new");
      expect(socket.all("typing.indicator")).toEqual([]);
    }
  });
});
