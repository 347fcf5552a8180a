import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Answer, api, conversationObject, group, type Person, people } from "./kit.ts";
import { apiKey, asUser, type Backend, serverToken } from "./server-kit.ts";

/** A conversation with three people, and how they ask. */
interface Side {
  id: string;
  who: [Person, Person, Person];
  ask(person: Person, method: string, path: string, body?: unknown): Promise<Answer>;
  said: string[];
}

async function side(backend?: Backend): Promise<Side> {
  const who = await people("ann", "bob", "carl");
  const id = await group(who[0], [who[1]]);
  const ask: Side["ask"] = (person, method, path, body) =>
    backend ? asUser(backend, person, method, path, body) : api(person, method, path, body);
  return { id, who, ask, said: [] };
}

/** One request: by whom, of what kind, about which message or person. */
interface Step {
  by: number;
  what: number;
  at: number;
}

type Request = [method: string, path: string, body?: unknown];

/** The requests that are drawn, with what they are about filled in. */
function requestOf({ id, who, said }: Side, { what, at }: Step): Request {
  const message = said[at % Math.max(said.length, 1)] ?? `${id.slice(0, 24)}000000000001`;
  const person = who[at % 3]?.user_id ?? "";
  const all: Request[] = [
    ["POST", `/conversations/${id}/messages`, { type: "text", content: `text ${at}` }],
    [
      "POST",
      `/conversations/${id}/messages`,
      { type: "text", content: "twice", client_message_id: `c${at % 4}` },
    ],
    ["POST", `/conversations/${id}/messages`, { type: "text", content: "x", reply_to_message_id: message }],
    ["POST", `/conversations/${id}/messages`, { type: "text", content: " " }],
    ["PUT", `/messages/${message}`, { content: `edited ${at}` }],
    ["DELETE", `/messages/${message}`],
    ["DELETE", `/messages/${message}?delete_for_everyone=true`],
    ["POST", `/messages/${message}/reactions`, { emoji: "👍" }],
    ["DELETE", `/messages/${message}/reactions/%F0%9F%91%8D`],
    ["PUT", `/messages/${message}/pin`],
    ["DELETE", `/messages/${message}/pin`],
    ["GET", `/messages/${message}`],
    ["GET", `/messages/${message}/edits`],
    ["GET", `/messages/${message}/receipts`],
    ["PUT", `/conversations/${id}/read`, { up_to_message_id: message }],
    ["POST", `/conversations/${id}/typing`],
    ["DELETE", `/conversations/${id}/typing`],
    ["GET", `/conversations/${id}`],
    ["GET", `/conversations/${id}/messages?limit=5`],
    ["GET", `/conversations/${id}/pins`],
    ["PUT", `/conversations/${id}`, { name: `Name ${at}` }],
    ["PUT", `/conversations/${id}`, { settings: { only_admins_can_send: at % 2 === 0 } }],
    ["POST", `/conversations/${id}/participants`, { user_id: person }],
    ["DELETE", `/conversations/${id}/participants/${person}`],
    ["PATCH", `/conversations/${id}/participants/${person}`, { role: "admin" }],
    ["PATCH", `/conversations/${id}/preferences`, { is_pinned: at % 2 === 0 }],
    ["DELETE", `/conversations/${id}`],
    ["GET", "/conversations"],
    ["GET", `/users/${person}`],
    ["POST", "/conversations/direct", { user_id: person }],
  ];
  return all[what % all.length] ?? ["GET", "/conversations"];
}

/** A text in which what differs by chance does not: ids by the order in which they appear, names, and times. */
function normalized(value: unknown, { who }: Side, ids: Map<string, string>): string {
  for (const [i, { user_id }] of who.entries()) ids.set(user_id, `person ${i}`);
  // Where members stand side by side, their random ids decide about the order.
  let text = JSON.stringify(value, (name, inner) =>
    name === "participants" ? inner.toSorted(byName) : inner,
  );
  for (const [i, { username }] of who.entries()) text = text.replaceAll(username, `name ${i}`);
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "time")
    .replaceAll(/"(?:next_cursor)":"[^"]*"/g, '"next_cursor":"x"')
    .replaceAll(/\b1[67]\d{11}\b/g, "0")
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
      if (!ids.has(id)) ids.set(id, `id ${ids.size}`);
      return ids.get(id) ?? "";
    });
}

const byName = (one: { display_name: string }, other: { display_name: string }) =>
  one.display_name.localeCompare(other.display_name);

const TABLES = ["conversation", "messages", "members", "reactions", "pins", "hidden", "edits", "mentions"];

/** What a conversation has stored, and the directory of its people. */
async function rowsOf({ id, who }: Side): Promise<unknown[]> {
  const own = await runInDurableObject(conversationObject(id), (_, state) =>
    TABLES.map((table) => state.storage.sql.exec(`SELECT * FROM ${table} ORDER BY 1, 2`).toArray()),
  );
  const stored = await Promise.all(
    who.map(async ({ user_id }) => {
      const sql = "SELECT conversation_id, is_pinned FROM preferences WHERE user_id = ? ORDER BY 1";
      return (await env.DB.prepare(sql).bind(user_id).all()).results;
    }),
  );
  return [...own, ...stored].flat();
}

const STEPS = fc.array(fc.record({ by: fc.nat(2), what: fc.nat(29), at: fc.nat(7) }), {
  minLength: 20,
  maxLength: 40,
});

describe("a server in a user's name", () => {
  it("[R28 PROP-1] whatever is asked: the same answers as with the user's own token, and the same rows", async () => {
    await fc.assert(
      fc.asyncProperty(STEPS, fc.boolean(), async (steps, isKey) => {
        const backend = isKey ? await apiKey() : await serverToken();
        const sides = [await side(), await side(backend)] as const;
        const ids = [new Map<string, string>(), new Map<string, string>()] as const;
        for (const step of steps) {
          const answers = [];
          for (const [i, one] of sides.entries()) {
            const [method, path, body] = requestOf(one, step);
            const answer = await one.ask(one.who[step.by % 3] as Person, method, path, body);
            if (answer.status === 201 && answer.body.message_id) one.said.push(answer.body.message_id);
            const { request_id: _, ...rest } = answer.body ?? {};
            answers.push(`${answer.status} ${normalized(rest, one, ids[i as 0 | 1])}`);
          }
          expect([step, answers[1]]).toEqual([step, answers[0]]);
        }
        const [own, theirs] = await Promise.all(
          sides.map(async (one, i) => {
            const rows = (await rowsOf(one)).map((row) => normalized(row, one, ids[i as 0 | 1]));
            // Their order may be that of random ids.
            return rows.sort();
          }),
        );
        expect(theirs).toEqual(own);
      }),
      { numRuns: 6, seed: 28, endOnFailure: true },
    );
  });
});
