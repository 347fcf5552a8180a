import { env } from "cloudflare:workers";
import { parseMessageId } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { faults } from "./faults.ts";
import { api, person, say } from "./kit.ts";
import { ask, find, indexed, pair } from "./search-kit.ts";

afterEach(() => {
  faults.d1Down = false;
});

describe("search and who may see", () => {
  it("[SEARCH-14] others' conversations are never found, whatever the filter", async () => {
    const { ann, id } = await pair();
    const eve = await person("eve");
    await say(ann, id, "secret plan");
    expect(await find(eve, "secret")).toEqual([]);
    expect(await find(eve, "secret", { conversation_id: id })).toEqual([]);
    expect(await find(eve, "secret", { sender_id: ann.user_id })).toEqual([]);
  });

  it("[SEARCH-15] who joins later finds what was said since; who is removed finds nothing; who returns, only since", async () => {
    const { ann, bob, id } = await pair();
    const eve = await person("eve");
    await say(ann, id, "news before");
    await api(ann, "POST", `/conversations/${id}/participants`, { user_id: eve.user_id });
    await say(ann, id, "news during");
    expect(await find(eve, "news")).toEqual(["news during"]);
    await api(ann, "DELETE", `/conversations/${id}/participants/${eve.user_id}`);
    await say(ann, id, "news after");
    expect(await find(eve, "news")).toEqual([]);
    await api(ann, "POST", `/conversations/${id}/participants`, { user_id: eve.user_id });
    await say(ann, id, "news again");
    expect(await find(eve, "news")).toEqual(["news again"]);
    expect(await find(bob, "news")).toEqual(["news again", "news after", "news during", "news before"]);
  });

  it("[SEARCH-16] an edited message is found by its new text only", async () => {
    const { ann, bob, id } = await pair();
    const { message_id } = await say(ann, id, "the old wording");
    await api(ann, "PUT", `/messages/${message_id}`, { content: "the new wording" });
    expect(await find(bob, "old")).toEqual([]);
    expect(await find(bob, "new wording")).toEqual(["the new wording"]);
    await api(ann, "PUT", `/messages/${message_id}`, { content: "🎉" });
    expect(await find(bob, "wording")).toEqual([]);
    await api(ann, "PUT", `/messages/${message_id}`, { content: "words again" });
    expect(await find(bob, "again")).toEqual(["words again"]);
  });

  it("[SEARCH-17] a message deleted for everyone is found by nobody, and its words leave the index", async () => {
    const { ann, bob, id } = await pair();
    const { message_id } = await say(ann, id, "regrettable");
    await api(ann, "DELETE", `/messages/${message_id}?delete_for_everyone=true`);
    expect(await find(ann, "regrettable")).toEqual([]);
    expect(await find(bob, "regrettable")).toEqual([]);
    expect(await indexed(id, "regrettable")).toBe(0);
  });

  it("[SEARCH-18] a message deleted for me is found by the others", async () => {
    const { ann, bob, id } = await pair();
    const { message_id } = await say(ann, id, "a keepsake");
    await api(bob, "DELETE", `/messages/${message_id}`);
    expect(await find(bob, "keepsake")).toEqual([]);
    expect(await find(ann, "keepsake")).toEqual(["a keepsake"]);
  });

  it("[SEARCH-19] an expired message is not found, also before the alarm has deleted it", async () => {
    const { ann, id } = await pair();
    const { message_id } = await say(ann, id, "milk");
    const { seq } = parseMessageId(message_id) ?? { seq: 0 };
    const expire = (time: number) =>
      env.DB.prepare("UPDATE messages SET expires_at = ? WHERE conversation_id = ? AND seq = ?")
        .bind(time, id, seq)
        .run();
    await expire(Date.now() + 60_000);
    expect(await find(ann, "milk")).toEqual(["milk"]);
    await expire(Date.now() - 1);
    expect(await find(ann, "milk")).toEqual([]);
  });

  it("[SEARCH-20] without the directory the answer is 503, and the next one is right", async () => {
    const { ann, id } = await pair();
    await say(ann, id, "patience");
    faults.d1Down = true;
    const { status, body, headers } = await ask(ann, "patience");
    expect([status, body.code, headers.get("retry-after")]).toEqual([503, "SERVICE_UNAVAILABLE", "1"]);
    faults.d1Down = false;
    expect(await find(ann, "patience")).toEqual(["patience"]);
  });
});
