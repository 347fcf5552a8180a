import { afterEach, describe, expect, it } from "vitest";
import { PNG, sendAttached, upload } from "./attachments-kit.ts";
import { expectError, sendCommand } from "./checks.ts";
import { moderator, notedIn, notedOf, notesOf, putFilter, takeFiltersAway, words } from "./filters-kit.ts";
import { api, connect, connectTo, direct, group, people, person, say, sign } from "./kit.ts";
import { phoneOf, screen } from "./push-kit.ts";
import { find } from "./search-kit.ts";
import { asUser, serverToken } from "./server-kit.ts";
import { usageOf } from "./usage.ts";

afterEach(takeFiltersAway);

describe("filters in a conversation", () => {
  it("[FILTER-1] what a filter rejects is not sent, over REST and both sockets, and leaves nothing", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const before = (await say(ann, id, "before")).seq;
    await words("swears", "reject", "grumpf");
    const refused = await api(ann, "POST", `/conversations/${id}/messages`, {
      content: "Oh GRÜMPF!",
      type: "text",
    });
    expectError(refused, "CONTENT_REJECTED");
    expect(refused.body.details).toEqual({ filter: "swears", field: "content" });
    for (const socket of [await connect(ann), await connectTo(ann, id)]) {
      const answer = await socket.ask(sendCommand(id, "gru\u00admpf"));
      expect(answer).toMatchObject({
        type: "error",
        code: "CONTENT_REJECTED",
        details: { filter: "swears" },
      });
    }
    expect((await say(ann, id, "grumpfy is another word")).seq).toBe(before + 1);
    expect(await notesOf(id)).toEqual([]);
  });

  it("[FILTER-2] a masked text has stars wherever it is read, and its original only in the note", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const socket = await connect(bob);
    await words("mild", "mask", "flibber");
    const sent = await say(ann, id, `zaphod 👩‍👩‍👧 "Flïbber" @${bob.username}`, {
      metadata: { mentions: [`@${bob.username}`] },
    });
    const masked = `zaphod 👩‍👩‍👧 "*******" @${bob.username}`;
    expect(sent).toMatchObject({ content: masked, mentions: [{ user_id: bob.user_id }] });
    const event = await socket.heard("message.new");
    expect(event).toMatchObject({ data: { content: masked, mentions: [{ user_id: bob.user_id }] } });
    const { body } = await api(bob, "GET", `/messages/${sent.message_id}`);
    expect(body.content).toBe(masked);
    expect(await find(bob, "zaphod")).toEqual([masked]);
    expect(await find(bob, "flibber")).toEqual([]);
    expect(await notesOf(id)).toEqual([
      {
        action: "filter.mask",
        actor_id: null,
        target_id: ann.user_id,
        conversation_id: id,
        message_id: sent.message_id,
        details: { filter: "mild", field: "content", original: `zaphod 👩‍👩‍👧 "Flïbber" @${bob.username}` },
      },
    ]);
  });

  it("[FILTER-3] a push of a masked message shows the stars", async () => {
    const [ann, bob] = await people("ann", "bob");
    const phone = await phoneOf(bob);
    await words("mild", "mask", "snorkle");
    const id = await direct(ann, bob);
    await say(ann, id, "you snorkle");
    await expect
      .poll(async () => (await screen(phone)).shown.map(({ body }) => body))
      .toEqual(["you *******"]);
  });

  it("[R12 FILTER-4] a retry of a masked message is the same message, also when the filter is gone; other content is a conflict", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    await words("mild", "mask", "blorp");
    const send = async (content: string) =>
      await api(ann, "POST", `/conversations/${id}/messages`, {
        type: "text",
        content,
        client_message_id: "once",
      });
    const first = await send("a blorp b");
    expect([first.status, first.body.content]).toEqual([201, "a ***** b"]);
    const again = await send("a blorp b");
    expect([again.status, again.body.message_id]).toEqual([200, first.body.message_id]);
    // What was stored is not what was sent.
    expectError(await send("a ***** b"), "CONFLICT");
    await takeFiltersAway();
    expect((await send("a blorp b")).status).toBe(200);
    expectError(await send("a blurp b"), "CONFLICT");
    await api(ann, "PUT", `/messages/${first.body.message_id}`, { content: "edited" });
    expect((await send("a blorp b")).status).toBe(200);
    expectError(await send("edited"), "CONFLICT");
    expect(await notedIn(id)).toHaveLength(1);
  });

  it("[R12 FILTER-5] a retry of what a later filter rejects returns the first message", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const said = await say(ann, id, "quux", { client_message_id: "early" });
    await words("late", "reject", "quux");
    const again = await say(ann, id, "quux", { client_message_id: "early" });
    expect(again.message_id).toBe(said.message_id);
  });

  it("[R16 FILTER-6] an edit is held against filters; versions and its event have the stars", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const socket = await connectTo(bob, id);
    await words("no", "reject", "wibble");
    await words("mild", "mask", "wobble");
    const { message_id } = await say(ann, id, "hello");
    const edit = async (content: string) => await api(ann, "PUT", `/messages/${message_id}`, { content });
    expectError(await edit("wibble"), "CONTENT_REJECTED");
    expect((await edit("a wobble")).body.content).toBe("a ******");
    expect(await socket.heard("message.edited")).toMatchObject({ data: { content: "a ******" } });
    // The same text again changes nothing.
    const same = await edit("a wobble");
    expect(same.status).toBe(200);
    await edit("bye");
    const { body } = await api(bob, "GET", `/messages/${message_id}/edits`);
    expect(body.edits.map(({ content }: { content: string }) => content)).toEqual([
      "hello",
      "a ******",
      "bye",
    ]);
    expect(await notedIn(id)).toEqual([["filter.mask", "mild", "content", "a wobble"]]);
  });

  it("[FILTER-7] a flagged text stays as it is and is noted; with a mask both are noted; a rejection wins over both", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    await words("look-1", "flag", "zonk", "zork");
    await words("look-2", "flag", "zonk");
    await words("stars", "mask", "zork");
    await words("never", "reject", "zilch");
    expect((await say(ann, id, "zonk")).content).toBe("zonk");
    expect((await say(ann, id, "zork zonk")).content).toBe("**** zonk");
    expect((await say(ann, id, "zork zonk zilch")).code).toBe("CONTENT_REJECTED");
    expect(await notedIn(id)).toEqual([
      ["filter.flag", "look-1 look-2", "content", "zonk"],
      ["filter.mask", "stars", "content", "zork zonk"],
      ["filter.flag", "look-1 look-2", "content", "zork zonk"],
    ]);
  });

  it("[FILTER-35] what is flagged waits in the queue with the text: messages, groups and people", async () => {
    const [ann, bob] = await people("ann", "bob");
    const app = await serverToken();
    await words("look", "flag", "squornshellous");
    const id = await group(ann, [bob], "Squornshellous");
    const { message_id } = await say(ann, id, "on squornshellous");
    const name = { display_name: "Squornshellous Zeta" };
    // Repeating it changes no profile, and notes nothing.
    for (let i = 0; i < 2; i++) await api(app, "PUT", `/server/users/${bob.user_id}`, name);
    const items = async () => {
      const { body } = await api(app, "GET", "/server/moderation/queue?limit=100");
      const ids = [message_id, id, bob.user_id];
      type Item = { target: { id: string }; user_id: string; flags: { details: object }[] };
      return ids.map((target) => {
        const item: Item | undefined = body.items.find((one: Item) => one.target.id === target);
        return (
          item && { ...item.target, user_id: item.user_id, flags: item.flags.map(({ details }) => details) }
        );
      });
    };
    const flag = (field: string, original: string) => ({ filter: "look", field, original });
    await expect.poll(items).toEqual([
      {
        type: "message",
        id: message_id,
        user_id: ann.user_id,
        flags: [flag("content", "on squornshellous")],
      },
      { type: "conversation", id, user_id: ann.user_id, flags: [flag("name", "Squornshellous")] },
      {
        ...{ type: "user", id: bob.user_id, user_id: bob.user_id },
        flags: [flag("display_name", "Squornshellous Zeta")],
      },
    ]);
  });

  it("[R26 FILTER-8] names of files and captions are filtered", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    await words("stars", "mask", "gribbit");
    const attachment_id = await upload(ann, id, { ...PNG, file_name: "my gribbit.png" });
    const { body } = await sendAttached(ann, id, { attachment_id, content: "a gribbit" });
    expect(body).toMatchObject({ content: "a *******", attachments: [{ file_name: "my *******.png" }] });
    const { body: read } = await api(bob, "GET", `/messages/${body.message_id}`);
    expect(read.attachments[0].file_name).toBe("my *******.png");
    expect(await notedIn(id)).toEqual([
      ["filter.mask", "stars", "content", "a gribbit"],
      ["filter.mask", "stars", "file_name", "my gribbit.png"],
    ]);
    const late = await upload(ann, id, { ...PNG, file_name: "plugh.png" });
    await words("no", "reject", "plugh");
    const early = {
      conversation_id: id,
      file_name: "plugh.png",
      file_size: 9,
      mime_type: "image/png",
      attachment_type: "image",
    };
    expectError(await api(ann, "POST", "/messages/attachments/upload-url", early), "CONTENT_REJECTED");
    const refused = await sendAttached(ann, id, { attachment_id: late });
    expectError(refused, "CONTENT_REJECTED");
    expect(refused.body.details).toEqual({ filter: "no", field: "file_name" });
  });

  it("[R8 FILTER-9] names and descriptions of groups are filtered when they are made and changed", async () => {
    const [ann, bob] = await people("ann", "bob");
    const create = async (name: string, description: string) =>
      await api(ann, "POST", "/conversations/group", { name, description, participant_ids: [bob.user_id] });
    await words("no", "reject", "vogon");
    await words("stars", "mask", "krikkit");
    expectError(await create("Vogon", "x"), "CONTENT_REJECTED");
    expectError(await create("x", "by vogon"), "CONTENT_REJECTED");
    const { body } = await create("Krikkit", "for Krikkit");
    expect(body).toMatchObject({ name: "*******", description: "for *******" });
    const id = body.conversation_id;
    const change = async (patch: object) => await api(ann, "PUT", `/conversations/${id}`, patch);
    expectError(await change({ name: "vogon" }), "CONTENT_REJECTED");
    expect((await change({ description: "no krikkit" })).body.description).toBe("no *******");
    expect((await change({ name: "Fine", description: null })).body).toMatchObject({
      name: "Fine",
      description: null,
    });
    expect(await notedIn(id)).toEqual([
      ["filter.mask", "stars", "name", "Krikkit"],
      ["filter.mask", "stars", "description", "for Krikkit"],
      ["filter.mask", "stars", "description", "no krikkit"],
    ]);
    expect((await notesOf(id)).map(({ target_id, message_id }) => [target_id, message_id])).toEqual(
      Array.from({ length: 3 }, () => [ann.user_id, null]),
    );
  });

  it("[R28 FILTER-10] the app itself may write anything; what it writes in a user's name is filtered", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const app = await serverToken();
    await words("no", "reject", "frood");
    const system = { content: "frood", system: { event: "app.says" } };
    const said = await api(app, "POST", `/server/conversations/${id}/messages`, system);
    expect([said.status, said.body.content]).toEqual([201, "frood"]);
    const renamed = await api(app, "PUT", `/server/conversations/${id}`, { name: "frood" });
    expect(renamed.body.name).toBe("frood");
    const sent = { sender: ann.user_id, content: "frood" };
    expectError(await api(app, "POST", `/server/conversations/${id}/messages`, sent), "CONTENT_REJECTED");
    const acted = await asUser(app, ann, "POST", `/conversations/${id}/messages`, {
      type: "text",
      content: "frood",
    });
    expectError(acted, "CONTENT_REJECTED");
  });

  it("[R3 FILTER-11] display names: a user and a server are refused, a token is masked", async () => {
    const ann = await person("ann");
    const app = await serverToken();
    await words("no", "reject", "blagulon");
    await words("stars", "mask", "kappa");
    expectError(await api(ann, "PATCH", "/users/me", { display_name: "Blagulon" }), "CONTENT_REJECTED");
    expect((await api(ann, "PATCH", "/users/me", { display_name: "Kappa K" })).body.display_name).toBe(
      "***** K",
    );
    const put = await api(app, "PUT", `/server/users/${ann.user_id}`, { display_name: "blagulon" });
    expectError(put, "CONTENT_REJECTED");
    expect(put.body.details).toEqual({ filter: "no", field: "display_name", user_id: ann.user_id });
    const [one, other] = [crypto.randomUUID(), crypto.randomUUID()];
    const users = [
      { user_id: one, display_name: "Fine" },
      { user_id: other, display_name: "blagulon" },
    ];
    expectError(await api(app, "POST", "/server/users/batch", { users }), "CONTENT_REJECTED");
    expectError(await api(ann, "GET", `/users/${one}`), "NOT_FOUND");
    const token = await sign({
      sub: one,
      username: `u${one.slice(0, 8)}`,
      display_name: "The Blagulon Kappa",
    });
    const { body } = await api({ user_id: one, username: "", token }, "GET", "/users/me");
    expect(body.display_name).toBe("The ******** *****");
    expect(await notedOf(ann)).toEqual([["filter.mask", "stars", "display_name", "Kappa K"]]);
    const fresh = { user_id: one, username: "", token };
    expect(await notedOf(fresh)).toEqual([["filter.mask", "no stars", "display_name", "The Blagulon Kappa"]]);
    // Stars begin words that other tests look for.
    for (const who of [ann, fresh]) await api(who, "PATCH", "/users/me", { display_name: "Plain" });
  });

  it("[FILTER-12] domains are found with their subdomains, however they are written", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    await putFilter("sites", {
      type: "domains",
      action: "mask",
      entries: ["evil.example", "Bücher.example"],
    });
    const shown = async (content: string) => (await say(ann, id, content)).content;
    expect(await shown("see https://www.EVIL.example./x?y")).toBe("see https://****************./x?y");
    expect(await shown("evil。example, xn--bcher-kva.example")).toBe("************, *********************");
    expect(await shown("evil.example.org notevil.example")).toBe("evil.example.org notevil.example");
  });

  it("[FILTER-13] names of filters, entries and limits", async () => {
    const backend = await moderator();
    const ann = await person("ann");
    const at = "/server/moderation/filters";
    const created = await words("first", "flag", "Foo Bar", "foo");
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      name: "first",
      type: "words",
      match: "whole_word",
      action: "flag",
      entry_count: 2,
      entries: ["Foo Bar", "foo"],
    });
    const replaced = await putFilter("first", {
      type: "words",
      match: "anywhere",
      action: "mask",
      entries: ["baz"],
    });
    expect([replaced.status, replaced.body.created_at]).toEqual([200, created.body.created_at]);
    expect((await api(backend, "GET", `${at}/first`)).body.entries).toEqual(["baz"]);
    const { body } = await api(backend, "GET", at);
    expect(body.filters).toEqual([
      expect.objectContaining({ name: "first", entry_count: 1, action: "mask" }),
    ]);
    expect(body.filters[0].entries).toBeUndefined();
    const nothing = await words("second", "flag", "fine", "\u200b\u00ad");
    expectError(nothing, "VALIDATION_ERROR");
    expect(nothing.body.details.issues).toEqual([{ path: "entries.1", message: "shows nothing" }]);
    expectError(
      await putFilter("second", { type: "domains", action: "flag", entries: ["no name"] }),
      "VALIDATION_ERROR",
    );
    expectError(
      await putFilter("second", { type: "domains", match: "anywhere", action: "flag", entries: ["a.b"] }),
      "VALIDATION_ERROR",
    );
    for (let i = 1; i < 25; i++) expect((await words(`n${i}`, "flag", `word${i}`)).status).toBe(201);
    const full = await words("n25", "flag", "x");
    expectError(full, "LIMIT_REACHED");
    expect(full.body.details).toEqual({ limit: "filters", max: 25 });
    expect((await words("n1", "mask", "y")).status).toBe(200);
    expect((await api(backend, "DELETE", `${at}/n1`)).status).toBe(204);
    expect((await api(backend, "DELETE", `${at}/n1`)).status).toBe(204);
    expectError(await api(backend, "GET", `${at}/n1`), "NOT_FOUND");
    for (const who of [ann, await serverToken("messages users conversations")])
      expectError(await api(who, "GET", at), "FORBIDDEN");
  });

  it("[FILTER-34] a message that no filter matches writes as many rows as without filters; a note is one more", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    await say(ann, id, "warm");
    const written = async (content: string) =>
      (await usageOf(id, async () => void (await say(ann, id, content)))).object_rows_written;
    const without = await written("plain");
    await words("mild", "flag", "wumpus");
    expect(await written("plain too")).toBe(without);
    expect(await written("a wumpus")).toBeGreaterThan(without);
  });

  it("[FILTER-14] 10,000 entries fit into one filter, and too many characters into none", async () => {
    const entries = Array.from({ length: 10_000 }, (_, i) => `w${i}-${"x".repeat(20)}`);
    expect((await words("large", "flag", ...entries)).body.entry_count).toBe(10_000);
    expectError(await words("larger", "flag", ...entries, "one more"), "VALIDATION_ERROR");
    const long = (n: number) => Array.from({ length: n }, (_, i) => `${i}`.padEnd(100, "x"));
    expect((await words("larger", "flag", ...long(7_300))).status).toBe(201);
    const over = await words("over", "flag", ...long(300));
    expectError(over, "LIMIT_REACHED");
    expect(over.body.details).toEqual({ limit: "characters", max: 1_000_000 });
    expectError(await words("over", "flag", "x".repeat(101)), "VALIDATION_ERROR");
    expectError(await words("over", "flag", "y".repeat(1024 * 1024)), "PAYLOAD_TOO_LARGE");
  });
});
