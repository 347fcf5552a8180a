/** `history: all`: who joins sees what was said before, and none of it is unread (rule 10). */
import { afterEach, describe, expect, it } from "vitest";
import { befriend } from "../worker/kit.ts";
import {
  api,
  bothSockets,
  cast,
  closeSockets,
  connect,
  fetched,
  group,
  history,
  item,
  type Person,
  refusal,
  search,
  text,
} from "./kit.ts";

/** A group where something was said before carl joined, and said about it since. */
async function stage(setting: "joined" | "all") {
  const [ann, bob, carl] = await cast("ann", "bob", "carl");
  const id = await group(ann, [bob]);
  if (setting === "all") await api(ann, "PUT", `/conversations/${id}`, { settings: { history: "all" } });
  const word = `before${crypto.randomUUID().slice(0, 8)}`;
  const first = await text(ann, id, `${word} one`);
  const hidden = await text(bob, id, `${word} two`);
  await api(ann, "PUT", `/messages/${first.message_id}/pin`);
  await api(ann, "POST", `/conversations/${id}/participants`, { user_id: carl.user_id });
  return { ann, bob, carl, id, word, first, hidden };
}

const contents = async (who: Person, id: string) =>
  (await history(who, id)).filter(({ type }) => type === "text").map(({ content }) => content);

afterEach(closeSockets);

describe("an open history", () => {
  it("[R10 HISTORY-1] all: read, found, listed, quoted, pinned, and nothing of it unread; joined: none of it", async () => {
    for (const setting of ["all", "joined"] as const) {
      const { ann, carl, id, word, first } = await stage(setting);
      const isOpen = setting === "all";
      expect(await contents(carl, id)).toEqual(isOpen ? [`${word} two`, `${word} one`] : []);
      expect(await item(carl, id)).toMatchObject({ unread_count: 0, unread_mentions: 0 });
      expect((await search(carl, word)).length).toBe(isOpen ? 2 : 0);
      const { body: pins } = await api(carl, "GET", `/conversations/${id}/pins`);
      expect(pins.messages).toHaveLength(isOpen ? 1 : 0);
      if (isOpen) expect(await fetched(carl, first)).toMatchObject({ content: `${word} one` });
      else await refusal(api(carl, "GET", `/messages/${first.message_id}`), "NOT_FOUND");
      const quote = await text(ann, id, "a quote", { reply_to_message_id: first.message_id });
      const seen = await fetched(carl, quote);
      expect(seen.reply_to?.content).toBe(isOpen ? `${word} one` : "");
      expect(await item(carl, id)).toMatchObject({ unread_count: 1 });
      const reply = await api(carl, "POST", `/conversations/${id}/messages`, {
        type: "text",
        content: "and I",
        reply_to_message_id: first.message_id,
      });
      expect(reply.status).toBe(isOpen ? 201 : 404);
    }
  });

  it("[R10 HISTORY-2] changes of what was said before are heard whole, on both sockets, in a resume and in /sync", async () => {
    for (const setting of ["all", "joined"] as const) {
      const { ann, carl, id, word, first, hidden } = await stage(setting);
      const isOpen = setting === "all";
      const sockets = await bothSockets(carl, id);
      const { body: before } = await api(carl, "GET", "/sync");
      await api(ann, "PUT", `/messages/${first.message_id}`, { content: `${word} edited` });
      for (const socket of sockets) {
        const event = await socket.heard("message.edited");
        expect(event).toMatchObject({ data: { content: isOpen ? `${word} edited` : "" } });
      }
      const resumed = await connect(carl);
      await resumed.ask({ type: "sync", conversations: { [id]: 0 } });
      const frames = resumed.all("conversation.sync").flatMap(({ data }) => data.messages);
      expect(frames.some(({ content }) => content === `${word} edited`)).toBe(isOpen);
      const { body: after } = await api(carl, "GET", `/sync?since=${before.next_token}`);
      const synced = after.conversations.flatMap(
        (one: { changes: { messages: object[] } }) => one.changes.messages,
      );
      expect(synced.some((one: { content?: string }) => one.content === `${word} edited`)).toBe(isOpen);
      // What carl hides is hidden, however open the history is.
      if (!isOpen) continue;
      expect((await api(carl, "DELETE", `/messages/${hidden.message_id}`)).status).toBe(204);
      expect(await contents(carl, id)).toEqual([`${word} edited`]);
      await refusal(api(carl, "GET", `/messages/${hidden.message_id}`), "NOT_FOUND");
    }
  });

  it("[R10 HISTORY-3] a change holds for who joins later; who comes back sees what was said while they were out", async () => {
    const { ann, bob, carl, id, word } = await stage("all");
    const [dora] = await cast("dora");
    await api(ann, "PUT", `/conversations/${id}`, { settings: { history: "joined" } });
    await api(ann, "POST", `/conversations/${id}/participants`, { user_id: dora.user_id });
    expect(await contents(dora, id)).toEqual([]);
    expect(await contents(carl, id)).toHaveLength(2);
    await api(ann, "PUT", `/conversations/${id}`, { settings: { history: "all" } });
    expect(await contents(dora, id)).toEqual([]);
    await befriend(bob, ann);
    await api(bob, "DELETE", `/conversations/${id}`);
    await text(ann, id, `${word} while out`);
    await api(ann, "POST", `/conversations/${id}/participants`, { user_id: bob.user_id });
    expect(await contents(bob, id)).toEqual([`${word} while out`, `${word} two`, `${word} one`]);
    expect(await item(bob, id)).toMatchObject({ unread_count: 0 });
    await refusal(api(bob, "PUT", `/conversations/${id}`, { settings: { history: "all" } }), "FORBIDDEN");
    await refusal(
      api(ann, "PUT", `/conversations/${id}`, { settings: { history: "some" } }),
      "VALIDATION_ERROR",
    );
  });
});
