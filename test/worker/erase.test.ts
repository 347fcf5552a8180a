/** The erasure of a person (rule 28). */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { erasedProfile } from "../../src/domain/erased-person.ts";
import { sample, sendFile, stored } from "./attachments-kit.ts";
import { expectError } from "./checks.ts";
import { erase, finished, found, letTimePass, storedAt, storedIn, storedInDirectory } from "./erase-kit.ts";
import { api, connect, connectTo, direct, group, people, person, say, sign, uniqueName } from "./kit.ts";
import { reportIt } from "./moderation-kit.ts";
import { registered } from "./push-kit.ts";
import { serverToken } from "./server-kit.ts";
import { eventually, Follower, freshState, view } from "./state-kit.ts";

/** Somebody with a word in every place where a person can leave one. */
async function somebodyWith(word: string) {
  const [ada, bob, cid] = await people(word, "bob", "cid");
  const id = await group(ada, [bob, cid], `${ada.username} and friends`);
  const chat = await direct(ada, bob);
  const first = await say(ada, id, `${word} one`, { metadata: { note: word }, client_message_id: word });
  await api(ada, "PUT", `/messages/${first.message_id}`, { content: `${word} two` });
  const reply = await say(bob, id, "I see", { reply_to_message_id: first.message_id });
  const called = await say(bob, id, "hello you", { metadata: { mentions: [`@${ada.username}`] } });
  await api(ada, "POST", `/messages/${called.message_id}/reactions`, { emoji: "👍" });
  await api(ada, "PUT", `/messages/${called.message_id}/pin`);
  await sendFile(ada, id, sample("image/png", "image", { file_name: `${word}.png` }));
  await say(ada, chat, `${word} in private`);
  const gone = await say(ada, chat, `${word} deleted`);
  await api(ada, "DELETE", `/messages/${gone.message_id}?delete_for_everyone=true`);
  await registered(ada);
  await api(ada, "PUT", `/blocks/${cid.user_id}`);
  await reportIt(ada, { message_id: called.message_id }, { comment: `${word} says so` });
  await reportIt(bob, { message_id: first.message_id }, { comment: "look" });
  await api(ada, "PATCH", `/conversations/${id}/preferences`, { is_pinned: true });
  return { ada, bob, cid, id, chat, first, reply, called };
}

describe("erasing a person", () => {
  it("[R28 ERASE-1] nothing of what they have left is stored anywhere, and the rest stays in its place", async () => {
    const backend = await serverToken("export");
    const word = uniqueName("canary");
    const { ada, bob, id, chat, reply, called } = await somebodyWith(word);
    const before = (await api(bob, "GET", `/conversations/${id}/messages?limit=100`)).body.messages;
    const job = await finished(backend, await erase(backend, ada), ada);
    expect(job).toMatchObject({ status: "done", progress: 1 });
    expect(job.certificate).toMatchObject({
      user_id: ada.user_id,
      messages: "erase",
      totals: { conversations: 2, messages: 3, reactions: 1, mentions: 1, files: 1 },
    });
    const places = await Promise.all([storedIn(id), storedIn(chat), storedAt(ada), storedInDirectory()]);
    for (const place of places) expect(found(place, word)).toEqual([]);
    expect(await stored(id)).toEqual([]);
    const after = (await api(bob, "GET", `/conversations/${id}/messages?limit=100`)).body.messages;
    const seqs = (page: { seq: number }[]) => page.map(({ seq }) => seq);
    expect(seqs(after.filter((one: { seq: number }) => seqs(before).includes(one.seq)))).toEqual(
      seqs(before),
    );
    const replied = after.find((one: { message_id: string }) => one.message_id === reply.message_id);
    expect(replied).toMatchObject({
      content: "I see",
      reply_to: { content: "", is_deleted: true, sender: { display_name: "Deleted user" } },
    });
    const mentioning = after.find((one: { message_id: string }) => one.message_id === called.message_id);
    expect(mentioning).toMatchObject({
      content: "hello you",
      mentions: [],
      reactions: [],
      metadata: { mentions: [] },
    });
    expect(after.some((one: { content: string }) => one.content === "Deleted user left")).toBe(true);
    const { body } = await api(bob, "GET", `/conversations/${id}`);
    expect(body.name).toBe("Deleted user and friends");
    expect(body.participants.map((one: { user_id: string }) => one.user_id)).not.toContain(ada.user_id);
    expect((await api(bob, "GET", `/search/messages?q=${word}`)).body.results).toEqual([]);
    expect((await api(bob, "GET", `/users?q=${word}`)).body.users).toEqual([]);
  });

  it("[R28 ERASE-2] with anonymise texts and files stay, and nothing names the person", async () => {
    const backend = await serverToken("export");
    const [word, text] = [uniqueName("canary"), uniqueName("kept")];
    const { ada, bob, id, chat } = await somebodyWith(word);
    await say(ada, id, `${text} stays`);
    // The texts of this somebody have the word, too: only names are looked for.
    const job = await finished(backend, await erase(backend, ada, "anonymise"), ada);
    expect(job).toMatchObject({ status: "done", certificate: { messages: "anonymise" } });
    const { body } = await api(bob, "GET", `/conversations/${id}/messages?limit=100`);
    const kept = body.messages.find((one: { content: string }) => one.content === `${text} stays`);
    expect(kept.sender).toEqual({
      user_id: ada.user_id,
      username: erasedProfile(ada.user_id).username,
      display_name: "Deleted user",
      profile_photo_url: null,
    });
    const file = body.messages.find((one: { type: string }) => one.type === "image");
    expect(file.attachments[0].file_name).toBe("file.png");
    expect(await stored(id)).toHaveLength(1);
    const places = await Promise.all([storedIn(id), storedIn(chat), storedAt(ada), storedInDirectory()]);
    // Usernames have more than the word, which texts have.
    for (const place of places) expect(found(place, ada.username)).toEqual([]);
    for (const place of places) expect(found(place, `${word}"`)).toEqual([]);
    expect((await api(bob, "GET", `/search/messages?q=${text}`)).body.results).toHaveLength(1);
  });

  it("[R28 R31 ERASE-3] members hear it in ranges, one event for many messages, and hold what a fresh client holds", async () => {
    const backend = await serverToken("export");
    const [ada, bob] = await people("ada", "bob");
    const id = await group(ada, [bob]);
    for (let i = 0; i < 120; i++) {
      const said = await say(i % 4 === 0 ? bob : ada, id, `message ${i}`);
      if (i % 10 === 0) await api(ada, "POST", `/messages/${said.message_id}/reactions`, { emoji: "👍" });
    }
    await api(bob, "PUT", `/conversations/${id}/read`, {});
    const followers = [await Follower.start(bob, id, "user"), await Follower.start(bob, id, "conversation")];
    const known = await freshState(bob, id);
    const socket = await connectTo(bob, id);
    const job = await finished(backend, await erase(backend, ada), ada);
    expect(job.certificate.totals).toMatchObject({ messages: 90, reactions: 12 });
    const events = () => socket.events.filter(({ type }) => String(type) === "messages.deleted");
    await eventually(async () => expect(events().length).toBeGreaterThan(0));
    expect(events().length).toBeLessThan(6);
    expect(socket.events.map(({ type }) => type)).not.toContain("message.deleted");
    await eventually(async () => {
      const fresh = view(await freshState(bob, id));
      for (const follower of followers) {
        follower.catchUp();
        await follower.sync();
        follower.catchUp();
        expect(view(follower.state)).toEqual(fresh);
      }
    });
    const late = await Follower.start(bob, id, "user");
    late.state = known;
    await late.sync();
    await eventually(async () => {
      late.catchUp();
      expect(view(late.state)).toEqual(view(await freshState(bob, id)));
    });
    socket.close();
  });

  it("[R28 ERASE-4] sockets close, the same identity is refused for good, and nobody can begin anything with them", async () => {
    const backend = await serverToken("export users conversations");
    const [ada, bob] = await people("ada", "bob");
    const id = await group(ada, [bob]);
    const sockets = [await connect(ada), await connectTo(ada, id)];
    const job_id = await erase(backend, ada);
    for (const socket of sockets) expect((await socket.closed).code).toBe(4012);
    expectError(await api(ada, "GET", "/users/me"), "USER_DEACTIVATED");
    await finished(backend, job_id, ada);
    const again = {
      ...ada,
      token: await sign({ sub: ada.user_id, username: "back", display_name: "I am back" }),
    };
    expectError(await api(again, "GET", "/users/me"), "USER_DEACTIVATED");
    expectError(await api(bob, "POST", "/conversations/direct", { user_id: ada.user_id }), "NOT_FOUND");
    expectError(await api(backend, "PUT", `/server/users/${ada.user_id}`, { display_name: "x" }), "CONFLICT");
    expectError(await api(backend, "POST", `/server/users/${ada.user_id}/reactivate`), "CONFLICT");
    const add = { user_ids: [ada.user_id] };
    expectError(await api(bob, "POST", `/conversations/${id}/participants`, add), "NOT_FOUND");
    expect((await api(bob, "GET", `/users/${ada.user_id}`)).body).toMatchObject({
      display_name: "Deleted user",
    });
    const { body } = await api(bob, "GET", `/conversations/${id}`);
    expect(body.participants).toMatchObject([{ user_id: bob.user_id, is_owner: true }]);
  });

  it("[R28 ERASE-5] twice is the same job; the other way is 409; nobody is 404", async () => {
    const backend = await serverToken("export");
    const ada = await person("ada");
    const job_id = await erase(backend, ada);
    expect(await erase(backend, ada)).toBe(job_id);
    const other = { messages: "anonymise" };
    expectError(await api(backend, "POST", `/server/users/${ada.user_id}/erase`, other), "CONFLICT");
    await finished(backend, job_id, ada);
    expect(await erase(backend, ada)).toBe(job_id);
    expectError(await api(backend, "POST", `/server/users/${ada.user_id}/erase`, other), "CONFLICT");
    expectError(await api(backend, "POST", `/server/users/${ada.user_id}/export`), "CONFLICT");
    const nobody = crypto.randomUUID();
    expectError(
      await api(backend, "POST", `/server/users/${nobody}/erase`, { messages: "erase" }),
      "NOT_FOUND",
    );
    const users = await serverToken("users");
    expectError(await api(users, "POST", `/server/users/${ada.user_id}/erase`, other), "FORBIDDEN");
    await letTimePass(ada);
    const { results } = await env.DB.prepare("SELECT 1 FROM jobs WHERE subject = ?")
      .bind(`${ada.user_id} erase`)
      .all();
    expect(results).toHaveLength(1);
  });
});
