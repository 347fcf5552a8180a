import { type Message, messageId, type SyncPage } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { moveClock, restoreClock } from "../fuzz/clock.ts";
import { hibernate } from "./checks.ts";
import { api, connect, group, type Person, people, say } from "./kit.ts";
import { verify } from "./state-kit.ts";

const HOUR_MS = 3_600_000;

afterEach(() => {
  restoreClock();
});

/** A group of three that has begun to talk. */
async function scene() {
  const [ann, bob, cat] = (await people("ann", "bob", "cat")) as [Person, Person, Person];
  const id = await group(ann, [bob, cat]);
  const said = [await say(ann, id, "one"), await say(bob, id, "two")] as Message[];
  return { ann, bob, cat, id, said, first: said[0] as Message };
}

describe("the server's clock jumps back an hour", () => {
  it("[CLOCK-1] messages stay in the order in which they were said, and pages follow it", async () => {
    const { ann, bob, id, said } = await scene();
    moveClock(-HOUR_MS);
    const later = [await say(ann, id, "three")] as Message[];
    await hibernate(id);
    later.push((await say(bob, id, "four")) as Message);
    // Times wait until the clock has come back to them, so they are in order too.
    const newest = said[1]?.created_at;
    expect(later.map((message) => message.created_at)).toEqual([newest, newest]);
    const { body } = await api(ann, "GET", `/conversations/${id}/messages`);
    const contents = body.messages.map((message: Message) => message.content);
    expect(contents).toEqual(["four", "three", "two", "one", "ann created the group"]);
    const page = await api(
      ann,
      "GET",
      `/conversations/${id}/messages?limit=2&before_id=${later[0]?.message_id}`,
    );
    expect(page.body.messages.map((message: Message) => message.content)).toEqual(["two", "one"]);
  });

  it("[CLOCK-2] everybody follows, resumes and is told the same as before", async () => {
    const { ann, bob, cat, id, said, first } = await scene();
    moveClock(-HOUR_MS);
    await verify(id, [ann, bob, cat], async () => {
      const third = (await say(ann, id, "three", { reply_to_message_id: first.message_id })) as Message;
      await api(ann, "PUT", `/messages/${first.message_id}`, { content: "one, edited" });
      await api(bob, "POST", `/messages/${third.message_id}/reactions`, { emoji: "👍" });
      await api(cat, "POST", `/messages/${third.message_id}/reactions`, { emoji: "👍" });
      await api(bob, "DELETE", `/messages/${said[1]?.message_id}?delete_for_everyone=true`);
      await api(cat, "PUT", `/conversations/${id}/read`, { up_to_message_id: third.message_id });
    });
    // Not beyond the end of the tokens, which closes sockets.
    moveClock(1.5 * HOUR_MS);
    await verify(id, [ann, bob, cat], () => say(cat, id, "four"));
  });

  it("[CLOCK-3] /sync and the socket's sync bring what was said after the jump, the socket's nothing else", async () => {
    const { ann, bob, id } = await scene();
    const { next_token } = (await api(bob, "GET", "/sync")).body as SyncPage;
    const socket = await connect(bob);
    moveClock(-HOUR_MS);
    const { seq } = (await say(ann, id, "three")) as Message;
    const page = (await api(bob, "GET", `/sync?since=${next_token}`)).body as SyncPage;
    const [changed] = page.conversations;
    // What was said since the last mark may come again.
    expect(changed?.changes).toMatchObject({ limited: false });
    expect(changed?.changes.messages.at(-1)).toMatchObject({ seq, content: "three" });
    expect(changed?.conversation).toMatchObject({ unread_count: 2, last_message: { content: "three" } });
    await socket.ask({ type: "sync", conversations: { [id]: seq - 1 } });
    const [sync] = socket.all("conversation.sync");
    expect(sync?.data.messages.map((message) => message.seq)).toEqual([seq]);
    expect((await api(bob, "GET", `/sync?since=${page.next_token}`)).body.conversations).toEqual([]);
  });

  it("[CLOCK-4] a retry is still a retry, and a read mark still only moves forward", async () => {
    const { ann, bob, id, said } = await scene();
    const once = (await say(ann, id, "three", { client_message_id: "x" })) as Message;
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: once.message_id });
    moveClock(-HOUR_MS);
    const again = (await say(ann, id, "three", { client_message_id: "x" })) as Message;
    expect(again.message_id).toBe(messageId(id, once.seq));
    const back = { up_to_message_id: said[0]?.message_id };
    const { body } = await api(bob, "PUT", `/conversations/${id}/read`, back);
    expect(body).toMatchObject({ marked_read: 0, unread_count: 0 });
  });
});
