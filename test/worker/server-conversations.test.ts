import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { resumeJobs } from "../../src/jobs.ts";
import { expectError } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, connect, connectTo, direct, group, type Person, people, say, uniqueName } from "./kit.ts";
import { asUser, type Backend, serverToken } from "./server-kit.ts";

const create = (backend: Backend, body: object) => api(backend, "POST", "/server/conversations", body);
const ids = (...some: Person[]) => some.map(({ user_id }) => user_id);
const members = (body: { participants: { user_id: string }[] }) =>
  body.participants.map(({ user_id }) => user_id).sort();

describe("conversations made by a server", () => {
  it("[R28 SCONV-1] a group with an id of the app's own, settings, metadata and no owner; its members hear of it", async () => {
    const backend = await serverToken("conversations");
    const [ann, bob] = await people("ann", "bob");
    const socket = await connect(ann);
    const external_id = `order/${uniqueName("1")} #😀`;
    const body = {
      type: "group",
      participants: ids(ann, bob),
      external_id,
      name: "Order",
      metadata: { order: 1 },
      settings: { only_admins_can_send: false, who_can_pin: "everyone" },
    };
    const made = await create(backend, body);
    expect(made).toMatchObject({
      status: 201,
      body: {
        type: "group",
        name: "Order",
        external_id,
        metadata: { order: 1 },
        created_by: "00000000-0000-0000-0000-000000000000",
        settings: { who_can_pin: "everyone" },
      },
    });
    expect(members(made.body)).toEqual(ids(ann, bob).sort());
    expect(made.body.participants.map((one: { is_owner: boolean }) => one.is_owner)).toEqual([false, false]);
    const id = made.body.conversation_id;
    await socket.heard((e) => e.type === "conversation.created" && e.conversation_id === id);
    const note = await socket.heard((e) => e.type === "message.new" && e.conversation_id === id);
    expect(note).toMatchObject({
      data: { type: "system", content: "The group was created", sender: { username: "system" } },
    });
    const found = await api(
      backend,
      "GET",
      `/server/conversations/by-external-id/${encodeURIComponent(external_id)}`,
    );
    expect(found.body).toMatchObject({ conversation_id: id, external_id, metadata: { order: 1 } });
    const [item] = (await api(bob, "GET", "/conversations")).body.conversations;
    expect(item).toMatchObject({
      conversation_id: id,
      unread_count: 0,
      last_message: { sender_username: "system" },
    });
    socket.close();
  });

  it("[R28 SCONV-2] again it is the same; with other participants or another type it is 409", async () => {
    const backend = await serverToken("conversations");
    const [ann, bob, carl] = await people("ann", "bob", "carl");
    const external_id = uniqueName("order");
    const body = { type: "group", participants: ids(ann, bob), external_id };
    const first = await create(backend, body);
    const again = await create(backend, { ...body, participants: ids(bob, ann, bob), name: "Another name" });
    expect(again).toMatchObject({
      status: 200,
      body: { conversation_id: first.body.conversation_id, name: null },
    });
    // Who has joined or left since does not matter.
    await api(backend, "POST", `/server/conversations/${first.body.conversation_id}/participants`, {
      user_id: carl.user_id,
    });
    expect((await create(backend, body)).status).toBe(200);
    for (const other of [{ participants: ids(ann, bob, carl) }, { type: "direct" }]) {
      const refused = await create(backend, { ...body, ...other });
      expectError(refused, "CONFLICT");
      expect(refused.body.details).toEqual({ existing_id: first.body.conversation_id });
    }
    expectError(
      await api(backend, "GET", `/server/conversations/by-external-id/${uniqueName("none")}`),
      "CONVERSATION_NOT_FOUND",
    );
  });

  it("[R28 SCONV-3] fifty at once make one", async () => {
    const backend = await serverToken("conversations");
    const [ann, bob] = await people("ann", "bob");
    for (const type of ["group", "direct"]) {
      const body = { type, participants: ids(ann, bob), external_id: uniqueName("order") };
      const all = await Promise.all(Array.from({ length: 50 }, () => create(backend, body)));
      expect(all.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(new Set(all.map((one) => one.body.conversation_id)).size).toBe(1);
    }
    const { body } = await api(ann, "GET", "/conversations");
    expect(body.total).toBe(2);
  });

  it("[R28 SCONV-4] a direct one is that of the pair, whoever made it", async () => {
    const backend = await serverToken("conversations");
    const [ann, bob, carl] = await people("ann", "bob", "carl");
    const id = await direct(ann, bob);
    const made = await create(backend, {
      type: "direct",
      participants: ids(bob, ann),
      external_id: uniqueName("o"),
    });
    expect(made).toMatchObject({ status: 200, body: { conversation_id: id } });
    for (const body of [
      { type: "direct", participants: ids(ann) },
      { type: "direct", participants: ids(ann, ann) },
      { type: "direct", participants: ids(ann, bob, carl) },
      { type: "direct", participants: ids(ann, carl), name: "x" },
      { type: "direct", participants: ids(ann, carl), owner: ann.user_id },
      { type: "direct", participants: ids(ann, carl), settings: { only_admins_can_send: true } },
      { type: "group", participants: [] },
      { type: "channel", participants: ids(ann) },
      { type: "group", participants: ids(ann), external_id: "" },
      { type: "group", participants: ids(ann), external_id: "a\nb" },
    ]) {
      expectError(await create(backend, body), "VALIDATION_ERROR");
    }
    const nobody = crypto.randomUUID();
    const refused = await create(backend, { type: "group", participants: [ann.user_id, nobody] });
    expectError(refused, "NOT_FOUND");
    expect(refused.body.details).toEqual({ user_ids: [nobody] });
  });

  it("[R28 SCONV-5] with an owner it is theirs", async () => {
    const backend = await serverToken("conversations");
    const [ann, bob] = await people("ann", "bob");
    const { body } = await create(backend, {
      type: "group",
      participants: ids(bob),
      owner: ann.user_id,
      name: "Club",
    });
    expect(members(body)).toEqual(ids(ann, bob).sort());
    expect(body.created_by).toBe(ann.user_id);
    expect((await api(ann, "PUT", `/conversations/${body.conversation_id}`, { name: "New" })).status).toBe(
      200,
    );
  });

  it("[R28 SCONV-6] participants come and go whatever the roles say; an owner who is removed has an heir", async () => {
    const backend = await serverToken("conversations");
    const [ann, bob, carl] = await people("ann", "bob", "carl");
    const id = await group(ann, [bob]);
    const path = `/server/conversations/${id}/participants`;
    const socket = await connect(bob);
    const added = await api(backend, "POST", path, { user_ids: ids(carl, bob) });
    expect([added.status, members(added.body)]).toEqual([201, ids(ann, bob, carl).sort()]);
    expect((await api(backend, "POST", path, { user_id: carl.user_id })).status).toBe(200);
    await socket.heard((e) => e.type === "participant.added" && e.data.added_by.startsWith("00000000-"));
    await socket.heard((e) => e.type === "message.new" && e.data.content === "carl joined");
    const removed = await connectTo(ann, id);
    expect((await api(backend, "DELETE", `${path}/${ann.user_id}`)).status).toBe(204);
    expect((await removed.closed).code).toBe(4011);
    await socket.heard((e) => e.type === "participant.updated" && e.data.participants[0]?.is_owner === true);
    expectError(await api(ann, "GET", `/conversations/${id}`), "FORBIDDEN");
    expectError(await api(backend, "DELETE", `${path}/${ann.user_id}`), "NOT_FOUND");
    const pair = await direct(bob, carl);
    expectError(
      await api(backend, "POST", `/server/conversations/${pair}/participants`, { user_id: ann.user_id }),
      "VALIDATION_ERROR",
    );
    const nowhere = `${id.slice(0, 2)}${crypto.randomUUID().slice(2, 14)}8${id.slice(15)}`;
    expectError(
      await api(backend, "DELETE", `/server/conversations/${nowhere}/participants/${ann.user_id}`),
      "CONVERSATION_NOT_FOUND",
    );
    socket.close();
  });
});

describe("messages of a server", () => {
  it("[R28 SMSG-1] as a member: the same as theirs, once for each id; others are refused", async () => {
    const backend = await serverToken("messages");
    const [ann, bob, carl] = await people("ann", "bob", "carl");
    const id = await direct(ann, bob);
    const path = `/server/conversations/${id}/messages`;
    const body = {
      sender: ann.user_id,
      content: "hello",
      client_message_id: "1",
      metadata: { mentions: [`@${bob.username}`] },
    };
    const sent = await api(backend, "POST", path, body);
    expect(sent).toMatchObject({
      status: 201,
      body: { sender_id: ann.user_id, type: "text", mentions: [{ user_id: bob.user_id }] },
    });
    expect((await api(backend, "POST", path, body)).status).toBe(200);
    expectError(await api(backend, "POST", path, { ...body, content: "other" }), "CONFLICT");
    expect((await api(bob, "GET", "/conversations")).body.conversations[0]).toMatchObject({
      unread_count: 1,
    });
    expectError(await api(backend, "POST", path, { ...body, sender: carl.user_id }), "FORBIDDEN");
    expectError(await api(backend, "POST", path, { ...body, sender: crypto.randomUUID() }), "NOT_FOUND");
    for (const bad of [
      { content: "x" },
      { ...body, system: { event: "x" } },
      { sender: ann.user_id, content: " " },
    ]) {
      expectError(await api(backend, "POST", path, bad), "VALIDATION_ERROR");
    }
  });

  it("[R28 SMSG-2] as the system: never unread, with its note, once for each id; in direct chats counts stay right", async () => {
    const backend = await serverToken("messages");
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const path = `/server/conversations/${id}/messages`;
    const socket = await connect(bob);
    await say(ann, id, "one");
    const system = { event: "order.shipped", params: { order: 7, event: "x" } };
    const sent = await api(backend, "POST", path, {
      system,
      content: "It was shipped",
      client_message_id: "s1",
    });
    expect(sent).toMatchObject({
      status: 201,
      body: {
        type: "system",
        content: "It was shipped",
        sender: { username: "system", display_name: "System" },
        system: { event: "order.shipped", params: { order: 7, event: "x" } },
      },
    });
    expect(
      (await api(backend, "POST", path, { system, content: "It was shipped", client_message_id: "s1" }))
        .status,
    ).toBe(200);
    expectError(
      await api(backend, "POST", path, { system, content: "else", client_message_id: "s1" }),
      "CONFLICT",
    );
    await api(backend, "POST", path, { system: { event: "x" }, content: "another" });
    await say(bob, id, "two");
    await say(ann, id, "three");
    await api(backend, "POST", path, { system: { event: "x" }, content: "last" });
    const counts = async (who: Person) =>
      (await api(who, "GET", "/conversations")).body.conversations[0].unread_count;
    expect([await counts(ann), await counts(bob)]).toEqual([1, 2]);
    const { body } = await api(bob, "GET", `/conversations/${id}/messages`);
    const read = await api(bob, "PUT", `/conversations/${id}/read`, {
      up_to_message_id: body.messages[0].message_id,
    });
    expect(read.body).toMatchObject({ marked_read: 2, unread_count: 0 });
    expect(await counts(bob)).toBe(0);
    await socket.heard((e) => e.type === "message.new" && e.data.system?.event === "order.shipped");
    for (const bad of [
      { system: { event: "participant.removed" }, content: "x" },
      { system: { event: "A" }, content: "x" },
      { system: { event: "x" }, content: "" },
      { system: { event: "x" }, content: "x", type: "image" },
      { system: { event: "x" }, content: "x", reply_to_message_id: body.messages[0].message_id },
    ]) {
      expectError(await api(backend, "POST", path, bad), "VALIDATION_ERROR");
    }
    expectError(
      await api(backend, "POST", path, { system: { event: "x" }, content: "x".repeat(4097) }),
      "MESSAGE_TOO_LONG",
    );
    socket.close();
  });

  it("[R28 EVENT-2] an event of the app reaches who is connected, on every kind of socket, and is stored nowhere", async () => {
    const backend = await serverToken("messages");
    const [ann, bob, carl] = await people("ann", "bob", "carl");
    const id = await group(ann, [bob]);
    const sockets = [await connect(ann), await connectTo(bob, id), await connect(bob, "/ws?lean=1&batch=1")];
    const outside = await connect(carl);
    const { body: before } = await api(ann, "GET", `/conversations/${id}`);
    const sent = await api(backend, "POST", `/server/conversations/${id}/events`, {
      name: "courier",
      data: { at: [1, 2], sender_id: "x" },
    });
    expect(sent.status).toBe(204);
    for (const socket of sockets) {
      const event = await socket.heard((e) => String(e.type) === "custom.courier");
      expect(event).toEqual({
        type: "custom.courier",
        conversation_id: id,
        data: { at: [1, 2], sender_id: "x" },
      });
    }
    expect((await api(ann, "GET", `/conversations/${id}`)).body.seq).toBe(before.seq);
    expect(outside.events.map(({ type }) => String(type))).not.toContain("custom.courier");
    for (const socket of [...sockets, outside]) socket.close();
  });
});

describe("deleting a conversation", () => {
  /** Waits until a job has ended. */
  async function ended(backend: Backend, job_id: string) {
    return await vi.waitFor(async () => {
      const { body } = await api(backend, "GET", `/server/jobs/${job_id}`);
      expect(body.status).not.toBe("running");
      return body;
    }, 15_000);
  }

  it("[R28 SDEL-1] for everybody: sockets close with 4011, nothing is found any more, and nothing is stored", async () => {
    const backend = await serverToken("conversations messages");
    const [ann, bob] = await people("ann", "bob");
    const external_id = uniqueName("order");
    const body = { type: "direct", participants: ids(ann, bob), external_id };
    const id = (await create(backend, body)).body.conversation_id;
    const word = uniqueName("secretword");
    const said = await say(ann, id, `a ${word}`);
    await api(bob, "DELETE", `/messages/${said.message_id}`);
    await api(bob, "PATCH", `/conversations/${id}/preferences`, { is_pinned: true });
    const { body: synced } = await api(ann, "GET", "/sync");
    const sockets = [await connectTo(ann, id), await connectTo(bob, id)];
    const hub = await connect(bob);
    const { status, body: started } = await api(backend, "DELETE", `/server/conversations/${id}`);
    expect(status).toBe(202);
    for (const socket of sockets) expect((await socket.closed).code).toBe(4011);
    await hub.heard((e) => e.type === "participant.removed" && e.data.user_id === bob.user_id);
    expect(await ended(backend, started.job_id)).toEqual({
      job_id: started.job_id,
      status: "done",
      progress: 1,
    });
    expectError(await api(ann, "GET", `/conversations/${id}`), "CONVERSATION_NOT_FOUND");
    expectError(await api(ann, "GET", `/messages/${said.message_id}`), "NOT_FOUND");
    expect((await api(ann, "GET", "/conversations")).body.total).toBe(0);
    expect((await api(ann, "GET", `/search/messages?q=${word}`)).body.results).toEqual([]);
    const sync = await api(ann, "GET", `/sync?since=${synced.next_token}`);
    expect(sync.body.removed_conversation_ids).toEqual([id]);
    for (const table of [
      "messages",
      "hidden",
      "preferences",
      "external_conversations",
      "direct_pairs",
      "attachments",
    ]) {
      const { results } = await env.DB.prepare(`SELECT 1 FROM ${table} WHERE conversation_id = ?`)
        .bind(id)
        .all();
      expect([table, results]).toEqual([table, []]);
    }
    expectError(await api(backend, "DELETE", `/server/conversations/${id}`), "CONVERSATION_NOT_FOUND");
    const next = await create(backend, body);
    expect([next.status, next.body.conversation_id === id]).toEqual([201, false]);
    hub.close();
  });

  it("[R28 SDEL-2] a job that was interrupted goes on by the cron trigger, and is done once", async () => {
    const backend = await serverToken("conversations");
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    await say(ann, id, "hello");
    faults.r2Down = true;
    const { body } = await api(backend, "DELETE", `/server/conversations/${id}`).finally(() => {
      faults.r2Down = false;
    });
    await vi.waitFor(async () => {
      await resumeJobs(env, Date.now() + 120_000);
      expect((await api(backend, "GET", `/server/jobs/${body.job_id}`)).body).toMatchObject({
        status: "done",
      });
    }, 15_000);
    expectError(await api(ann, "GET", `/conversations/${id}`), "CONVERSATION_NOT_FOUND");
    expectError(await api(backend, "GET", `/server/jobs/${crypto.randomUUID()}`), "NOT_FOUND");
  });
});

describe("a server while D1 is down", () => {
  it("[R28 D1DOWN-2] it makes nothing (503), and goes on sending", async () => {
    const backend = await serverToken();
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    faults.d1Down = true;
    try {
      expectError(await create(backend, { type: "group", participants: ids(ann) }), "SERVICE_UNAVAILABLE");
      expectError(
        await api(backend, "PUT", `/server/users/${crypto.randomUUID()}`, {}),
        "SERVICE_UNAVAILABLE",
      );
      expectError(
        await api(backend, "POST", `/server/users/${ann.user_id}/deactivate`),
        "SERVICE_UNAVAILABLE",
      );
      expectError(await api(backend, "DELETE", `/server/conversations/${id}`), "SERVICE_UNAVAILABLE");
      const path = `/server/conversations/${id}/messages`;
      expect((await api(backend, "POST", path, { sender: ann.user_id, content: "as ann" })).status).toBe(201);
      expect(
        (await api(backend, "POST", path, { system: { event: "x" }, content: "as the system" })).status,
      ).toBe(201);
      const { body } = await asUser(backend, bob, "GET", `/conversations/${id}/messages?limit=2`);
      expect(body.messages.map((one: { content: string }) => one.content)).toEqual([
        "as the system",
        "as ann",
      ]);
    } finally {
      faults.d1Down = false;
    }
  });
});
