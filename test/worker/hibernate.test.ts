import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Session } from "../../src/realtime/session.ts";
import { hears, hibernate, sendCommand } from "./checks.ts";
import {
  api,
  connect,
  connectTo,
  conversationObject,
  direct,
  group,
  hubObject,
  people,
  say,
  type TestSocket,
} from "./kit.ts";

/** What an object holds of a user's sockets. */
async function inside(
  stub: DurableObjectStub,
  userId: string,
): Promise<{ tags: string[]; session: Session }[]> {
  return await runInDurableObject(stub, (_, state) =>
    state.getWebSockets(userId).map((socket) => ({
      tags: state.getTags(socket),
      session: socket.deserializeAttachment() as Session,
    })),
  );
}

describe("hibernation", () => {
  it("[HIBERNATE] sockets of both kinds still hear, and still send", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const sockets = [await connect(ann), await connectTo(bob, id), await connectTo(cid, id, "?batch=1")];
    const [hub, own, batched] = sockets as [TestSocket, TestSocket, TestSocket];
    const before = await say(ann, id, "before");
    await Promise.all(sockets.map((socket) => hears(socket, "before")));
    await hibernate(id, ann, bob, cid);
    const after = await say(bob, id, "after");
    expect(after.seq).toBe(before.seq + 1);
    for (const socket of sockets) expect((await hears(socket, "after")).seq).toBe(after.seq);
    let seq = after.seq;
    for (const [i, socket] of [hub, own, batched].entries()) {
      await hibernate(id, ann, bob, cid);
      seq += 1;
      const ack = await socket.ask(sendCommand(id, `from ${i}`));
      expect(ack).toMatchObject({ type: "ack", data: { seq, content: `from ${i}`, conversation_id: id } });
      for (const one of sockets) expect((await hears(one, `from ${i}`)).seq).toBe(seq);
    }
    // Nobody heard anything twice, or out of order.
    for (const socket of sockets) {
      const seqs = socket.all("message.new").map((event) => event.seq);
      expect(seqs).toEqual(Array.from({ length: 5 }, (_, i) => before.seq + i));
    }
  });

  it("[LEAN-9] `?lean=1` is remembered with the socket, at both objects; without it, a socket gets full events", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    await connect(ann, "/ws?lean=1");
    await connectTo(ann, id, "?batch=1&lean=1");
    await connectTo(bob, id, "?lean=0");
    await connectTo(bob, id);
    await hibernate(id, ann, bob);
    const leanIn = async (object: DurableObjectStub, { user_id }: { user_id: string }) =>
      (await inside(object, user_id)).map(({ session }) => session.lean);
    expect(await leanIn(hubObject(ann.user_id) as DurableObjectStub, ann)).toEqual([true]);
    expect(await leanIn(conversationObject(id) as DurableObjectStub, ann)).toEqual([true]);
    expect(await leanIn(conversationObject(id) as DurableObjectStub, bob)).toEqual([false, false]);
  });

  it("[HIBERNATE] the roster, the tags and what a socket carries are the same afterwards", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob], "Sleepers");
    const details = (await api(ann, "GET", `/conversations/${id}`)).body;
    const hub = await connect(ann, "/ws?batch=1");
    await connectTo(bob, id);
    await connectTo(bob, id);
    const objects = [
      [conversationObject(id) as DurableObjectStub, bob],
      [hubObject(ann.user_id) as DurableObjectStub, ann],
    ] as const;
    const before = await Promise.all(objects.map(([object, who]) => inside(object, who.user_id)));
    expect(before.map((sockets) => sockets.length)).toEqual([2, 1]);
    await hibernate(id, ann, bob);
    for (const [i, [object, who]] of objects.entries()) {
      const sockets = await inside(object, who.user_id);
      expect(sockets).toEqual(before[i]);
      for (const { tags, session } of sockets) {
        expect(tags).toEqual([who.user_id]);
        expect(session.caller).toMatchObject({ user_id: who.user_id, username: who.username });
        expect(session.expires_at).toBeGreaterThan(Date.now());
      }
      expect(await inside(object, crypto.randomUUID())).toEqual([]);
    }
    const [session] = await inside(hubObject(ann.user_id) as DurableObjectStub, ann.user_id);
    const established = hub.all("connection.established")[0];
    expect(session?.session.connection_id).toBe(established?.data.connection_id);
    const again = (await api(ann, "GET", `/conversations/${id}`)).body;
    const roster = ({ participants }: { participants: { user_id: string; role: string }[] }) =>
      new Map(participants.map((one) => [one.user_id, one.role]));
    expect(roster(again)).toEqual(roster(details));
    expect(again).toMatchObject({ name: "Sleepers", seq: details.seq, settings: details.settings });
  });

  it("[HIBERNATE] a retry is known, and unread counts go on", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const first = await say(ann, id, "once", { client_message_id: "c1" });
    await hibernate(id, ann, bob);
    const retry = await say(ann, id, "once", { client_message_id: "c1" });
    expect(retry.message_id).toBe(first.message_id);
    await say(ann, id, "twice");
    const list = await api(bob, "GET", "/conversations");
    expect(list.body.conversations[0]).toMatchObject({ unread_count: 2 });
  });

  it("[HIBERNATE] a socket that closes during sleep is gone afterwards", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const socket = await connectTo(bob, id);
    await hibernate(id);
    socket.close();
    await socket.closed;
    await say(ann, id, "anybody?");
    const open = await runInDurableObject(conversationObject(id) as DurableObjectStub, (_, state) =>
      state.getWebSockets().filter((one) => one.readyState === WebSocket.OPEN),
    );
    expect(open).toEqual([]);
  });
});
