/** Links in the attachments of messages that REST answers with. */
import { env } from "cloudflare:workers";
import type { Attachment, Message } from "@rocket-chat-api/protocol";
import { afterEach, expect, it, vi } from "vitest";
import { fetchBytes, PNG, pair, sendAttached, sendFile, upload } from "./attachments-kit.ts";
import { block, unblock } from "./block-kit.ts";
import { workerWith } from "./checks.ts";
import { api, connect, connectTo, type Person, people, person, say } from "./kit.ts";

afterEach(() => {
  vi.useRealTimers();
});

type Files = Pick<Message, "message_id" | "attachments">;

/** The bytes that a link leads to, without a token. */
async function behind({ signed_url }: Attachment): Promise<Uint8Array> {
  const { pathname, search } = new URL(signed_url ?? "");
  return (await fetchBytes(undefined, pathname + search)).bytes;
}

/** The attachments of a message in each answer of REST that may hold it. */
async function everywhere(
  who: Person,
  id: string,
  message_id: string,
): Promise<Record<string, Attachment[]>> {
  const get = async (path: string) => (await api(who, "GET", path)).body;
  const among = (messages: Files[] = []) =>
    messages.find((one) => one.message_id === message_id)?.attachments ?? [];
  const items: { changes: { conversation_id: string; messages: Files[] } }[] = (await get("/sync"))
    .conversations;
  return {
    one: (await get(`/messages/${message_id}`)).attachments ?? [],
    history: among((await get(`/conversations/${id}/messages`)).messages),
    around: among((await get(`/conversations/${id}/messages?around_id=${message_id}`)).messages),
    pins: among((await get(`/conversations/${id}/pins`)).messages),
    sync: among(items.find(({ changes }) => changes.conversation_id === id)?.changes.messages),
  };
}

/** A picture that ann has sent and pinned in a group with bob. */
async function pictured() {
  const { ann, bob, id } = await pair();
  const sent = await sendFile(ann, id);
  await api(ann, "PUT", `/messages/${sent.message_id}/pin`);
  return { ann, bob, id, ...sent };
}

it("[R26 LINK-13] each answer of REST has a link in each attachment, and they are the same one", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Math.ceil(Date.now() / 300_000) * 300_000 });
  const { ann, bob, id } = await pair();
  const attachment_ids = [await upload(ann, id, PNG), await upload(ann, id, PNG)];
  const body = { attachment_ids, client_message_id: "c" };
  const sent = await sendAttached(ann, id, body);
  const again = await sendAttached(ann, id, body);
  const pinned = await api(ann, "PUT", `/messages/${sent.body.message_id}/pin`);
  const found = await everywhere(bob, id, sent.body.message_id);
  const links = (attachments: Attachment[]) => attachments.map((one) => one.signed_url);
  const expected = links(sent.body.attachments);
  expect(new Set(expected).size).toBe(2);
  for (const attachments of [again.body.attachments, pinned.body.attachments, ...Object.values(found)])
    expect(links(attachments)).toEqual(expected);
  for (const attachment of found.history ?? []) {
    expect(await behind(attachment)).toEqual(PNG.bytes);
    const { attachment_id, signed_url, signed_url_expires_at } = attachment;
    const asked = await api(bob, "GET", `/attachments/${attachment_id}/link`);
    expect(asked.body).toEqual({ attachment_id, signed_url, signed_url_expires_at });
  }
});

it("[R26 LINK-14] events have none: nothing is signed in the conversation's turn", async () => {
  const { ann, bob, id } = await pair();
  const sockets = [await connect(bob), await connectTo(bob, id)];
  const { message_id } = await sendFile(ann, id);
  sockets.push(await connectTo(bob, id, "?since=0"));
  for (const socket of sockets) {
    const shown = await vi.waitFor(() => {
      const messages = socket.events.flatMap((event) => {
        if (event.type === "conversation.sync") return event.data.messages;
        return event.type === "message.new" ? [event.data] : [];
      });
      return messages.find((one) => one.message_id === message_id)?.attachments ?? expect.unreachable();
    });
    expect(shown).toEqual([expect.objectContaining({ etag: expect.any(String) })]);
    expect(shown[0]).not.toHaveProperty("signed_url");
    socket.close();
  }
});

it("[R6 R17 R26 LINK-15] who may not see a message gets no link to its files", async () => {
  const { ann, bob, id, message_id } = await pictured();
  const none = (found: Record<string, Attachment[]>) => Object.values(found).flat();
  expect(none(await everywhere(bob, id, message_id))).toHaveLength(5);
  // Who joined later, who has blocked the sender, who deleted it for themselves, and everybody once it is deleted.
  const late = await person("late");
  await api(ann, "POST", `/conversations/${id}/participants`, { user_id: late.user_id });
  expect(none(await everywhere(late, id, message_id))).toEqual([]);
  expect((await block(bob, ann)).status).toBe(200);
  await expect.poll(async () => none(await everywhere(bob, id, message_id))).toEqual([]);
  await unblock(bob, ann);
  await expect.poll(async () => none(await everywhere(bob, id, message_id)).length).toBe(5);
  await api(bob, "DELETE", `/messages/${message_id}`);
  expect(none(await everywhere(bob, id, message_id))).toEqual([]);
  await api(ann, "DELETE", `/messages/${message_id}?delete_for_everyone=true`);
  expect(none(await everywhere(ann, id, message_id))).toEqual([]);
});

it("[R26 LINK-16] where attachments are not configured, messages are shown without links", async () => {
  const { bob, id, message_id } = await pictured();
  const fetchWithout = workerWith({ JWT_SECRET: env.JWT_SECRET ?? "", R2_SECRET_ACCESS_KEY: "" });
  const headers = { authorization: `Bearer ${bob.token}` };
  const page = await (await fetchWithout(`/api/v1/conversations/${id}/messages`, { headers })).json<{
    messages: Files[];
  }>();
  const attachments = page.messages.find((one) => one.message_id === message_id)?.attachments ?? [];
  expect(attachments).toEqual([expect.objectContaining({ type: "image" })]);
  expect(attachments[0]).not.toHaveProperty("signed_url");
});

it("[R26 LINK-17] a page without attachments signs nothing", async () => {
  const [ann, bob] = await people("ann", "bob");
  const { body } = await api(ann, "POST", "/conversations/direct", { user_id: bob.user_id });
  await say(ann, body.conversation_id, "Hello");
  const sign = vi.spyOn(crypto.subtle, "sign");
  try {
    await api(bob, "GET", `/conversations/${body.conversation_id}/messages`);
    expect(sign).not.toHaveBeenCalled();
    const id = await pictured();
    sign.mockClear();
    await api(id.bob, "GET", `/conversations/${id.id}/messages`);
    expect(sign).toHaveBeenCalledTimes(1);
  } finally {
    sign.mockRestore();
  }
});
