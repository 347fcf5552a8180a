/** Guide section 1, "Message Operations", and the errors of section 5. */

import { FetchedMessage, Message, MessagePage } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { api, body, cast, direct, fetched, history, refusal, summary, TIME, text, UUID } from "./kit.ts";

describe("message operations", () => {
  it("[GUIDE-1.5 R11 R12 R14] send a text: 201 with the guide's fields; again with the same id 200, and once", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const quoted = await text(bob, id, "the first");
    const asked = {
      type: "text",
      content: "Hello everyone!",
      reply_to_message_id: quoted.message_id,
      metadata: { mentions: [`@${bob.username}`, "@user2"] },
    };
    const headers = { "idempotency-key": "one" };
    const send = (status: number) =>
      body<Message>(api(ann, "POST", `/conversations/${id}/messages`, asked, headers), status);
    const sent = await send(201);
    expect(Message.parse(sent)).toEqual(sent);
    expect(sent).toMatchObject({
      message_id: UUID,
      conversation_id: id,
      sender_id: ann.user_id,
      type: "text",
      content: "Hello everyone!",
      created_at: TIME,
      status: "sent",
      sender: summary(ann),
      seq: quoted.seq + 1,
      metadata: asked.metadata,
      mentions: [{ user_id: bob.user_id, username: bob.username }],
      reply_to: {
        message_id: quoted.message_id,
        sender: summary(bob),
        type: "text",
        content: "the first",
        is_deleted: false,
      },
    });
    expect(await send(200)).toEqual(sent);
    expect(await history(bob, id)).toHaveLength(2);
  });

  it("[R13] only types with an attachment need one: an image without is INVALID_ATTACHMENT; system is the server's", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const send = (some: object) => api(ann, "POST", `/conversations/${id}/messages`, some);
    const attachment_id = crypto.randomUUID();
    await refusal(send({ type: "image", content: "Caption text", attachment_id }), "INVALID_ATTACHMENT");
    await refusal(send({ type: "image", content: "Caption text" }), "INVALID_ATTACHMENT");
    await refusal(send({ type: "system", content: "I am the server" }), "VALIDATION_ERROR");
    expect(await history(ann, id)).toEqual([]);
  });

  it("[GUIDE-1.7 R11 R18 R19 R25] get messages: the guide's fields, newest first, before_id exclusive, has_more", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const sent = [await text(ann, id, "1"), await text(ann, id, "Hello!"), await text(bob, id, "3")] as const;
    await api(bob, "POST", `/messages/${sent[1].message_id}/reactions`, { emoji: "👍" });
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: sent[2].message_id });
    const get = (query: string) =>
      body<MessagePage>(api(ann, "GET", `/conversations/${id}/messages?${query}`), 200);
    const page = await get(`before_id=${sent[2].message_id}&limit=1`);
    expect(MessagePage.parse(page)).toEqual(page);
    expect(page).toMatchObject({
      messages: [
        {
          message_id: sent[1].message_id,
          sender: summary(ann),
          type: "text",
          content: "Hello!",
          created_at: TIME,
          is_edited: false,
          reply_to: null,
          attachments: [],
          reactions: [{ emoji: "👍", user_id: bob.user_id, username: bob.username }],
          receipt_status: "read",
        },
      ],
      has_more: true,
    });
    const whole = await get("limit=50");
    expect(whole.messages.map((message) => message.content)).toEqual(["3", "Hello!", "1"]);
    expect(whole.has_more).toBe(false);
    await refusal(api(ann, "GET", `/conversations/${id}/messages?limit=0`), "VALIDATION_ERROR");
  });

  it("[GUIDE-3.6 R6 R19] GET /messages/:id: one message, as in a page; who fetched it has it", async () => {
    const [ann, bob, eve] = await cast("ann", "bob", "eve");
    const id = await direct(ann, bob);
    const sent = await text(ann, id, "Hello!");
    expect(await fetched(ann, sent)).toMatchObject({ status: "sent", receipt_status: "sent" });
    const one = await fetched(bob, sent);
    expect(FetchedMessage.parse(one)).toEqual(one);
    expect(one).toMatchObject({ message_id: sent.message_id, content: "Hello!", sender: summary(ann) });
    await expect
      .poll(() => fetched(ann, sent))
      .toMatchObject({ status: "delivered", receipt_status: "delivered" });
    await refusal(api(eve, "GET", `/messages/${sent.message_id}`), "FORBIDDEN");
    await refusal(api(bob, "GET", `/messages/${sent.message_id.slice(0, -4)}ffff`), "NOT_FOUND");
    await refusal(api(bob, "GET", `/messages/${crypto.randomUUID()}`), "NOT_FOUND");
  });

  it("[GUIDE-1.8 R16] edit: 200 with the guide's fields, seen by everybody", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const sent = await text(ann, id, "Message content");
    const edited = await body<Message>(
      api(ann, "PUT", `/messages/${sent.message_id}`, { content: "Updated message content" }),
      200,
    );
    expect(Message.parse(edited)).toEqual(edited);
    expect(edited).toMatchObject({
      message_id: sent.message_id,
      content: "Updated message content",
      is_edited: true,
      edited_at: TIME,
      seq: sent.seq,
      created_at: sent.created_at,
    });
    expect(await fetched(bob, sent)).toMatchObject({ content: "Updated message content", is_edited: true });
  });

  it("[GUIDE-1.9 R17] delete: 204 without a body; by default for oneself, with delete_for_everyone=true for all", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const [mine, ours] = [await text(ann, id, "mine"), await text(ann, id, "ours")];
    expect(await body(api(ann, "DELETE", `/messages/${mine.message_id}`), 204)).toBeUndefined();
    const everyone = `/messages/${ours.message_id}?delete_for_everyone=true`;
    expect(await body(api(ann, "DELETE", everyone), 204)).toBeUndefined();
    await body(api(ann, "DELETE", everyone), 204);
    expect((await history(ann, id)).map((message) => message.message_id)).toEqual([ours.message_id]);
    expect(await fetched(bob, mine)).toMatchObject({ content: "mine", is_deleted: false });
    expect(await fetched(bob, ours)).toMatchObject({ content: "", is_deleted: true });
    await refusal(
      api(ann, "DELETE", `/messages/${ours.message_id}?delete_for_everyone=yes`),
      "VALIDATION_ERROR",
    );
  });

  it("[GUIDE-5 R5 R6] errors: {code, message, details, request_id} with the guide's codes and statuses", async () => {
    const [ann, bob, eve] = await cast("ann", "bob", "eve");
    const id = await direct(ann, bob);
    const send = (who: typeof ann | undefined, to: string, content: string) =>
      api(who, "POST", `/conversations/${to}/messages`, { type: "text", content });
    const unknown = `${crypto.randomUUID().slice(0, 14)}8001-b3c4-000000000000`;
    await refusal(send(undefined, id, "x"), "UNAUTHORIZED");
    await refusal(send(eve, id, "x"), "FORBIDDEN");
    await refusal(send(ann, unknown, "x"), "CONVERSATION_NOT_FOUND");
    await refusal(send(ann, id, "x".repeat(4097)), "MESSAGE_TOO_LONG");
    const { body: invalid } = await send(ann, id, "");
    expect(invalid).toEqual({
      code: "VALIDATION_ERROR",
      message: expect.any(String),
      details: { issues: [{ path: "content", message: expect.any(String) }] },
      request_id: expect.any(String),
    });
  });
});
