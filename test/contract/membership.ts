/** Rules 6, 8 and 23: who is out hears nothing more, and who is new nothing from before. */

import type { Message } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { request } from "../worker/kit.ts";
import {
  api,
  body,
  bothSockets,
  cast,
  connect,
  connectTo,
  direct,
  group,
  history,
  item,
  type Person,
  refusal,
  search,
  settled,
  type TestSocket,
  text,
} from "./kit.ts";

const add = (by: Person, id: string, who: Person) =>
  body(api(by, "POST", `/conversations/${id}/participants`, { user_id: who.user_id }), 201);
const remove = (by: Person, id: string, who: Person) =>
  body(api(by, "DELETE", `/conversations/${id}/participants/${who.user_id}`), 204);

/** Everything that members can do that others hear. */
async function makeNoise(one: Person, other: Person, id: string, on: Message): Promise<void> {
  const path = `/messages/${on.message_id}`;
  await body(api(one, "POST", `/conversations/${id}/typing`), 204);
  await body(api(one, "PUT", path, { content: `${on.content}, once more` }), 200);
  await body(api(other, "POST", `${path}/reactions`, { emoji: "👍" }), 201);
  await body(api(other, "PUT", `/conversations/${id}/read`, { up_to_message_id: on.message_id }), 200);
  await text(one, id, "noise", { reply_to_message_id: on.message_id });
  await body(api(one, "PUT", `/conversations/${id}`, { description: "noise" }), 200);
  await body(api(one, "DELETE", `${path}?delete_for_everyone=true`), 204);
}

/** What was heard after the first event that matches. */
function after(socket: TestSocket, type: string) {
  return socket.events.slice(socket.events.findIndex((event) => event.type === type) + 1);
}

describe("who is out", () => {
  for (const way of ["removed", "left"]) {
    it(`[R8 R23] ${way}: the conversation's sockets hear it and close with 4011 at once; then silence everywhere`, async () => {
      const [ann, bob, cid] = await cast("ann", "bob", "cid");
      const id = await group(ann, [bob, cid]);
      const said = await text(ann, id, "inside");
      const [user, inside] = await bothSockets(bob, id);
      const second = await connectTo(bob, id);
      await remove(way === "left" ? bob : ann, id, bob);
      for (const socket of [inside, second]) {
        expect(await socket.closed).toMatchObject({ code: 4011 });
        expect(socket.events.slice(-2)).toMatchObject([
          { type: "participant.removed", data: { user_id: bob.user_id } },
          { type: "error", code: "FORBIDDEN", details: { close_code: 4011 } },
        ]);
      }
      await user.heard("participant.removed");
      const witness = await connect(cid);
      await makeNoise(ann, cid, id, said);
      await witness.heard("message.deleted");
      await settled(300);
      // Their own totals are without it; what is said there now changes nothing.
      const since = after(user, "participant.removed");
      expect(since).toEqual([{ type: "unread.total", data: expect.objectContaining({ messages: 0 }) }]);
      expect(await user.ask({ type: "typing.start", conversation_id: id })).toMatchObject({
        code: "FORBIDDEN",
      });
    });
  }

  it("[R6 R8 R23] their socket at the conversation opens no more, and what they search and list is without it", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    await text(ann, id, "inside words");
    await remove(ann, id, bob);
    const headers = { upgrade: "websocket", authorization: `Bearer ${bob.token}` };
    expect((await request(`/api/v1/conversations/${id}/ws`, { headers })).status).toBe(403);
    expect([await search(bob, "inside"), await item(bob, id)]).toEqual([[], undefined]);
    await refusal(api(bob, "GET", `/conversations/${id}/messages`), "FORBIDDEN");
  });
});

/** A group with a past, and somebody who has come after it. */
async function withPast() {
  const [ann, bob, cid] = await cast("ann", "bob", "cid");
  const id = await group(ann, [bob]);
  const past = await text(ann, id, "the past", { metadata: { mentions: ["@all"] } });
  await add(ann, id, cid);
  return { ann, bob, cid, id, past };
}

describe("who is new", () => {
  it("[R6 R8] sees nothing from before: history begins with their coming, nothing is unread, found, or reached by id", async () => {
    const { bob, cid, id, past } = await withPast();
    expect((await history(cid, id)).map((message) => message.system?.event)).toEqual(["participant.added"]);
    expect(await item(cid, id)).toMatchObject({
      unread_count: 0,
      unread_mentions: 0,
      last_message: { type: "system" },
    });
    expect([await search(cid, "past"), await search(bob, "past")]).toEqual([[], ["the past"]]);
    const path = `/messages/${past.message_id}`;
    for (const to of [path, `${path}/edits`, `${path}/receipts`])
      await refusal(api(cid, "GET", to), "NOT_FOUND");
    await refusal(api(cid, "POST", `${path}/reactions`, { emoji: "👍" }), "NOT_FOUND");
    await refusal(api(cid, "DELETE", path), "NOT_FOUND");
    const reply = { type: "text", content: "re", reply_to_message_id: past.message_id };
    await refusal(api(cid, "POST", `/conversations/${id}/messages`, reply), "NOT_FOUND");
    await refusal(
      api(cid, "PUT", `/conversations/${id}/read`, { up_to_message_id: past.message_id }),
      "NOT_FOUND",
    );
    for (const query of [`around_id=${past.message_id}`, `after_id=${past.message_id}`, "limit=100"]) {
      const page = await body(api(cid, "GET", `/conversations/${id}/messages?${query}`), 200);
      expect(JSON.stringify(page)).not.toContain("the past");
    }
  });

  it("[R6 R8] hears nothing of what was said before, also when it is edited, reacted to or quoted now", async () => {
    const { ann, bob, cid, id, past } = await withPast();
    const sockets = await bothSockets(cid, id);
    await makeNoise(ann, bob, id, past);
    for (const socket of sockets) {
      await socket.heard("message.new");
      await settled(300);
      expect(JSON.stringify(socket.events)).not.toContain("the past");
    }
  });

  it("[R6 R8] who comes back sees from then on: neither the gap nor the first time", async () => {
    const { ann, cid, id } = await withPast();
    await text(ann, id, "first time");
    await remove(ann, id, cid);
    await text(ann, id, "the gap");
    const socket = await connect(cid);
    await add(ann, id, cid);
    await text(ann, id, "back again");
    await socket.heard((event) => event.type === "message.new" && event.data.content === "back again");
    expect((await history(cid, id)).map((message) => message.content)[0]).toBe("back again");
    expect(await history(cid, id)).toHaveLength(2);
    expect(await item(cid, id)).toMatchObject({ unread_count: 1 });
    expect(await search(cid, "first")).toEqual([]);
    expect(JSON.stringify(socket.events)).not.toContain("the gap");
  });
});

describe("who may add", () => {
  it("[R6 R8] who may not add learns nothing about who exists", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob]);
    const unknown = crypto.randomUUID();
    const chat = await direct(ann, bob);
    for (const user_id of [cid.user_id, unknown]) {
      const add = (who: Person, where: string) =>
        api(who, "POST", `/conversations/${where}/participants`, { user_id });
      await refusal(add(bob, id), "FORBIDDEN");
      await refusal(add(cid, id), "FORBIDDEN");
      await refusal(add(bob, chat), "VALIDATION_ERROR");
    }
    await refusal(api(ann, "POST", `/conversations/${id}/participants`, { user_id: unknown }), "NOT_FOUND");
  });
});
