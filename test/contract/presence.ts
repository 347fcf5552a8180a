/** Rule 22: presence. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { hubObject } from "../worker/kit.ts";
import {
  api,
  body,
  cast,
  connect,
  connectTo,
  direct,
  group,
  type Person,
  person,
  settled,
  type TestSocket,
  text,
} from "./kit.ts";

/** What a socket heard of somebody, in order. */
const seen = (socket: TestSocket, who: Person) =>
  socket
    .all("user.presence")
    .filter((event) => event.data.user_id === who.user_id)
    .map((event) => event.data.status);

const tell = (socket: TestSocket, status: string) =>
  socket.ask({ type: "presence.update", status }).then((answer) => expect(answer.type).toBe("ack"));

const isOnline = async (viewer: Person, who: Person) =>
  (await body<{ is_online: boolean }>(api(viewer, "GET", `/users/${who.user_id}`), 200)).is_online;

/** Waits until the hub knows that the last socket has closed. @returns when it is to ring. */
async function closing(who: Person): Promise<number> {
  const alarm = () =>
    runInDurableObject(hubObject(who.user_id), (_, state) => state.storage.getAlarm()) as Promise<number>;
  await expect.poll(alarm).toBeLessThanOrEqual(Date.now() + 12_000);
  return await alarm();
}

/** How many devices a hub knows, of both kinds. */
async function devices(who: Person): Promise<number> {
  return await runInDurableObject(hubObject(who.user_id), (_, state) => {
    const here = state.getWebSockets().filter((socket) => socket.readyState === WebSocket.OPEN);
    const [row] = state.storage.sql.exec<{ n: number }>("SELECT count(*) AS n FROM devices");
    return here.length + (row?.n ?? 0);
  });
}

/** Rings a hub's alarm at another time. */
async function ringAt(who: Person, time: number): Promise<void> {
  vi.setSystemTime(time);
  expect(await runDurableObjectAlarm(hubObject(who.user_id))).toBe(true);
  vi.useRealTimers();
}

/** Two who share a direct chat; the second watches. */
async function watched() {
  const [ann, bob] = await cast("ann", "bob");
  const id = await direct(ann, bob);
  return { ann, bob, id, watcher: await connect(bob) };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("presence", () => {
  it("[R22] online with the first socket of any kind; more devices, and fewer, change nothing", async () => {
    const { ann, bob, id, watcher } = await watched();
    const phone = await connectTo(ann, id);
    await expect.poll(() => seen(watcher, ann)).toEqual(["online"]);
    const laptop = await connect(ann);
    const tablet = await connectTo(ann, id);
    for (const socket of [phone, tablet]) socket.close();
    await settled();
    expect(await isOnline(bob, ann)).toBe(true);
    expect(seen(watcher, ann)).toEqual(["online"]);
    expect(seen(laptop, bob)).toEqual([]);
  });

  it("[R22] offline 10 s after the last socket closed, by alarm; last_seen_at is when it closed", async () => {
    const { ann, bob, id, watcher } = await watched();
    for (const open of [() => connect(ann), () => connectTo(ann, id)]) {
      const before = seen(watcher, ann).length;
      const socket = await open();
      await expect.poll(() => seen(watcher, ann).length).toBe(before + 1);
      const earliest = Date.now();
      socket.close();
      const rings = await closing(ann);
      await ringAt(ann, rings - 1_000);
      expect(await isOnline(bob, ann)).toBe(true);
      await ringAt(ann, rings);
      await expect.poll(() => seen(watcher, ann).at(-1)).toBe("offline");
      expect(await isOnline(bob, ann)).toBe(false);
      const { last_seen_at } = watcher.all("user.presence").at(-1)?.data ?? {};
      expect(Date.parse(last_seen_at ?? "")).toBeGreaterThanOrEqual(earliest);
      expect(Date.parse(last_seen_at ?? "")).toBe(rings - 10_000);
    }
    expect(seen(watcher, ann)).toEqual(["online", "offline", "online", "offline"]);
  });

  it("[R22] who comes back within 10 s was never away, as far as others hear", async () => {
    const { ann, bob, watcher } = await watched();
    const first = await connect(ann);
    await expect.poll(() => seen(watcher, ann)).toEqual(["online"]);
    first.close();
    const rings = await closing(ann);
    await connect(ann);
    await ringAt(ann, rings + 1);
    await settled();
    expect(seen(watcher, ann)).toEqual(["online"]);
    expect(await isOnline(bob, ann)).toBe(true);
  });

  it("[R22] away when the client says so, over either socket, for all devices; saying it again tells nobody", async () => {
    const { ann, bob, id, watcher } = await watched();
    const [laptop, phone] = [await connect(ann), await connectTo(ann, id)];
    await expect.poll(() => seen(watcher, ann)).toEqual(["online"]);
    await expect.poll(() => devices(ann)).toBe(2);
    for (const socket of [laptop, phone]) await tell(socket, "away");
    await expect.poll(() => seen(watcher, ann)).toEqual(["online", "away"]);
    expect(await isOnline(bob, ann)).toBe(true);
    await tell(phone, "online");
    await expect.poll(() => seen(watcher, ann)).toEqual(["online", "away", "online"]);
    await expect.poll(() => seen(laptop, ann).at(-1)).toBe("online");
  });

  it("[R22] offline said while connected is to appear so: one still hears everything, and closing tells nothing", async () => {
    const { ann, bob, id, watcher } = await watched();
    const socket = await connect(ann);
    await tell(socket, "offline");
    await expect.poll(() => seen(watcher, ann)).toEqual(["online", "offline"]);
    expect(await isOnline(bob, ann)).toBe(false);
    const said = await text(bob, id, "Hello!");
    await socket.heard((event) => event.type === "message.new" && event.seq === said.seq);
    await tell(watcher, "away");
    await expect.poll(() => seen(socket, bob).at(-1)).toBe("away");
    socket.close();
    await expect.poll(() => devices(ann)).toBe(0);
    await ringAt(ann, Date.now() + 10_001);
    await settled();
    expect(seen(watcher, ann)).toEqual(["online", "offline"]);
    expect(await isOnline(bob, ann)).toBe(false);
  });

  it("[R22] the best of the devices counts: each kind of socket, whoever says what in which order", async () => {
    const { ann, bob, id, watcher } = await watched();
    const [laptop, phone] = [await connect(ann), await connectTo(ann, id)];
    const tablet = await connectTo(ann, id);
    await expect.poll(() => devices(ann)).toBe(3);
    // One that appears offline does not hide another that is in use.
    for (const device of [phone, laptop]) await tell(device, "offline");
    await settled();
    expect(seen(watcher, ann)).toEqual(["online"]);
    expect(await isOnline(bob, ann)).toBe(true);
    await tell(tablet, "away");
    await expect.poll(() => seen(watcher, ann)).toEqual(["online", "away"]);
    await tell(laptop, "online");
    await expect.poll(() => seen(watcher, ann)).toEqual(["online", "away", "online"]);
    laptop.close();
    await expect.poll(() => seen(watcher, ann).at(-1)).toBe("away");
    tablet.close();
    await expect.poll(() => seen(watcher, ann).at(-1)).toBe("offline");
    expect(await isOnline(bob, ann)).toBe(false);
    await phone.ask({ type: "typing.stop", conversation_id: id });
    await tell(phone, "online");
    await expect.poll(() => seen(watcher, ann).at(-1)).toBe("online");
  });

  for (const status of ["offline", "away"] as const) {
    it(`[R22] ${status} is what a device says through a blip, on either socket; after a longer absence it is online`, async () => {
      const { ann, bob, id, watcher } = await watched();
      const kinds = [() => connect(ann), () => connectTo(ann, id)];
      let now = Date.now();
      for (const open of [kinds, kinds.toReversed()]) {
        const before = seen(watcher, ann).length;
        const heard = () => seen(watcher, ann).slice(before);
        vi.setSystemTime(now);
        let device = await open[0]?.();
        await expect.poll(heard).toEqual(["online"]);
        if (device) await tell(device, status);
        await expect.poll(heard).toEqual(["online", status]);
        // In the end over the other kind of socket: nobody can tell that it is not the same device.
        for (const again of [open[0], open[0], open[1]]) {
          device?.close();
          await expect.poll(() => devices(ann)).toBe(0);
          now += 9_000;
          vi.setSystemTime(now);
          device = await again?.();
          await expect.poll(() => devices(ann)).toBe(1);
        }
        await settled();
        expect(heard()).toEqual(["online", status]);
        expect(await isOnline(bob, ann)).toBe(status === "away");
        device?.close();
        await expect.poll(() => devices(ann)).toBe(0);
        now += 10_000;
        await ringAt(ann, now);
        await expect.poll(() => heard().at(-1)).toBe("offline");
      }
    });
  }

  it("[R22] what each device said survives the sleep of its hub, and a hub that died with its sockets", async () => {
    const { ann, id, watcher } = await watched();
    const [laptop, phone] = [await connect(ann), await connectTo(ann, id)];
    await expect.poll(() => devices(ann)).toBe(2);
    for (const device of [laptop, phone]) await tell(device, "away");
    await expect.poll(() => seen(watcher, ann)).toEqual(["online", "away"]);
    await evictDurableObject(hubObject(ann.user_id));
    await tell(phone, "away");
    await settled();
    expect(seen(watcher, ann)).toEqual(["online", "away"]);
    phone.close();
    await expect.poll(() => devices(ann)).toBe(1);
    await evictDurableObject(hubObject(ann.user_id), { webSockets: "close" });
    await laptop.closed;
    for (const again of [await connect(ann), await connect(ann)]) await again.heard("connection.established");
    await settled();
    expect(seen(watcher, ann)).toEqual(["online", "away"]);
  });

  it("[R22] last_seen_at stays while one appears offline, whatever opens and closes", async () => {
    const { ann, bob, id, watcher } = await watched();
    const lastSeen = async () =>
      (await body<{ last_seen_at: string }>(api(bob, "GET", `/users/${ann.user_id}`), 200)).last_seen_at;
    const socket = await connect(ann);
    await tell(socket, "offline");
    await expect.poll(() => seen(watcher, ann)).toEqual(["online", "offline"]);
    const known = await lastSeen();
    const later = Date.now() + 600_000;
    vi.setSystemTime(later);
    await tell(socket, "offline");
    socket.close();
    await expect.poll(() => devices(ann)).toBe(0);
    const again = await connectTo(ann, id);
    await expect.poll(() => devices(ann)).toBe(1);
    await tell(again, "offline");
    again.close();
    await expect.poll(() => devices(ann)).toBe(0);
    await ringAt(ann, later + 10_001);
    await settled();
    expect(await lastSeen()).toBe(known);
  });

  it("[R22 R23] who is removed from where their only socket is has gone, 10 s later", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    const socket = await connectTo(bob, id);
    await expect.poll(() => isOnline(ann, bob)).toBe(true);
    await body(api(ann, "DELETE", `/conversations/${id}/participants/${bob.user_id}`), 204);
    expect(await socket.closed).toMatchObject({ code: 4011 });
    await ringAt(bob, await closing(bob));
    await expect.poll(() => isOnline(ann, bob)).toBe(false);
  });

  it("[R22] contacts alone hear it: not strangers, not who is in no conversation with one any more", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    await body(api(ann, "DELETE", `/conversations/${id}/participants/${cid.user_id}`), 204);
    const [contact, former, stranger] = [
      await connectTo(bob, id),
      await connect(cid),
      await connect(await person("eve")),
    ];
    const socket = await connect(ann);
    await tell(socket, "away");
    await expect.poll(() => seen(contact, ann)).toEqual(["online", "away"]);
    await settled();
    expect([seen(former, ann), seen(stranger, ann)]).toEqual([[], []]);
  });

  it("[R20 R22] a conversation's socket hears of its members only, and of one's preferences there only", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const [here, elsewhere] = [await direct(ann, bob), await direct(ann, cid)];
    const socket = await connectTo(ann, here);
    const user = await connect(ann);
    await connect(cid);
    await expect.poll(() => seen(user, cid)).toEqual(["online"]);
    await connect(bob);
    await expect.poll(() => seen(socket, bob)).toEqual(["online"]);
    for (const id of [elsewhere, here]) {
      await body(api(ann, "PATCH", `/conversations/${id}/preferences`, { is_pinned: true }), 200);
    }
    await expect.poll(() => user.all("preferences.updated")).toHaveLength(2);
    await settled();
    expect(seen(socket, cid)).toEqual([]);
    expect(socket.all("preferences.updated").map((event) => event.conversation_id)).toEqual([here]);
  });
});
