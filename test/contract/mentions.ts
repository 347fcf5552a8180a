/** Rules 14 and 15: who is called by name, and what is quoted. */
import { describe, expect, it } from "vitest";
import { sign } from "../worker/kit.ts";
import {
  api,
  body,
  cast,
  connect,
  direct,
  fetched,
  group,
  history,
  item,
  type Person,
  summary,
  text,
} from "./kit.ts";

const mention = ({ user_id, username }: Person) => ({ user_id, username });
const calling = (...names: string[]) => ({ metadata: { mentions: names } });
const read = (who: Person, id: string, up_to_message_id: string) =>
  body(api(who, "PUT", `/conversations/${id}/read`, { up_to_message_id }), 200);

describe("mentions", () => {
  it("[R14] @username is resolved against the members; unknown names and strangers stay mere text", async () => {
    const [ann, bob, cid, eve] = await cast("ann", "bob", "cid", "eve");
    const id = await group(ann, [bob, cid]);
    const socket = await connect(bob);
    const names = [
      `@${bob.username}`,
      cid.username.toUpperCase(),
      `@${eve.username}`,
      "@nobody",
      `@${bob.username}`,
    ];
    const sent = await text(ann, id, "hey", calling(...names));
    expect(sent.mentions).toEqual([mention(bob), mention(cid)]);
    expect(sent).toMatchObject({ mentions_all: false, metadata: { mentions: names } });
    expect(await socket.heard("message.new")).toMatchObject({ data: { mentions: sent.mentions } });
    expect(await fetched(bob, sent)).toMatchObject({
      mentions: sent.mentions,
      metadata: { mentions: names },
    });
    const unread = await Promise.all([ann, bob, cid].map((who) => item(who, id)));
    expect(unread.map((one) => one?.unread_mentions)).toEqual([0, 1, 1]);
  });

  it("[R14] @all calls everybody else, said by the owner or an admin; from a member it is mere text", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const calls = async () =>
      (await Promise.all([ann, bob, cid].map((who) => item(who, id)))).map((one) => one?.unread_mentions);
    const said = await text(cid, id, "all?", calling("@all"));
    expect(said).toMatchObject({ mentions: [], mentions_all: false, metadata: { mentions: ["@all"] } });
    expect(await calls()).toEqual([0, 0, 0]);
    expect(await text(ann, id, "all!", calling("@all", `@${bob.username}`))).toMatchObject({
      mentions_all: true,
      mentions: [mention(bob)],
    });
    expect(await calls()).toEqual([0, 1, 1]);
    await api(ann, "PATCH", `/conversations/${id}/participants/${bob.user_id}`, { role: "admin" });
    await text(bob, id, "all too", calling("all"));
    expect(await calls()).toEqual([1, 1, 2]);
  });

  it("[R14 R19] unread_mentions goes down with reading, and counts one for each message", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    const sent = [];
    for (let i = 0; i < 3; i++) {
      sent.push(await text(ann, id, `${i}`, calling("@all", `@${bob.username}`)));
      await text(ann, id, "unaddressed");
    }
    expect(await item(bob, id)).toMatchObject({ unread_count: 6, unread_mentions: 3 });
    const left = await read(bob, id, sent[1]?.message_id ?? "");
    expect(left).toEqual({ marked_read: 3, unread_count: 3, unread_mentions: 1 });
    expect(await item(bob, id)).toMatchObject({ unread_count: 3, unread_mentions: 1 });
  });

  it("[R14 R16] an edit calls whom it names now, and no longer calls whom it does not; the read hear nothing", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const sent = await text(ann, id, "one", calling(`@${bob.username}`));
    const calls = async () =>
      (await Promise.all([bob, cid].map((who) => item(who, id)))).map((one) => one?.unread_mentions);
    expect(await calls()).toEqual([1, 0]);
    const edit = (content: string, extra: object) =>
      body(api(ann, "PUT", `/messages/${sent.message_id}`, { content, ...extra }), 200);
    const socket = await connect(cid);
    expect(await edit("two", calling(`@${cid.username}`))).toMatchObject({ mentions: [mention(cid)] });
    expect(await socket.heard("message.edited")).toMatchObject({ data: { mentions: [mention(cid)] } });
    expect(await calls()).toEqual([0, 1]);
    await edit("three", {});
    expect(await calls()).toEqual([0, 1]);
    await edit("four", { metadata: {} });
    expect(await calls()).toEqual([0, 0]);
    await read(bob, id, sent.message_id);
    await edit("five", calling("@all"));
    expect(await calls()).toEqual([0, 1]);
  });

  it("[R14 R16 MENTION-7] an edit of the text alone resolves nothing again: not after a rename, a new role or a departure", async () => {
    const [ann, bob, cid, dee] = await cast("ann", "bob", "cid", "dee");
    const id = await group(ann, [bob, cid, dee]);
    const named = await text(ann, id, "one", calling(`@${bob.username}`, `@${dee.username}`));
    const all = await text(ann, id, "two", calling("@all"));
    const mere = await text(cid, id, "three", calling("@all"));
    const renamed = { ...bob, username: `${bob.username}-x` };
    renamed.token = await sign({ sub: bob.user_id, username: renamed.username, display_name: "bob" });
    await text(renamed, id, "my new name");
    const thief = {
      ...cid,
      token: await sign({ sub: cid.user_id, username: bob.username, display_name: "cid" }),
    };
    await text(thief, id, "his old name");
    await body(api(dee, "DELETE", `/conversations/${id}`), 204);
    await body(api(ann, "PATCH", `/conversations/${id}/participants/${cid.user_id}`, { role: "owner" }), 200);
    await body(
      api(cid, "PATCH", `/conversations/${id}/participants/${ann.user_id}`, { role: "member" }),
      200,
    );
    const unread = (await item(cid, id))?.unread_mentions;
    const edit = (who: Person, of: { message_id: string }, extra: object) =>
      body(api(who, "PUT", `/messages/${of.message_id}`, { content: `${Math.random()}`, ...extra }), 200);
    const kept = { mentions: [{ user_id: bob.user_id, username: renamed.username }, mention(dee)] };
    for (const extra of [{}, { metadata: { mentions: [`@${bob.username}`, `@${dee.username}`], more: 1 } }]) {
      expect(await edit(ann, named, extra)).toMatchObject(kept);
    }
    expect(await edit(ann, all, {})).toMatchObject({ mentions_all: true });
    expect(await edit(cid, mere, {})).toMatchObject({ mentions_all: false });
    expect((await item(cid, id))?.unread_mentions).toBe(unread);
  });

  it("[R14 R17] a deleted mention calls nobody any more: for oneself, or for everyone", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const [one, other] = [
      await text(ann, id, "1", calling("@all")),
      await text(ann, id, "2", calling("@all")),
    ];
    const counts = async () =>
      (await Promise.all([bob, cid].map((who) => item(who, id)))).map((it) => [
        it?.unread_count,
        it?.unread_mentions,
      ]);
    await body(api(bob, "DELETE", `/messages/${one.message_id}`), 204);
    expect(await counts()).toEqual([
      [1, 1],
      [2, 2],
    ]);
    await body(api(ann, "DELETE", `/messages/${other.message_id}?delete_for_everyone=true`), 204);
    expect(await counts()).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect(await fetched(cid, other)).toMatchObject({ mentions: [], mentions_all: false, metadata: null });
    await body(api(ann, "DELETE", `/messages/${one.message_id}?delete_for_everyone=true`), 204);
    expect(await counts()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

describe("replies", () => {
  it("[R15 R17] a quote of a deleted message shows no text, in old replies and in new ones", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const quoted = await text(ann, id, "a secret");
    const reply = await text(bob, id, "really?", { reply_to_message_id: quoted.message_id });
    expect(reply.reply_to).toMatchObject({ content: "a secret", is_deleted: false });
    await body(api(ann, "DELETE", `/messages/${quoted.message_id}?delete_for_everyone=true`), 204);
    const reply_to = {
      message_id: quoted.message_id,
      sender: summary(ann),
      type: "text",
      content: "",
      is_deleted: true,
    };
    expect((await fetched(bob, reply)).reply_to).toEqual(reply_to);
    expect((await history(ann, id))[0]?.reply_to).toEqual(reply_to);
    const late = await text(bob, id, "too late", { reply_to_message_id: quoted.message_id });
    expect(late.reply_to).toEqual(reply_to);
    const edited = await body(api(bob, "PUT", `/messages/${reply.message_id}`, { content: "oh" }), 200);
    expect(edited).toMatchObject({ content: "oh", reply_to });
  });

  it("[R6 R15] who joined after the quoted message sees that it is quoted, and not what it says", async () => {
    const [ann, bob, cid] = await cast("ann", "bob", "cid");
    const id = await group(ann, [bob]);
    const quoted = await text(ann, id, "before your time");
    await body(api(ann, "POST", `/conversations/${id}/participants`, { user_id: cid.user_id }), 201);
    const [old, fresh] = [await connect(bob), await connect(cid)];
    const reply = await text(bob, id, "indeed", { reply_to_message_id: quoted.message_id });
    const veiled = { message_id: quoted.message_id, sender: summary(ann), content: "", is_deleted: false };
    expect(await fresh.heard("message.new")).toMatchObject({ data: { content: "indeed", reply_to: veiled } });
    expect(await fetched(cid, reply)).toMatchObject({ reply_to: veiled });
    expect((await history(cid, id))[0]).toMatchObject({ reply_to: veiled });
    expect(await old.heard("message.new")).toMatchObject({
      data: { reply_to: { content: "before your time" } },
    });
    expect(await fetched(ann, reply)).toMatchObject({ reply_to: { content: "before your time" } });
  });

  it("[R15 R16] a quote of an edited message shows what it says now", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const quoted = await text(ann, id, "before");
    const reply = await text(bob, id, "yes", { reply_to_message_id: quoted.message_id });
    await body(api(ann, "PUT", `/messages/${quoted.message_id}`, { content: "after" }), 200);
    expect(await fetched(bob, reply)).toMatchObject({ reply_to: { content: "after", is_deleted: false } });
  });
});
