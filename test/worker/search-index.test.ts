import { env } from "cloudflare:workers";
import { newConversationId } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { openDirectory } from "../../src/directory/database.ts";
import { clearMessages, project } from "../../src/directory/projection.ts";
import { mergeSegments } from "../../src/directory/search/search-index.ts";
import { hears, sendCommand } from "./checks.ts";
import { api, connectTo, conversationObject, type Person, people, person, say } from "./kit.ts";
import { ask, find, flushOf, indexed, pair } from "./search-kit.ts";

describe("the search index", () => {
  it("[SEARCH-21] a flush may be applied twice, and an older one late", async () => {
    const ann = await person("ann");
    const id = newConversationId();
    const db = openDirectory(env.DB);
    const first = flushOf(id, ann, [
      { seq: 2, changed_seq: 2, content: "alpha" },
      { seq: 3, changed_seq: 3, content: "gamma" },
    ]);
    const edited = flushOf(id, ann, [{ seq: 2, changed_seq: 4, content: "beta" }]);
    const deleted = flushOf(id, ann, [{ seq: 2, changed_seq: 5, content: "", deleted_at: 5 }]);
    for (const flush of [first, first, edited, first, edited]) await project(db, flush);
    expect([await indexed(id, "alpha"), await indexed(id, "beta"), await indexed(id, "gamma")]).toEqual([
      0, 1, 1,
    ]);
    expect(await find(ann, "beta")).toEqual(["beta"]);
    for (const flush of [deleted, deleted, edited, first]) await project(db, flush);
    expect([await indexed(id, "alpha"), await indexed(id, "beta"), await indexed(id, "gamma")]).toEqual([
      0, 0, 1,
    ]);
    expect(await find(ann, "gamma")).toEqual(["gamma"]);
  });

  it("[SEARCH-22] it can be thrown away and is written again from zero", async () => {
    const { ann, id } = await pair();
    for (let n = 0; n < 12; n++) await say(ann, id, `phoenix ${n}`);
    const before = (await ask(ann, "phoenix")).body;
    expect(before.total).toBe(12);
    await conversationObject(id).rebuildProjection();
    expect((await ask(ann, "phoenix")).body).toEqual(before);
    await env.DB.prepare("INSERT INTO search_index (search_index) VALUES ('delete-all')").run();
    expect(await find(ann, "phoenix")).toEqual([]);
    await conversationObject(id).rebuildProjection();
    expect((await ask(ann, "phoenix")).body).toEqual(before);
  });

  it("[SEARCH-27] what was said before a lost directory was written again is still the newest", async () => {
    const { ann, id } = await pair();
    for (let n = 0; n < 5; n++) await say(ann, id, `comet ${n}`);
    await clearMessages(openDirectory(env.DB), id);
    expect(await find(ann, "comet")).toEqual([]);
    await say(ann, id, "comet 5");
    await conversationObject(id).rebuildProjection();
    expect(await find(ann, "comet", { limit: "2" })).toEqual(["comet 5", "comet 4"]);
    const { results } = await env.DB.prepare("SELECT seq FROM messages WHERE conversation_id = ? ORDER BY id")
      .bind(id)
      .all<{ seq: number }>();
    expect(results.map(({ seq }) => seq)).toEqual(results.map(({ seq }) => seq).toSorted((a, b) => a - b));
  });

  it("[SEARCH-23] a flush of the longest messages is taken, and two conversations whose ids begin alike stay apart", async () => {
    const [ann, bob] = (await people("ann", "bob")) as [Person, Person];
    const [id, twin] = ["0123abcd-77de-8a01-b3c4-000000000000", "0123abcd-77de-8a01-b3c5-000000000000"];
    const db = openDirectory(env.DB);
    const texts = Array.from({ length: 100 }, (_, n) => ({
      seq: n + 2,
      changed_seq: n + 2,
      content: `${"天地玄黄".repeat(1023)}宇宙${n}`,
    }));
    await project(db, flushOf(id, ann, texts));
    await project(db, flushOf(twin, bob, [{ seq: 2, changed_seq: 2, content: "宇宙7" }]));
    expect((await ask(ann, "黄宇宙")).body.total).toBe(100);
    expect((await ask(ann, "宇宙 7", { limit: "100" })).body.total).toBe(11);
    expect(await find(bob, "宇宙7")).toEqual(["宇宙7"]);
  });

  it("[SEARCH-24] merging its segments changes no answer", async () => {
    const { ann, id } = await pair();
    for (let n = 0; n < 8; n++) await say(ann, id, `segment ${n}`);
    const before = (await ask(ann, "segment")).body;
    const segments = () =>
      env.DB.prepare("SELECT count(DISTINCT segid) AS n FROM search_index_idx").first<{ n: number }>();
    const parts = (await segments())?.n ?? 0;
    expect(parts).toBeGreaterThan(2);
    expect(await mergeSegments(openDirectory(env.DB))).toBe(true);
    // One, and what conversations of other tests may have written since.
    expect((await segments())?.n).toBeLessThan(parts - 1);
    expect(before.total).toBe(8);
    expect((await ask(ann, "segment")).body).toEqual(before);
  });

  it("[SEARCH-25] what everybody says is counted up to a limit, and its newest are found all the same", async () => {
    const ann = await person("ann");
    const db = openDirectory(env.DB);
    const ids = [newConversationId(), newConversationId()] as const;
    for (const id of ids) {
      const texts = Array.from({ length: 501 }, (_, n) => ({
        seq: n + 2,
        changed_seq: n + 2,
        content: `tea ${n}`,
      }));
      await project(db, flushOf(id, ann, texts));
    }
    const { body } = await ask(ann, "tea", { limit: "3" });
    expect({ total: body.total, exact: body.total_is_exact }).toEqual({ total: 100, exact: false });
    const contents = body.results.map((result: { content: string }) => result.content);
    expect(contents).toEqual(["tea 500", "tea 500", "tea 499"]);
    const next = await ask(ann, "tea", { limit: "2", cursor: body.next_cursor });
    expect(next.body.results.map((result: { content: string }) => result.content)).toEqual([
      "tea 499",
      "tea 498",
    ]);
    const one = await ask(ann, "tea", { conversation_id: ids[0] });
    expect({ total: one.body.total, exact: one.body.total_is_exact }).toEqual({ total: 100, exact: false });
    const rare = await ask(ann, "tea 50", { limit: "3" });
    expect({ total: rare.body.total, exact: rare.body.total_is_exact }).toEqual({ total: 4, exact: true });
  });

  it("[SEARCH-26] messages stand in the order in which they were said, also one that was edited at once", async () => {
    const { ann, id } = await pair();
    const socket = await connectTo(ann, id);
    const [first] = await Promise.all(
      ["first", "second"].map((content) => {
        socket.raw(JSON.stringify(sendCommand(id, content)));
        return hears(socket, content);
      }),
    );
    await api(ann, "PUT", `/messages/${first?.data.message_id}`, { content: "the first" });
    const { results } = await env.DB.prepare(
      "SELECT content FROM messages WHERE conversation_id = ? AND type = 'text' ORDER BY id",
    )
      .bind(id)
      .all();
    expect(results).toEqual([{ content: "the first" }, { content: "second" }]);
  });
});
