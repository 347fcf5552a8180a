/** Pinned messages: who may, what is shown, and that nothing of them is left behind. */
import type { FetchedMessage, Message } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import {
  api,
  body,
  bothSockets,
  cast,
  direct,
  fetched,
  group,
  history,
  type Person,
  refusal,
  TIME,
  text,
} from "./kit.ts";

const pinPath = ({ message_id }: Pick<Message, "message_id">) => `/messages/${message_id}/pin`;
const pin = (who: Person, message: Pick<Message, "message_id">) => api(who, "PUT", pinPath(message));
const unpin = (who: Person, message: Pick<Message, "message_id">) => api(who, "DELETE", pinPath(message));
const NOT_PINNED = { is_pinned: false, pinned_at: null, pinned_by: null };

/** A page of pins. */
async function pins(who: Person, id: string, query = "") {
  const page = await body<{ messages: FetchedMessage[]; next_cursor: string | null }>(
    api(who, "GET", `/conversations/${id}/pins${query}`),
    200,
  );
  return { ...page, contents: page.messages.map((message) => message.content) };
}

/** A group whose owner has pinned a message. */
async function pinned() {
  const [ann, bob, cid] = await cast("ann", "bob", "cid");
  const id = await group(ann, [bob, cid]);
  const message = await text(bob, id, "the address");
  await body(pin(ann, message), 200);
  return { ann, bob, cid, id, message };
}

describe("pins", () => {
  it("[PIN-1] a pin is on the message, in the list, in history, and told in the history", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    const message = await text(bob, id, "the address");
    expect(message).toMatchObject(NOT_PINNED);
    const shown = { is_pinned: true, pinned_at: TIME, pinned_by: ann.user_id };
    expect(await body(pin(ann, message), 200)).toMatchObject({ ...shown, changed_seq: message.seq + 1 });
    expect(await fetched(bob, message)).toMatchObject(shown);
    expect((await pins(bob, id)).messages).toEqual([await fetched(bob, message)]);
    const [note, said] = await history(bob, id);
    expect(said).toMatchObject({ message_id: message.message_id, ...shown });
    expect(note).toMatchObject({
      type: "system",
      content: `${note?.sender.display_name} pinned a message`,
      system: { event: "message.pinned", actor_id: ann.user_id, message_id: message.message_id },
    });
  });

  it("[PIN-2] both sockets hear message.updated with what has changed, in the order of the numbers", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const message = await text(ann, id, "the address");
    const sockets = await bothSockets(bob, id);
    await body(pin(bob, message), 200);
    await body(unpin(ann, message), 204);
    for (const socket of sockets) {
      const pinning = await socket.heard("message.updated");
      expect(pinning).toMatchObject({
        conversation_id: id,
        seq: message.seq + 1,
        data: {
          message_id: message.message_id,
          changed_seq: message.seq + 1,
          patch: { is_pinned: true, pinned_at: TIME, pinned_by: bob.user_id },
        },
      });
      await expect.poll(() => socket.all("message.updated").length).toBe(2);
      expect(socket.all("message.updated")[1]?.data).toEqual({
        message_id: message.message_id,
        changed_seq: message.seq + 3,
        patch: NOT_PINNED,
      });
    }
    expect(await fetched(bob, message)).toMatchObject(NOT_PINNED);
  });

  it("[PIN-3] pinning what is pinned and unpinning what is not changes nothing, whoever does it", async () => {
    const { ann, bob, id, message } = await pinned();
    const before = await fetched(bob, message);
    await body(api(ann, "PATCH", `/conversations/${id}/participants/${bob.user_id}`, { role: "admin" }), 200);
    const [newest] = await history(ann, id);
    expect(await body(pin(bob, message), 200)).toMatchObject({ pinned_by: ann.user_id });
    expect(await fetched(bob, message)).toEqual(before);
    const other = await text(bob, id, "something else");
    await body(unpin(bob, other), 204);
    expect(other.seq).toBe((newest?.seq ?? 0) + 1);
    expect((await fetched(ann, other)).changed_seq).toBe(other.seq);
  });

  it("[PIN-4] in a group admins pin, or everybody by a setting; in a direct chat both", async () => {
    const { ann, bob, id, message } = await pinned();
    for (const socket of await bothSockets(bob, id)) {
      for (const type of ["message.pin", "message.unpin"]) {
        const answer = await socket.ask({ type, message_id: message.message_id });
        expect(answer).toMatchObject({ type: "error", code: "FORBIDDEN" });
      }
    }
    await refusal(pin(bob, message), "FORBIDDEN");
    await refusal(unpin(bob, message), "FORBIDDEN");
    const settings = { who_can_pin: "everyone" };
    await refusal(api(bob, "PUT", `/conversations/${id}`, { settings }), "FORBIDDEN");
    const changed = await body(api(ann, "PUT", `/conversations/${id}`, { settings }), 200);
    expect(changed).toMatchObject({ settings: { who_can_pin: "everyone", only_admins_can_send: false } });
    await body(unpin(bob, message), 204);
    for (const socket of await bothSockets(bob, id)) {
      for (const type of ["message.pin", "message.unpin"]) {
        const answer = await socket.ask({ type, message_id: message.message_id });
        expect(answer).toMatchObject({ type: "ack" });
      }
    }
    const chat = await direct(ann, bob);
    const said = await text(ann, chat, "between us");
    await body(pin(bob, said), 200);
    expect(await body(api(bob, "GET", `/conversations/${chat}`), 200)).toMatchObject({
      settings: { who_can_pin: "everyone" },
    });
    const admins = { settings: { who_can_pin: "admins" } };
    await refusal(api(bob, "PUT", `/conversations/${chat}`, admins), "VALIDATION_ERROR");
  });

  it("[PIN-5] what cannot be pinned: a deleted message, a system message, one from elsewhere, one that is not there", async () => {
    const { ann, bob, id, message } = await pinned();
    const gone = await text(bob, id, "gone");
    await body(api(bob, "DELETE", `/messages/${gone.message_id}?delete_for_everyone=true`), 204);
    await refusal(pin(ann, gone), "CONFLICT");
    const [note] = (await history(ann, id)).filter((one) => one.type === "system");
    await refusal(pin(ann, note as Message), "VALIDATION_ERROR");
    await refusal(pin(ann, { message_id: message.message_id.replace(/.{4}$/, "ffff") }), "NOT_FOUND");
    const mine = await text(ann, id, "hidden");
    await body(api(ann, "DELETE", `/messages/${mine.message_id}`), 204);
    await refusal(pin(ann, mine), "NOT_FOUND");
    await refusal(unpin(ann, mine), "NOT_FOUND");
  });

  it("[PIN-6] the newest pin is first, and a cursor goes on where the page ended", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const said: Message[] = [];
    for (const content of ["one", "two", "three", "four", "five"]) said.push(await text(ann, id, content));
    const order = ["three", "one", "five", "two", "four"];
    for (const content of order) {
      await body(pin(bob, said.find((message) => message.content === content) as Message), 200);
    }
    expect((await pins(ann, id)).contents).toEqual(order.toReversed());
    const first = await pins(ann, id, "?limit=2");
    expect(first.contents).toEqual(["four", "two"]);
    const second = await pins(ann, id, `?limit=2&cursor=${first.next_cursor}`);
    expect(second.contents).toEqual(["five", "one"]);
    const third = await pins(ann, id, `?limit=2&cursor=${second.next_cursor}`);
    expect(third).toMatchObject({ contents: ["three"], next_cursor: null });
    for (const query of ["?cursor=x", "?cursor=-1", "?limit=0", "?limit=101", "?cursor=1e3"]) {
      await refusal(api(ann, "GET", `/conversations/${id}/pins${query}`), "VALIDATION_ERROR");
    }
  });

  it("[PIN-7] at most 100; one that goes makes place for another", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const said = await Promise.all(Array.from({ length: 101 }, (_, i) => text(ann, id, `${i}`)));
    const [first, second, ...others] = said as [Message, Message, ...Message[]];
    for (const message of [first, ...others]) await body(pin(ann, message), 200);
    await refusal(pin(ann, second), "LIMIT_REACHED");
    expect(await fetched(ann, second)).toMatchObject(NOT_PINNED);
    expect(await body(pin(bob, first), 200)).toMatchObject({ is_pinned: true });
    await body(api(ann, "DELETE", `/messages/${first.message_id}?delete_for_everyone=true`), 204);
    await body(pin(ann, second), 200);
    expect((await pins(ann, id, "?limit=1")).contents).toEqual([second.content]);
  });

  it("[PIN-13] pins that no member can see any more give way: the one who pinned left, and the others came later", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await group(ann, [bob]);
    await body(api(ann, "DELETE", `/conversations/${id}/participants/${bob.user_id}`), 204);
    const said = await Promise.all(Array.from({ length: 100 }, (_, i) => text(ann, id, `${i}`)));
    for (const message of said) await body(pin(ann, message), 200);
    await body(api(ann, "POST", `/conversations/${id}/participants`, { user_id: bob.user_id }), 201);
    await body(api(ann, "PATCH", `/conversations/${id}/participants/${bob.user_id}`, { role: "admin" }), 200);
    const later = await text(bob, id, "later");
    await refusal(pin(bob, later), "LIMIT_REACHED");
    await body(api(ann, "DELETE", `/conversations/${id}`), 204);
    expect((await pins(bob, id)).contents).toEqual([]);
    await body(pin(bob, later), 200);
    expect((await pins(bob, id)).contents).toEqual(["later"]);
  });

  it("[PIN-8] a deletion takes the pin along: for everyone, and for oneself from one's own list", async () => {
    const { ann, bob, cid, id, message } = await pinned();
    await body(api(cid, "DELETE", `/messages/${message.message_id}`), 204);
    expect((await pins(cid, id)).contents).toEqual([]);
    expect((await pins(bob, id)).contents).toEqual(["the address"]);
    await body(api(bob, "DELETE", `/messages/${message.message_id}?delete_for_everyone=true`), 204);
    for (const who of [ann, bob]) expect((await pins(who, id)).contents).toEqual([]);
    expect(await fetched(ann, message)).toMatchObject({ is_deleted: true, ...NOT_PINNED });
    await body(unpin(ann, message), 204);
  });

  it("[PIN-9 R6] who joined later sees no older pin, and hears of it by number only", async () => {
    const { ann, bob, id, message } = await pinned();
    const [eve] = await cast("eve");
    await body(api(ann, "POST", `/conversations/${id}/participants`, { user_id: eve.user_id }), 201);
    expect((await pins(eve, id)).contents).toEqual([]);
    const sockets = await bothSockets(eve, id);
    await body(unpin(ann, message), 204);
    for (const socket of sockets) {
      expect(await socket.heard("message.updated")).toMatchObject({ data: { patch: {} } });
      expect(socket.all("message.updated")[0]?.data.patch).toEqual({});
    }
    const later = await text(bob, id, "later");
    await body(pin(ann, later), 200);
    expect((await pins(eve, id)).contents).toEqual(["later"]);
    await refusal(pin(eve, message), "NOT_FOUND");
  });

  it("[PIN-10 R21] a resume and /sync bring pins to a client that was away", async () => {
    const { ann, bob, id, message } = await pinned();
    const sync = await body<{ next_token: string }>(api(bob, "GET", "/sync"), 200);
    const since = (await history(bob, id))[0]?.seq ?? 0;
    await body(unpin(ann, message), 204);
    await body(pin(ann, message), 200);
    const changed = { message_id: message.message_id, is_pinned: true, pinned_by: ann.user_id };
    for (const socket of await bothSockets(bob, id)) {
      await socket.ask({ type: "sync", conversations: { [id]: since } });
      const [synced] = socket.all("conversation.sync");
      expect(synced?.data.messages.filter((one) => one.seq === message.seq)).toMatchObject([changed]);
    }
    await expect
      .poll(async () => {
        const page = await body<{ conversations: { changes: { messages: Message[] } }[] }>(
          api(bob, "GET", `/sync?since=${sync.next_token}`),
          200,
        );
        return page.conversations.flatMap(({ changes }) => changes.messages);
      })
      .toEqual(expect.arrayContaining([expect.objectContaining(changed)]));
  });
});
