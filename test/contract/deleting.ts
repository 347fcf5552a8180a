/** Rule 17: deleting, for oneself and for everyone. */

import { MessageEdits } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import {
  api,
  body,
  bothSockets,
  cast,
  connect,
  direct,
  fetched,
  group,
  history,
  item,
  type Person,
  refusal,
  search,
  settled,
  text,
} from "./kit.ts";

const edit = (who: Person, message: { message_id: string }, content: string) =>
  api(who, "PUT", `/messages/${message.message_id}`, { content });
const versions = async (who: Person, message: { message_id: string }) =>
  MessageEdits.parse(await body(api(who, "GET", `/messages/${message.message_id}/edits`), 200));
const hide = (who: Person, message: { message_id: string }) =>
  body(api(who, "DELETE", `/messages/${message.message_id}`), 204);
const erase = (who: Person, message: { message_id: string }) =>
  api(who, "DELETE", `/messages/${message.message_id}?delete_for_everyone=true`);

describe("deleting for oneself", () => {
  it("[R17] one's other devices hear it, without a number; nobody else hears or sees anything", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const [kept, gone] = [await text(ann, id, "kept"), await text(ann, id, "gone")];
    const [mine, theirs] = [await bothSockets(bob, id), await bothSockets(ann, id)];
    await hide(bob, gone);
    await hide(bob, gone);
    const data = {
      message_id: gone.message_id,
      deleted_by: bob.user_id,
      for_everyone: false,
      reason: "deleted",
    };
    for (const socket of mine) {
      await expect
        .poll(() => socket.all("message.deleted"))
        .toEqual([{ type: "message.deleted", conversation_id: id, data }]);
    }
    const next = await text(ann, id, "next");
    expect(next.seq).toBe(gone.seq + 1);
    for (const socket of theirs) {
      await socket.heard((event) => event.type === "message.new" && event.seq === next.seq);
      expect(socket.all("message.deleted")).toEqual([]);
    }
    expect((await history(bob, id)).map((message) => message.content)).toEqual(["next", "kept"]);
    expect((await history(ann, id)).map((message) => message.content)).toEqual(["next", "gone", "kept"]);
    expect(await fetched(ann, gone)).toMatchObject({ content: "gone", is_deleted: false });
    expect(kept.seq).toBe(gone.seq - 1);
  });

  it("[R17] it is gone from history, list preview, unread count, search, reactions, edits, quotes and receipts", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    await text(ann, id, "kept words");
    const gone = await text(ann, id, "gone words");
    expect(await item(bob, id)).toMatchObject({ unread_count: 2, last_message: { content: "gone words" } });
    await hide(bob, gone);
    expect(await item(bob, id)).toMatchObject({ unread_count: 1, last_message: { content: "kept words" } });
    expect(await item(ann, id)).toMatchObject({ last_message: { content: "gone words" } });
    expect([await search(bob, "words"), await search(ann, "gone")]).toEqual([["kept words"], ["gone words"]]);
    const path = `/messages/${gone.message_id}`;
    for (const [method, to] of [
      ["GET", path],
      ["GET", `${path}/receipts`],
      ["GET", `${path}/edits`],
      ["DELETE", `${path}/reactions/${encodeURIComponent("👍")}`],
    ] as const) {
      await refusal(api(bob, method, to), "NOT_FOUND");
    }
    await refusal(api(bob, "POST", `${path}/reactions`, { emoji: "👍" }), "NOT_FOUND");
    const reply = { type: "text", content: "re", reply_to_message_id: gone.message_id };
    await refusal(api(bob, "POST", `/conversations/${id}/messages`, reply), "NOT_FOUND");
    const page = await body(
      api(bob, "GET", `/conversations/${id}/messages?around_id=${gone.message_id}`),
      200,
    );
    expect(JSON.stringify(page)).not.toContain("gone");
  });

  it("[R17] one can hide one's own, somebody's tombstone, and what one had read; the count stays right", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const [own, others, erased] = [
      await text(bob, id, "own"),
      await text(ann, id, "a"),
      await text(ann, id, "b"),
    ];
    await body(api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: others.message_id }), 200);
    await body(erase(ann, erased), 204);
    for (const message of [own, others, erased]) await hide(bob, message);
    expect(await history(bob, id)).toEqual([]);
    expect(await item(bob, id)).toMatchObject({ unread_count: 0, last_message: null });
    await text(ann, id, "c");
    expect(await item(bob, id)).toMatchObject({ unread_count: 1, last_message: { content: "c" } });
  });
});

describe("deleting for everyone", () => {
  it("[R17] the sender or, in a group, the owner and admins; in a direct chat the sender alone", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const sent = [await text(bob, id, "1"), await text(bob, id, "2"), await text(ann, id, "3")] as const;
    await refusal(erase(cid, sent[0]), "FORBIDDEN");
    await body(erase(bob, sent[0]), 204);
    const socket = await connect(cid);
    await body(erase(ann, sent[1]), 204);
    expect(await socket.heard("message.deleted")).toMatchObject({ data: { deleted_by: ann.user_id } });
    await refusal(erase(bob, sent[2]), "FORBIDDEN");
    await api(ann, "PATCH", `/conversations/${id}/participants/${bob.user_id}`, { role: "admin" });
    await body(erase(bob, sent[2]), 204);
    const said = await text(ann, await direct(ann, bob), "between us");
    await refusal(erase(bob, said), "FORBIDDEN");
  });

  it("[R17] the tombstone keeps its place; nothing is left in replies, edits, reactions, list, unread count and search", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const sent = await text(ann, id, "a secret", {
      metadata: { mentions: [`@${bob.username}`], secret: true },
    });
    await body(edit(ann, sent, "another secret"), 200);
    await api(bob, "POST", `/messages/${sent.message_id}/reactions`, { emoji: "👍" });
    const reply = await text(bob, id, "what?", { reply_to_message_id: sent.message_id });
    const sockets = await bothSockets(bob, id);
    expect(await search(bob, "secret")).toEqual(["another secret"]);
    await body(erase(ann, sent), 204);
    const tombstone = await fetched(bob, sent);
    expect(tombstone).toMatchObject({
      message_id: sent.message_id,
      seq: sent.seq,
      type: "text",
      content: "",
      is_deleted: true,
      attachments: [],
      reactions: [],
      mentions: [],
      metadata: null,
      reply_to: null,
    });
    expect((await history(bob, id)).map((message) => message.message_id)).toEqual([
      reply.message_id,
      sent.message_id,
    ]);
    await hide(bob, reply);
    const list = await item(bob, id);
    expect(list).toMatchObject({ unread_count: 0, last_message: { content: "", is_deleted: true } });
    await settled();
    const left = [
      list,
      await history(ann, id),
      await history(bob, id),
      await versions(bob, sent),
      await search(bob, "secret"),
    ];
    for (const socket of sockets) left.push(socket.events as never);
    expect(JSON.stringify(left)).not.toContain("secret");
  });
});
