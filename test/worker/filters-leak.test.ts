import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, expect, it } from "vitest";
import { foldText } from "../../src/domain/tokens.ts";
import { hibernate } from "./checks.ts";
import { notedIn, putFilter, takeFiltersAway } from "./filters-kit.ts";
import { api, connect, connectTo, group, people, type TestSocket } from "./kit.ts";

afterEach(takeFiltersAway);

const CANARY = "kwyjibo";
/** The word as people would write it to get it through. */
const SPELLED = [
  "kwyjibo",
  "KWYJIBO",
  "kwyjíbó",
  "k\u200bwy\u00adjibo",
  "ｋｗｙｊｉｂｏ",
  "kwyjibо",
  "𝔨𝔴𝔶𝔧𝔦𝔟𝔬",
  "kwyj1b0",
  "prekwyjibopost",
];

type Step = { kind: "say" | "edit" | "reply" | "rename" | "describe" | "sleep"; word: string };

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("say", "say", "edit", "reply", "rename", "describe", "sleep"),
  word: fc.constantFrom(...SPELLED),
});

/** Whether a text has the word in any spelling. */
function hasCanary(text: string): boolean {
  const read = foldText(text).replaceAll("о", "o").replaceAll("1", "i").replaceAll("0", "o");
  return read.includes(CANARY);
}

it("[FILTER-36] over random scripts no byte of a masked word is heard, read, found or kept outside the log", async () => {
  await putFilter("canary", { type: "words", match: "anywhere", action: "mask", entries: [CANARY] });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 6 }), async (steps) => {
      const [ann, bob] = await people("ann", "bob");
      const id = await group(ann, [bob]);
      const sockets: TestSocket[] = [await connect(ann), await connect(bob), await connectTo(bob, id)];
      const messages: string[] = [];
      let masked = 0;
      for (const { kind, word } of steps) {
        const content = `a ${word}!`;
        const last = messages.at(-1);
        masked += kind === "sleep" || ((kind === "edit" || kind === "reply") && !last) ? 0 : 1;
        if (kind === "sleep") await hibernate(id, ann, bob);
        else if (kind === "rename" || kind === "describe") {
          const patch = { [kind === "rename" ? "name" : "description"]: `${masked} ${word}` };
          expect((await api(ann, "PUT", `/conversations/${id}`, patch)).status).toBe(200);
        } else if (kind === "edit" && last) {
          const edited = await api(ann, "PUT", `/messages/${last}`, { content: `${masked} ${word}` });
          expect(edited.status).toBe(200);
        } else if (kind !== "edit" && (kind === "say" || last)) {
          const more = kind === "reply" ? { reply_to_message_id: last } : {};
          const sent = await api(ann, "POST", `/conversations/${id}/messages`, {
            type: "text",
            content,
            ...more,
          });
          expect(sent.status).toBe(201);
          messages.push(sent.body.message_id);
        }
      }
      const noted = await notedIn(id);
      expect(noted).toHaveLength(masked);
      expect(noted.every((note) => hasCanary(String((note as unknown[])[3])))).toBe(true);
      const read = [
        await api(bob, "GET", `/conversations/${id}/messages`),
        await api(bob, "GET", `/conversations/${id}`),
        await api(bob, "GET", "/conversations"),
        await api(bob, "GET", "/sync"),
        ...(await Promise.all(messages.map((message) => api(bob, "GET", `/messages/${message}/edits`)))),
      ];
      const { results } = await env.DB.prepare("SELECT content FROM messages WHERE conversation_id = ?")
        .bind(id)
        .all();
      const texts = [
        ...sockets.flatMap(({ frames }) => frames),
        JSON.stringify(read),
        JSON.stringify(results),
      ];
      expect(texts.filter(hasCanary)).toEqual([]);
      for (const socket of sockets) socket.close();
    }),
    { numRuns: 3 },
  );
});
