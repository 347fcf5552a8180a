/** Rules 6, 15 and 17: what a member may not see is in nothing that quotes it, changes it or answers with it. */

import type { Message } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { befriend, connect as open } from "../worker/kit.ts";
import {
  api,
  body,
  bothSockets,
  cast,
  connectTo,
  direct,
  fetched,
  group,
  history,
  item,
  type Person,
  summary,
  type TestSocket,
  text,
} from "./kit.ts";

const hide = (who: Person, message: { message_id: string }) =>
  body(api(who, "DELETE", `/messages/${message.message_id}`), 204);
const edit = (who: Person, message: { message_id: string }, change: object) =>
  body(api(who, "PUT", `/messages/${message.message_id}`, change), 200);
const react = (who: Person, message: { message_id: string }, emoji: string) =>
  body(api(who, "POST", `/messages/${message.message_id}/reactions`, { emoji }), 201);

/** What a device is sent that comes back with what it had at `seq`. */
async function resumed(who: Person, id: string, seq: number): Promise<string> {
  const socket = await open(who, `/api/v1/conversations/${id}/ws?since=${seq}`);
  await socket.heard((event) => event.type === "conversation.sync" && event.data.is_last);
  socket.close();
  return JSON.stringify(socket.events);
}

/** Every way of reading a conversation, as text. */
async function everythingOf(who: Person, id: string, since: number): Promise<string> {
  const [sync, list, page] = await Promise.all([
    body(api(who, "GET", "/sync"), 200),
    item(who, id),
    history(who, id),
  ]);
  return JSON.stringify([sync, list, page, await resumed(who, id, since), await resumed(who, id, 0)]);
}

/** Waits for the number of the last change at each socket, and holds that none was left out. */
async function contiguous(sockets: TestSocket[], from: number, to: number): Promise<void> {
  for (const socket of sockets) {
    await socket.heard((event) => "seq" in event && event.seq === to);
    const seqs = socket.events.flatMap((event) =>
      "seq" in event && event.seq !== undefined && event.seq >= from ? [event.seq] : [],
    );
    expect(seqs).toEqual(Array.from({ length: to - from + 1 }, (_, index) => from + index));
  }
}

describe("who left before one came", () => {
  it("[R6 R8 FORMER-1] is told to those who saw them go, and to nobody who joined later, came back later or begins anew", async () => {
    const [ann, bob, cid, dee] = await cast("ann", "bob", "cid", "dee");
    const id = await group(ann, [bob, cid]);
    await befriend(cid, ann);
    const before = await text(bob, id, "I am off");
    await body(api(cid, "DELETE", `/conversations/${id}`), 204);
    await body(api(bob, "DELETE", `/conversations/${id}`), 204);
    const add = { user_ids: [cid.user_id, dee.user_id] };
    await body(api(ann, "POST", `/conversations/${id}/participants`, add), 201);
    const joined = (await history(dee, id))[0]?.seq ?? 0;
    for (const who of [cid, dee]) {
      for (const since of [0, 1, before.seq, joined]) {
        expect(await resumed(who, id, since)).not.toContain(bob.user_id);
      }
      expect(JSON.stringify(await body(api(who, "GET", "/sync"), 200))).not.toContain(bob.user_id);
    }
    const gone = { removed_user_ids: [bob.user_id], former_members: [summary(bob)] };
    const away = await connectTo(ann, id, `?since=${before.seq}`);
    expect(await away.heard("conversation.sync")).toMatchObject({ data: gone });
    const anew = await connectTo(ann, id, "?since=0");
    expect(await anew.heard("conversation.sync")).toMatchObject({
      data: { removed_user_ids: [], former_members: [] },
    });
  });
});

describe("what a member may not see", () => {
  it("[R6 R15 R17 SEE-1] who hid a message is shown no text of it in replies: live, history, resume, /sync, single", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const quoted = await text(ann, id, "canary words");
    const before = await text(cid, id, "an older reply", { reply_to_message_id: quoted.message_id });
    await hide(bob, quoted);
    const mine = await bothSockets(bob, id);
    const theirs = await bothSockets(ann, id);
    const reply = await text(cid, id, "re", { reply_to_message_id: quoted.message_id });
    const later = await text(cid, id, "plain");
    await contiguous([...mine, ...theirs], reply.seq, later.seq);
    const shown = { message_id: quoted.message_id, sender: summary(ann), type: "text", is_deleted: false };
    for (const socket of mine) {
      const heard = socket.all("message.new").find(({ seq }) => seq === reply.seq);
      expect(heard?.data).toMatchObject({ content: "re", reply_to: { ...shown, content: "" } });
    }
    for (const socket of theirs) {
      const heard = socket.all("message.new").find(({ seq }) => seq === reply.seq);
      expect(heard?.data.reply_to).toEqual({ ...shown, content: "canary words" });
    }
    for (const message of [before, reply]) {
      expect((await fetched(bob, message)).reply_to).toEqual({ ...shown, content: "" });
      expect((await fetched(cid, message)).reply_to).toMatchObject({ content: "canary words" });
    }
    expect(await everythingOf(bob, id, quoted.seq)).not.toContain("canary");
    expect(JSON.stringify(mine.map((socket) => socket.events))).not.toContain("canary");
  });

  it("[R6 R16 R17 SEE-2] an edit of a hidden message comes without its words, names and metadata, and calls nobody who hid it", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const sent = await text(ann, id, "as it was");
    await hide(bob, sent);
    const [mine, theirs] = [await bothSockets(bob, id), await bothSockets(cid, id)];
    const change = {
      content: "canary",
      metadata: { canary: "canary", mentions: [`@${bob.username}`, "@all"] },
    };
    await edit(ann, sent, change);
    const later = await text(ann, id, "later");
    await contiguous([...mine, ...theirs], later.seq - 1, later.seq);
    const nothing = { content: "", metadata: null, mentions: [], mentions_all: false };
    for (const socket of mine) expect(socket.all("message.edited")[0]?.data).toMatchObject(nothing);
    for (const socket of theirs) {
      expect(socket.all("message.edited")[0]?.data).toMatchObject({ content: "canary", mentions_all: true });
    }
    expect(await item(bob, id)).toMatchObject({ unread_count: 1, unread_mentions: 0 });
    expect(await item(cid, id)).toMatchObject({ unread_count: 2, unread_mentions: 1 });
    expect(await everythingOf(bob, id, sent.seq)).not.toContain("canary");
    expect(JSON.stringify(mine.map((socket) => socket.events))).not.toContain("canary");
  });

  it("[R6 R17 R18 SEE-3] reactions to what one hid, or to what was said before one joined, come by number only", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob]);
    const sent = await text(ann, id, "hello");
    await hide(bob, sent);
    await body(api(ann, "POST", `/conversations/${id}/participants`, { user_id: cid.user_id }), 201);
    const [bobs, cids, anns] = [
      await bothSockets(bob, id),
      await bothSockets(cid, id),
      await bothSockets(ann, id),
    ];
    await react(ann, sent, "🎉");
    await body(api(ann, "DELETE", `/messages/${sent.message_id}/reactions/${encodeURIComponent("🎉")}`), 204);
    const later = await text(ann, id, "later");
    await contiguous([...bobs, ...cids, ...anns], later.seq - 2, later.seq);
    for (const socket of [...bobs, ...cids]) {
      expect(socket.all("message.reaction").map(({ data }) => data.emoji)).toEqual(["", ""]);
    }
    for (const socket of anns) {
      expect(socket.all("message.reaction").map(({ data }) => data.emoji)).toEqual(["🎉", "🎉"]);
    }
  });

  it("[R15 R17 SEE-4] deleting for everyone what somebody hid: their quotes of it say so, and nothing else", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const quoted = await text(ann, id, "canary");
    const reply = await text(ann, id, "re", { reply_to_message_id: quoted.message_id });
    await hide(bob, quoted);
    const unread = (await item(bob, id))?.unread_count;
    const mine = await bothSockets(bob, id);
    await body(api(ann, "DELETE", `/messages/${quoted.message_id}?delete_for_everyone=true`), 204);
    await contiguous(mine, reply.seq + 1, reply.seq + 1);
    expect((await fetched(bob, reply)).reply_to).toMatchObject({ content: "", is_deleted: true });
    expect(await resumed(bob, id, reply.seq)).toContain('"is_deleted":true');
    expect(await item(bob, id)).toMatchObject({ unread_count: unread });
  });

  it("[R15 R16 R17 SEE-5] the answer to one's own edit shows no text of a quote that one has hidden since", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const quoted = await text(ann, id, "canary");
    const reply = await text(bob, id, "re", { reply_to_message_id: quoted.message_id });
    expect(reply.reply_to?.content).toBe("canary");
    await hide(bob, quoted);
    for (const content of ["re: again", "re: again"]) {
      expect(await edit(bob, reply, { content })).toMatchObject({ content, reply_to: { content: "" } });
    }
  });

  it("[R6 R12 SEE-11] a message sent again after leaving and coming back, or after hiding it, shows nothing of what became of it", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    const quoted = await text(ann, id, "as it was");
    const data = {
      type: "text",
      content: "re",
      client_message_id: "one",
      reply_to_message_id: quoted.message_id,
    };
    const send = (input: object) => api(bob, "POST", `/conversations/${id}/messages`, input);
    const sent = await body<Message>(send(data), 201);
    await react(ann, sent, "👍");
    expect(await body(send(data), 200)).toMatchObject({ reactions: [{ emoji: "👍" }] });
    await befriend(bob, ann);
    await body(api(bob, "DELETE", `/conversations/${id}`), 204);
    await edit(ann, quoted, { content: "canary" });
    await react(ann, sent, "🎉");
    await body(api(ann, "POST", `/conversations/${id}/participants`, { user_id: bob.user_id }), 201);
    const nothing = { message_id: sent.message_id, content: "re", reactions: [], changed_seq: sent.seq };
    const again = await body<Message>(send(data), 200);
    expect(again).toMatchObject({ ...nothing, reply_to: { message_id: quoted.message_id, content: "" } });
    const request = { type: "message.send", conversation_id: id, data };
    for (const socket of await bothSockets(bob, id)) {
      const answer = await socket.ask(request);
      expect(answer).toMatchObject({ type: "ack", data: nothing });
      expect(JSON.stringify(answer)).not.toContain("canary");
    }
    const own = { type: "text", content: "own", client_message_id: "two" };
    const second = await body<Message>(send(own), 201);
    await hide(bob, second);
    await react(ann, second, "🎉");
    expect(await body(send(own), 200)).toMatchObject({ message_id: second.message_id, reactions: [] });
  });

  it("[R6 R15 R17 SEE-6] each of several who may not see it is left out, for their own reason; the rest hear everything", async () => {
    const [ann, bob, cid, dee] = await cast("ann", "bob", "cid", "dee");
    const id = await group(ann, [bob, cid]);
    const quoted = await text(ann, id, "canary");
    await body(api(ann, "POST", `/conversations/${id}/participants`, { user_id: dee.user_id }), 201);
    await hide(cid, quoted);
    const sockets = await Promise.all([ann, bob, cid, dee].map((who) => bothSockets(who, id)));
    const reply = await text(bob, id, "re", { reply_to_message_id: quoted.message_id });
    await contiguous(sockets.flat(), reply.seq, reply.seq);
    const heard = sockets.map((both) => both.map((one) => one.all("message.new")[0]?.data.reply_to?.content));
    expect(heard).toEqual([
      ["canary", "canary"],
      ["canary", "canary"],
      ["", ""],
      ["", ""],
    ]);
  });
});
