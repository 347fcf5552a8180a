import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { expectError } from "./checks.ts";
import { type Answer, api, connect, people, say } from "./kit.ts";

/** What of a conversation does not change by itself: presence does. */
function lasting({ body }: Answer) {
  const { conversation_id, type, created_at, created_by, seq, participants } = body;
  const ids = participants.map((participant: { user_id: string }) => participant.user_id);
  return { conversation_id, type, created_at, created_by, seq, ids };
}

describe("one direct conversation for each pair", () => {
  it("[PAIR] 20 requests at once, ten from each side, make one conversation", async () => {
    const [ann, bob] = await people("ann", "bob");
    const sockets = await Promise.all([connect(ann), connect(bob)]);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => {
        const [from, to] = i % 2 === 0 ? [ann, bob] : [bob, ann];
        return api(from, "POST", "/conversations/direct", { user_id: to.user_id });
      }),
    );
    expect(new Set(answers.map((answer) => answer.body.conversation_id)).size).toBe(1);
    expect(answers.map((answer) => answer.status).sort()).toEqual([...Array(19).fill(200), 201]);
    const [first] = answers;
    if (!first) throw new Error("no answers");
    for (const answer of answers) expect(lasting(answer)).toEqual(lasting(first));
    // Both hear of it once, and both have it in their lists once.
    const message = await say(ann, first.body.conversation_id, "hello");
    for (const socket of sockets) {
      await socket.heard((e) => e.type === "message.new" && e.data.message_id === message.message_id);
      expect(socket.all("conversation.created")).toHaveLength(1);
    }
    for (const who of [ann, bob]) {
      expect((await api(who, "GET", "/conversations")).body).toMatchObject({ total: 1 });
    }
    const rows = await env.DB.prepare("SELECT count(*) AS n FROM direct_pairs WHERE pair LIKE ?")
      .bind(`%${ann.user_id}%`)
      .first("n");
    expect(rows).toBe(1);
  });

  it("[PAIR] asking again later answers 200 with the same body", async () => {
    const [ann, bob] = await people("ann", "bob");
    const first = await api(ann, "POST", "/conversations/direct", { user_id: bob.user_id });
    const again = await api(ann, "POST", "/conversations/direct", { user_id: bob.user_id });
    const other = await api(bob, "POST", "/conversations/direct", { user_id: ann.user_id.toUpperCase() });
    expect([first.status, again.status, other.status]).toEqual([201, 200, 200]);
    expect(lasting(again)).toEqual(lasting(first));
    expect(lasting(other)).toEqual(lasting(first));
  });

  it("[PAIR] other pairs have other conversations", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    const pairs = [
      [ann, bob],
      [ann, cid],
      [bob, cid],
    ] as const;
    const ids = await Promise.all(
      pairs.map(async ([one, other]) => {
        const answer = await api(one, "POST", "/conversations/direct", { user_id: other.user_id });
        return answer.body.conversation_id;
      }),
    );
    expect(new Set(ids).size).toBe(3);
  });

  it("[PAIR] with oneself 400, with somebody unknown 404, and nothing is made", async () => {
    const [ann] = await people("ann");
    for (const user_id of [ann.user_id, ann.user_id.toUpperCase()]) {
      expectError(await api(ann, "POST", "/conversations/direct", { user_id }), "VALIDATION_ERROR");
    }
    const user_id = crypto.randomUUID();
    expectError(await api(ann, "POST", "/conversations/direct", { user_id }), "NOT_FOUND");
    expect((await api(ann, "GET", "/conversations")).body).toMatchObject({ total: 0, conversations: [] });
  });
});
