import { describe, expect, it } from "vitest";
import { expectError } from "./checks.ts";
import { api, connect, direct, group, people } from "./kit.ts";
import { serverToken } from "./server-kit.ts";

describe("metadata of the app", () => {
  it("[R28 META-1] of a conversation: shown to members, changed by servers and admins, without a message in the history", async () => {
    const backend = await serverToken("conversations");
    const [ann, bob, eve] = await people("ann", "bob", "eve");
    const id = await group(ann, [bob]);
    const lean = await connect(bob, "/ws?lean=1");
    expect((await api(bob, "GET", `/conversations/${id}`)).body.metadata).toBeNull();
    const path = `/server/conversations/${id}`;
    const { body } = await api(backend, "PUT", path, { metadata: { order: 1, deep: [{ a: null }] } });
    expect(body).toMatchObject({ metadata: { order: 1, deep: [{ a: null }] }, external_id: null });
    const event = await lean.heard("conversation.updated");
    expect(event).toMatchObject({
      data: { metadata: { order: 1 }, updated_by: "00000000-0000-0000-0000-000000000000" },
    });
    const history = async () => (await api(bob, "GET", `/conversations/${id}/messages`)).body.messages.length;
    const before = await history();
    expect((await api(ann, "PUT", `/conversations/${id}`, { metadata: { order: 2 } })).body.metadata).toEqual(
      { order: 2 },
    );
    expect(await history()).toBe(before);
    expect((await api(bob, "GET", `/conversations/${id}`)).body.metadata).toEqual({ order: 2 });
    expectError(await api(bob, "PUT", `/conversations/${id}`, { metadata: {} }), "FORBIDDEN");
    expectError(await api(eve, "GET", `/conversations/${id}`), "FORBIDDEN");
    await api(backend, "PUT", path, { name: "Renamed" });
    await lean.heard(
      (e) => e.type === "message.new" && e.data.content === "The app changed the name to Renamed",
    );
    expect((await api(backend, "PUT", path, { metadata: null })).body.metadata).toBeNull();
    lean.close();
  });

  it("[R28 META-2] of a direct one: by servers alone", async () => {
    const backend = await serverToken("conversations");
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    expectError(await api(ann, "PUT", `/conversations/${id}`, { metadata: {} }), "FORBIDDEN");
    const { body } = await api(backend, "PUT", `/server/conversations/${id}`, { metadata: { a: 1 } });
    expect(body.metadata).toEqual({ a: 1 });
    expect((await api(bob, "GET", `/conversations/${id}`)).body.metadata).toEqual({ a: 1 });
  });

  it("[R28 META-3] of a user: shown to who shares a conversation, and to themselves", async () => {
    const backend = await serverToken("users");
    const [ann, bob, eve] = await people("ann", "bob", "eve");
    await direct(ann, bob);
    await api(backend, "PUT", `/server/users/${ann.user_id}`, { metadata: { tier: "gold" } });
    const seen = async (who: typeof ann) => (await api(who, "GET", `/users/${ann.user_id}`)).body.metadata;
    expect([await seen(bob), await seen(eve), await seen(ann)]).toEqual([
      { tier: "gold" },
      null,
      { tier: "gold" },
    ]);
    expect((await api(ann, "GET", "/users/me")).body.metadata).toEqual({ tier: "gold" });
  });
});
