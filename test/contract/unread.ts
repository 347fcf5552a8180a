/** Unread totals (rule 30): the sums of what the list says, asked for and told. */
import type { ConversationList, SyncPage, UnreadTotals } from "@rocket-chat-api/protocol";
import { describe, expect, it, vi } from "vitest";
import { api, connect as open, type Person, type TestSocket } from "../worker/kit.ts";
import { body, cast, connect, connectTo, direct, group, text } from "./kit.ts";

const NOTHING: UnreadTotals = { messages: 0, mentions: 0, conversations: 0, muted_messages: 0 };

function totals(messages: number, conversations: number, more: Partial<UnreadTotals> = {}): UnreadTotals {
  return { ...NOTHING, messages, conversations, ...more };
}

const unread = async (who: Person) => await body<UnreadTotals>(api(who, "GET", "/unread"), 200);

/** The sums of the list, added up here. */
async function sumOfList(who: Person): Promise<UnreadTotals> {
  const { conversations } = await body<ConversationList>(api(who, "GET", "/conversations?limit=100"), 200);
  const sum = { ...NOTHING };
  for (const { is_muted, unread_count, unread_mentions } of conversations) {
    if (is_muted) sum.muted_messages += unread_count;
    else {
      sum.messages += unread_count;
      sum.mentions += unread_mentions;
      sum.conversations += Number(unread_count > 0);
    }
  }
  return sum;
}

/** What a socket was told last. */
function toldTo(socket: TestSocket): UnreadTotals | null | undefined {
  const event = socket.all("unread.total").at(-1);
  return event ? event.data : socket.all("connection.established")[0]?.data.unread;
}

/** Waits until a person is told these totals, and the directory gives the same in all three ways. */
async function everywhere(who: Person, socket: TestSocket, wanted: UnreadTotals): Promise<void> {
  await expect.poll(() => toldTo(socket)).toEqual(wanted);
  await expect.poll(() => unread(who)).toEqual(wanted);
  expect(await sumOfList(who)).toEqual(wanted);
  expect((await body<SyncPage>(api(who, "GET", "/sync"), 200)).unread).toEqual(wanted);
}

const prefer = (who: Person, id: string, patch: object) =>
  body(api(who, "PATCH", `/conversations/${id}/preferences`, patch), 200);

describe("unread totals", () => {
  it("[R30 TOTAL-1] messages, mentions and conversations: the same from /unread, the list, /sync and the socket", async () => {
    const [ann, bob, cat] = await cast("ann", "bob", "cat");
    const socket = await connect(bob);
    expect(toldTo(socket)).toEqual(NOTHING);
    const [chat, room] = [await direct(ann, bob), await group(ann, [bob, cat])];
    await text(ann, chat, "one");
    await text(cat, room, "two");
    await everywhere(bob, socket, totals(2, 2));
    await text(ann, room, "three", { metadata: { mentions: [`@${bob.username}`] } });
    await everywhere(bob, socket, totals(3, 2, { mentions: 1 }));
    // Their own messages are not unread.
    expect(await unread(cat)).toEqual(totals(1, 1));
    expect(toldTo(await connect(cat))).toEqual(totals(1, 1));
  });

  it("[R30 TOTAL-2] a muted conversation counts in muted_messages alone, an archived one like any other", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    const socket = await connect(bob);
    await text(ann, id, "hello", { metadata: { mentions: [`@${bob.username}`] } });
    await prefer(bob, id, { is_archived: true });
    await everywhere(bob, socket, totals(1, 1, { mentions: 1 }));
    await prefer(bob, id, { is_muted: true });
    await everywhere(bob, socket, totals(0, 0, { muted_messages: 1 }));
    await text(ann, id, "and again");
    await everywhere(bob, socket, totals(0, 0, { muted_messages: 2 }));
    await prefer(bob, id, { is_muted: false });
    await everywhere(bob, socket, totals(2, 1, { mentions: 1 }));
  });

  it("[R30 TOTAL-3] a mute that ends by time counts again from then on", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const socket = await connect(bob);
    await text(ann, id, "hello");
    const until = Date.now() + 60_000;
    await prefer(bob, id, { muted_until: new Date(until).toISOString() });
    await everywhere(bob, socket, totals(0, 0, { muted_messages: 1 }));
    vi.setSystemTime(until + 1);
    expect(await unread(bob)).toEqual(totals(1, 1));
    await text(ann, id, "again");
    await everywhere(bob, socket, totals(2, 1));
    vi.useRealTimers();
  });

  it("[R30 TOTAL-4] reading lowers them on every device: over /ws, REST and the conversation's own socket", async () => {
    const [ann, bob, cat] = await cast("ann", "bob", "cat");
    for (const id of [await direct(ann, bob), await group(ann, [bob, cat])]) {
      const [phone, laptop, own] = [await connect(bob), await connect(bob), await connectTo(bob, id)];
      const ways = [
        (message_id: string) => phone.ask({ type: "message.read", message_id }),
        (message_id: string) =>
          body(api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: message_id }), 200),
        (message_id: string) => own.ask({ type: "message.read", message_id }),
      ];
      for (const read of ways) {
        const { message_id } = await text(ann, id, "hello");
        for (const device of [phone, laptop]) await expect.poll(() => toldTo(device)).toEqual(totals(1, 1));
        await read(message_id);
        for (const device of [phone, laptop]) await expect.poll(() => toldTo(device)).toEqual(NOTHING);
      }
      await everywhere(bob, laptop, NOTHING);
      expect(own.all("unread.total")).toEqual([]);
    }
  });

  it("[R30 TOTAL-5] deleting, expiring, hiding a message and an edit that mentions: each ends in the right totals", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    const socket = await connect(bob);
    const said = [await text(ann, id, "one"), await text(ann, id, "two"), await text(ann, id, "three")];
    const [one, two, three] = said.map(({ message_id }) => `/messages/${message_id}`);
    await everywhere(bob, socket, totals(3, 1));
    await body(api(ann, "DELETE", `${one}?delete_for_everyone=true`), 204);
    await everywhere(bob, socket, totals(2, 1));
    await body(api(bob, "DELETE", `${two}`), 204);
    await everywhere(bob, socket, totals(1, 1));
    const metadata = { mentions: [`@${bob.username}`] };
    await body(api(ann, "PUT", `${three}`, { content: "you", metadata }), 200);
    await everywhere(bob, socket, totals(1, 1, { mentions: 1 }));
    await body(api(ann, "PUT", `${three}`, { content: "nobody", metadata: {} }), 200);
    await everywhere(bob, socket, totals(1, 1));
  });

  it("[R30 TOTAL-6] who left, was removed, or has hidden a direct chat has nothing unread there", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const socket = await connect(bob);
    const [left, lost, chat] = [await group(ann, [bob]), await group(ann, [bob]), await direct(ann, bob)];
    for (const id of [left, lost, chat]) await text(ann, id, "hello");
    await everywhere(bob, socket, totals(3, 3));
    await body(api(bob, "DELETE", `/conversations/${left}`), 204);
    await everywhere(bob, socket, totals(2, 2));
    await body(api(ann, "DELETE", `/conversations/${lost}/participants/${bob.user_id}`), 204);
    await everywhere(bob, socket, totals(1, 1));
    await body(api(bob, "DELETE", `/conversations/${chat}`), 204);
    await everywhere(bob, socket, NOTHING);
    await text(ann, chat, "are you there?");
    await everywhere(bob, socket, totals(2, 1));
    // Back in the group: nothing of before is unread.
    await body(api(ann, "POST", `/conversations/${lost}/participants`, { user_id: bob.user_id }), 201);
    await everywhere(bob, socket, totals(2, 1));
  });

  it("[R30 TOTAL-7] at most two events a second, the last value among them; none where nothing has changed", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const [id, socket] = [await direct(ann, bob), await connect(bob)];
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
      await text(ann, id, `message ${i}`);
      const count = socket.all("unread.total").length;
      if (count > times.length) times.push(performance.now());
    }
    await everywhere(bob, socket, totals(20, 1));
    const heard = socket.all("unread.total").length;
    expect(heard).toBeGreaterThan(1);
    expect(heard).toBeLessThanOrEqual(3 + times.length);
    await body(api(ann, "POST", `/conversations/${id}/typing`), 204);
    await socket.heard("typing.indicator");
    expect(socket.all("unread.total")).toHaveLength(heard);
  });

  it("[R30 TOTAL-8] with ?lean=1 and ?batch=1 as without; the conversation's own socket hears nothing of it", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const [plain, lean] = [await connect(bob), await open(bob, "/ws?lean=1&batch=1")];
    const own = await connectTo(bob, id, "?lean=1");
    await text(ann, id, "hello");
    for (const socket of [plain, lean]) await everywhere(bob, socket, totals(1, 1));
    expect(toldTo(own)).toBeUndefined();
  });
});
