/** Rules 12, 13 and 16: editing. */

import { MessageEdits } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import {
  api,
  body,
  bothSockets,
  cast,
  direct,
  group,
  history,
  item,
  type Person,
  refusal,
  search,
  TIME,
  text,
} from "./kit.ts";

const edit = (who: Person, message: { message_id: string }, content: string) =>
  api(who, "PUT", `/messages/${message.message_id}`, { content });
const versions = async (who: Person, message: { message_id: string }) =>
  MessageEdits.parse(await body(api(who, "GET", `/messages/${message.message_id}/edits`), 200));
const erase = (who: Person, message: { message_id: string }) =>
  api(who, "DELETE", `/messages/${message.message_id}?delete_for_everyone=true`);

describe("editing", () => {
  it("[R16] the sender alone edits, a manager neither; earlier versions are there for members, oldest first", async () => {
    const [ann, bob, eve] = await cast("ann", "bob", "eve");
    const id = await group(ann, [bob]);
    const sent = await text(bob, id, "one");
    await refusal(edit(ann, sent, "mine"), "FORBIDDEN");
    for (const content of ["two", "two", "three"]) await body(edit(bob, sent, content), 200);
    const { message_id, edits } = await versions(ann, sent);
    expect(message_id).toBe(sent.message_id);
    expect(edits.map((version) => version.content)).toEqual(["one", "two", "three"]);
    expect(edits).toMatchObject([
      { created_at: sent.created_at },
      { created_at: TIME },
      { created_at: TIME },
    ]);
    await refusal(api(eve, "GET", `/messages/${sent.message_id}/edits`), "FORBIDDEN");
    expect(await item(ann, id)).toMatchObject({ last_message: { content: "three" }, unread_count: 1 });
    expect([await search(ann, "three"), await search(ann, "one")]).toEqual([["three"], []]);
  });

  it("[R13 R16] content obeys the limits of sending; the refused edit leaves no version", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const sent = await text(ann, await direct(ann, bob), "as it was");
    await refusal(edit(ann, sent, "x".repeat(4097)), "MESSAGE_TOO_LONG");
    for (const content of ["", " \n", "a\0b", "\ud800"])
      await refusal(edit(ann, sent, content), "VALIDATION_ERROR");
    expect((await versions(ann, sent)).edits).toHaveLength(1);
    await body(edit(ann, sent, "😀".repeat(4096)), 200);
  });

  it("[R12 R16] a retry of the original after an edit gets the edited message, over REST and both sockets; other content is a conflict", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const id = await direct(ann, bob);
    const data = {
      type: "text",
      content: "original",
      client_message_id: "one",
      metadata: { mentions: ["@x"] },
    };
    const send = (some: object) => api(ann, "POST", `/conversations/${id}/messages`, some);
    const sent = await body<{ message_id: string }>(send(data), 201);
    await body(edit(ann, sent, "edited"), 200);
    await body(edit(ann, sent, "edited twice"), 200);
    const now = { message_id: sent.message_id, content: "edited twice", is_edited: true };
    expect(await body(send(data), 200)).toMatchObject(now);
    await refusal(send({ ...data, content: "edited twice" }), "CONFLICT");
    for (const socket of await bothSockets(ann, id)) {
      const again = { type: "message.send", conversation_id: id, data };
      expect(await socket.ask(again)).toMatchObject({ type: "ack", data: now });
      const other = await socket.ask({ ...again, data: { ...data, content: "edited" } });
      expect(other).toMatchObject({ type: "error", code: "CONFLICT" });
    }
    await body(erase(ann, sent), 204);
    expect(await body(send(data), 200)).toMatchObject({
      message_id: sent.message_id,
      is_deleted: true,
      content: "",
    });
    expect(await history(bob, id)).toHaveLength(1);
  });

  it("[R16 R17] what is deleted cannot be edited, and its earlier versions are gone", async () => {
    const [ann, bob] = await cast("ann", "bob");
    const sent = await text(ann, await direct(ann, bob), "first words");
    await body(edit(ann, sent, "second words"), 200);
    await body(erase(ann, sent), 204);
    await refusal(edit(ann, sent, "third words"), "CONFLICT");
    for (const who of [ann, bob]) expect(JSON.stringify(await versions(who, sent))).not.toContain("words");
  });
});
