/** Rule 18: reactions. */
import { describe, expect, it } from "vitest";
import { api, body, cast, direct, fetched, type Person, refusal, text } from "./kit.ts";

const pathOf = (message: { message_id: string }) => `/messages/${message.message_id}/reactions`;
const react = (who: Person, message: { message_id: string }, emoji: string) =>
  api(who, "POST", pathOf(message), { emoji });
const unreact = (who: Person, message: { message_id: string }, emoji: string) =>
  api(who, "DELETE", `${pathOf(message)}/${encodeURIComponent(emoji)}`);

/** A message between two. */
async function between() {
  const [ann, bob] = await cast("ann", "bob");
  const id = await direct(ann, bob);
  return { ann, bob, id, message: await text(ann, id, "Hello!") };
}

describe("reactions", () => {
  it("[R18] with a variation selector or without, it is one and the same emoji, added and removed", async () => {
    const { bob, message } = await between();
    const first = await body<{ emoji: string }>(react(bob, message, "❤"), 201);
    expect(first.emoji).toBe("❤\uFE0F");
    for (const same of ["❤\uFE0F", "❤\uFE0E"])
      expect(await body(react(bob, message, same), 200)).toEqual(first);
    expect((await fetched(bob, message)).reactions).toHaveLength(1);
    await body(unreact(bob, message, "❤"), 204);
    expect((await fetched(bob, message)).reactions).toEqual([]);
    for (const emoji of ["👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "#️⃣", "🏳️‍🌈"]) {
      expect(await body(react(bob, message, emoji), 201)).toMatchObject({ emoji });
    }
  });

  it("[R18] one emoji, no more and no less: anything else is VALIDATION_ERROR, in a body and in a path", async () => {
    const { bob, message } = await between();
    for (const emoji of ["", "x", "👍👍", "👍 ", "thumbs_up", "1", "\uFE0F", "👍\u200d", "\ud83d"]) {
      await refusal(react(bob, message, emoji), "VALIDATION_ERROR");
    }
    for (const path of ["x", "%F0%9F", "%", "%E0%A4%A", "%00", "👍👍", "%F0%9F%91%8D%FF"]) {
      const answer = api(bob, "DELETE", `${pathOf(message)}/${path}`);
      await refusal(answer, "VALIDATION_ERROR");
    }
    await refusal(api(bob, "POST", pathOf(message), { emoji: 5 }), "VALIDATION_ERROR");
    expect((await fetched(bob, message)).reactions).toEqual([]);
  });

  it("[R18] one for each user and emoji, also when the same one comes ten times at once", async () => {
    const { ann, bob, message } = await between();
    const answers = await Promise.all(Array.from({ length: 10 }, () => react(bob, message, "👍")));
    expect(answers.map((answer) => answer.status).sort()).toEqual([...Array(9).fill(200), 201]);
    expect(new Set(answers.map((answer) => answer.body.reaction_id)).size).toBe(1);
    for (const [who, emoji] of [
      [bob, "🎉"],
      [ann, "👍"],
    ] as const) {
      await body(react(who, message, emoji), 201);
    }
    const shown = (await fetched(ann, message)).reactions.map((one) => [one.user_id, one.emoji]);
    expect(shown).toEqual([
      [bob.user_id, "👍"],
      [bob.user_id, "🎉"],
      [ann.user_id, "👍"],
    ]);
  });

  it("[R17 R18] a deleted message takes no reaction, and has none to remove", async () => {
    const { ann, bob, message } = await between();
    await body(react(bob, message, "👍"), 201);
    await body(api(ann, "DELETE", `/messages/${message.message_id}?delete_for_everyone=true`), 204);
    await refusal(react(bob, message, "👍"), "CONFLICT");
    await body(unreact(bob, message, "👍"), 204);
    expect((await fetched(bob, message)).reactions).toEqual([]);
  });
});
