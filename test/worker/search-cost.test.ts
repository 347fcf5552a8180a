import { env } from "cloudflare:workers";
import { newConversationId } from "@rocket-chat-api/protocol";
import { describe, expect, it } from "vitest";
import { openDirectory } from "../../src/directory/database.ts";
import { project } from "../../src/directory/projection.ts";
import { MAX_SCANNED } from "../../src/directory/search/search-page.ts";
import { type Person, person } from "./kit.ts";
import { ask, flushOf } from "./search-kit.ts";
import { usageOf, WORKER } from "./usage.ts";

/** Puts messages into the directory, oldest first, as a conversation of one member would. @returns its id. */
async function said(who: Person, contents: string[]): Promise<string> {
  const id = newConversationId();
  const texts = contents.map((content, i) => ({ seq: i + 2, changed_seq: i + 2, content }));
  await project(openDirectory(env.DB), flushOf(id, who, texts));
  return id;
}

const times = (count: number, content: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => content(i));

/** Rows that D1 reads for a search, and the answer. */
async function cost(who: Person, q: string, filters: Record<string, string> = {}) {
  let answer: Awaited<ReturnType<typeof ask>> | undefined;
  const usage = await usageOf(WORKER, async () => {
    answer = await ask(who, q, filters);
  });
  return { rows: usage.d1_rows_read, ...answer?.body };
}

/** All results of a search, page by page. */
async function everything(who: Person, q: string, filters: Record<string, string> = {}) {
  const contents: string[] = [];
  const rows: number[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page = await cost(who, q, { ...filters, cursor });
    contents.push(...page.results.map((result: { content: string }) => result.content));
    rows.push(page.rows);
    cursor = page.next_cursor;
    expect(rows.length).toBeLessThan(50);
  }
  return { contents, rows };
}

/** What a search for a common word costs where little else is said. */
async function ordinary(): Promise<number> {
  const who = await person("ordinary");
  await said(
    who,
    times(200, (i) => `hello number ${i}`),
  );
  return (await cost(who, "hello")).rows;
}

describe("what a search costs", () => {
  it("[R24 SEARCH-35] is no more than ten times an ordinary one, whatever was said and is looked for", async () => {
    const usual = await ordinary();
    const texts = ["中".repeat(4096), "a-".repeat(2048), "中文".repeat(2048), "hello ".repeat(600)];
    const searches = ["中".repeat(256), "a-".repeat(128), "中文".repeat(128), "中", "hello", "h e l l o"];
    const who = await person("costly");
    for (const text of texts)
      await said(
        who,
        times(100, (i) => `${text.slice(0, 4090)} ${i}`),
      );
    for (const q of searches) {
      for (const limit of ["20", "100"]) {
        const { rows } = await cost(who, q, { limit });
        expect([q, limit, rows]).toSatisfy(([, , read]: [string, string, number]) => read <= 10 * usual);
      }
    }
  });

  it("[R24 SEARCH-36] filters that leave out most of what is found stop early, and the pages go on", async () => {
    const usual = await ordinary();
    const who = await person("filtering");
    const id = await said(
      who,
      times(5 * MAX_SCANNED, (i) => `tea ${i}`),
    );
    const nobody = crypto.randomUUID();
    const none = await everything(who, "tea", { sender_id: nobody });
    expect(none.contents).toEqual([]);
    expect(none.rows).toHaveLength(6);
    for (const rows of none.rows) expect(rows).toBeLessThan(10 * usual);
    const first = await cost(who, "tea", { sender_id: nobody });
    expect(first).toMatchObject({ total: 0, total_is_exact: false, next_cursor: expect.any(String) });
    // The one message of another, which is the oldest.
    await env.DB.prepare("UPDATE messages SET sender_id = ? WHERE conversation_id = ? AND seq = 2")
      .bind(nobody, id)
      .run();
    expect((await everything(who, "tea", { sender_id: nobody })).contents).toEqual(["tea 0"]);
    expect(await cost(who, "tea 7", { sender_id: who.user_id, limit: "100" })).toMatchObject({
      total: 100,
      total_is_exact: false,
    });
  });

  it("[R24 SEARCH-36] so do very many messages that one has deleted for oneself", async () => {
    const usual = await ordinary();
    const who = await person("hiding");
    const id = await said(
      who,
      times(3 * MAX_SCANNED, (i) => `tea ${i}`),
    );
    await env.DB.prepare(
      "INSERT INTO hidden (user_id, conversation_id, seq) SELECT ?, conversation_id, seq FROM messages WHERE conversation_id = ? AND seq > 3",
    )
      .bind(who.user_id, id)
      .run();
    const { contents, rows } = await everything(who, "tea");
    expect(contents).toEqual(["tea 1", "tea 0"]);
    expect(rows).toHaveLength(4);
    for (const read of rows) expect(read).toBeLessThan(10 * usual);
  });

  it("[R24 SEARCH-36] far back in time, and after a late joining, nothing is read that cannot be found", async () => {
    const usual = await ordinary();
    const who = await person("far");
    const id = await said(
      who,
      times(3_000, (i) => `tea ${i}`),
    );
    const old = await cost(who, "tea", { before: new Date(1012).toISOString(), limit: "5" });
    expect(old.results.map((one: { content: string }) => one.content)).toEqual(
      times(5, (i) => `tea ${9 - i}`),
    );
    const middle = { after: new Date(2001).toISOString(), before: new Date(2012).toISOString() };
    const some = await cost(who, "tea", middle);
    expect(some).toMatchObject({ total: 10, total_is_exact: true });
    expect(some.results.at(-1).content).toBe("tea 1000");
    const deep = await cost(who, "tea", { cursor: `1005_${id.slice(0, 24)}000000000005` });
    expect(deep.results.map((one: { content: string }) => one.content)).toEqual(["tea 2", "tea 1", "tea 0"]);
    const nothing = await cost(who, "tea", { before: new Date(1).toISOString() });
    expect(nothing).toMatchObject({ total: 0, total_is_exact: true, next_cursor: null });
    await env.DB.prepare("UPDATE members SET joined_seq = 2999 WHERE conversation_id = ?").bind(id).run();
    const late = await cost(who, "tea");
    expect(late).toMatchObject({ total: 3, total_is_exact: true });
    for (const { rows } of [old, some, deep, nothing, late]) expect(rows).toBeLessThan(5 * usual);
  });

  it("[R24 SEARCH-37] a search that is too long for the index finds exactly what it says, page by page", async () => {
    const who = await person("exact");
    const run = "天地玄黄宇宙洪荒日月盈昃辰宿列张";
    const other = `${run.slice(0, 9)}寒${run.slice(9)}`;
    await said(who, [
      ...times(30, (i) => `${i % 3 === 0 ? run : other} ${i}`),
      "中".repeat(255),
      "中".repeat(256),
      "中".repeat(300),
      "a-b-a-b-a-b-a-b-a-b-a-b",
      "a-b-a-b-a-b-a-b-a-b-b-a",
    ]);
    const found = await cost(who, run, { limit: "100" });
    expect(found).toMatchObject({ total: 10, total_is_exact: true, next_cursor: null });
    expect(found.results[0].highlight).toBe(`<mark>${run}</mark> 27`);
    const { contents } = await everything(who, run, { limit: "4" });
    expect(contents).toEqual(times(10, (i) => `${run} ${27 - 3 * i}`));
    const lengths = async (q: string) => (await everything(who, q)).contents.map((content) => content.length);
    expect(await lengths("中".repeat(256))).toEqual([300, 256]);
    expect(await lengths("中".repeat(255))).toEqual([300, 256, 255]);
    expect((await everything(who, "a-b-a-b-a-b-a-b-a-b-a-b")).contents).toEqual(["a-b-a-b-a-b-a-b-a-b-a-b"]);
  });

  it("[R24 SEARCH-38] a page of the longest messages has as many as 20, and the next goes on", async () => {
    const who = await person("lengthy");
    const texts = times(50, (i) => `tea ${i} ${"x".repeat(4080)}`);
    await said(who, texts);
    const page = await cost(who, "tea", { limit: "100" });
    expect(page).toMatchObject({ total: 50, total_is_exact: true });
    expect(page.results.length).toBeGreaterThanOrEqual(20);
    expect(page.results.length).toBeLessThan(23);
    expect((await everything(who, "tea", { limit: "100" })).contents).toEqual(texts.toReversed());
    expect((await everything(who, "tea", { limit: "7" })).contents).toEqual(texts.toReversed());
  });

  it("[R24 SEARCH-37] every one of very many words counts", async () => {
    const who = await person("wordy");
    const words = times(40, (i) => `w${i}`);
    await said(who, [words.join(" "), words.slice(1).join(" "), [...words].reverse().join(" "), "w0"]);
    const { contents } = await everything(who, words.join(" "));
    expect(contents).toEqual([[...words].reverse().join(" "), words.join(" ")]);
  });
});
