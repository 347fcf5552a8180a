/** What operators give to scripts, and what scripts must not take. */
import { describe, expect, it } from "vitest";
import { plainSecret, secretOf } from "../../scripts/deploy/ask.ts";
import { rebuildSome } from "../../scripts/rebuild.ts";
import { BACKUP_BEGINS, backupEnds, backupProblem } from "../../scripts/sql.ts";

const KEY = "-----BEGIN PRIVATE KEY-----\nMIGTAgEA\nMBMGByqG\n-----END PRIVATE KEY-----";

/** Lines as a terminal gives them. It gives no more after the last: who waits for another waits for ever. */
async function* typed(text: string): AsyncGenerator<string> {
  yield* text.split("\n");
  await new Promise(() => undefined);
}

describe("a secret", () => {
  it.each([
    ["a b\"c'd", "a b\"c'd"],
    ["secret\n", "secret"],
    ["secret\r\n", "secret"],
    ["  secret ", "secret"],
    [`${KEY.replaceAll("\n", "\r\n")}\r\n`, KEY],
    ["\r\n", ""],
  ])(
    "[SETUP-11] %j of the environment is %j: no line end of a file or of Windows is part of it",
    (given, secret) => {
      expect(plainSecret(given)).toBe(secret);
    },
  );

  it.each([
    ["secret\nthe next answer", "secret"],
    [`${KEY}\nthe next answer`, KEY],
    [`${KEY.replaceAll("\n", "\r\n")}\nthe next answer`, KEY],
    ["", ""],
  ])("[SETUP-12] typed or pasted as %j it is whole: a key in PEM has several lines", async (text, secret) => {
    expect(await secretOf(typed(text))).toBe(secret);
  });
});

describe("a file to restore, for which everything else is deleted", () => {
  const whole = `${BACKUP_BEGINS}\nINSERT INTO users (user_id) VALUES\n('a\r\nb');\n${backupEnds(1)}\n`;

  it.each([
    ["a whole backup", whole, undefined],
    ["a whole one, of no rows", `${BACKUP_BEGINS}\n${backupEnds(0)}\n`, undefined],
    ["nothing", "", /no file of npm run backup/],
    ["SQL of something else", "DROP TABLE users;\n", /no file of npm run backup/],
    [
      "one that was interrupted between two statements",
      `${whole.split(";")[0]};\n`,
      /not copied or written whole/,
    ],
    ["one that was cut off in its last line", whole.slice(0, -4), /not copied or written whole/],
    ["one with other line ends", whole.replaceAll("\n", "\r\n"), /line ends were changed/],
  ])("[KEEP-30] %s", (_, text, problem) => {
    const found = backupProblem(text);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });
});

describe("a rebuild", () => {
  it("[KEEP-54] goes on past an object that never ends, and names it", async () => {
    const asked: string[][] = [];
    const chat = {
      rebuildDirectory: async ({ objects }: { objects: string[] }) => {
        asked.push(objects);
        const isEndless = (id: string) => id === "endless";
        const ends = objects.filter((id) => id !== "broken" && !isEndless(id));
        const failed = objects.filter((id) => id === "broken");
        return { done: ends, pending: objects.filter(isEndless), empty: [], failed };
      },
    };
    const waits = { looks: 3, look_ms: 1 };
    const failed = await rebuildSome(chat, "conversations", ["one", "endless", "broken", "two"], waits);
    expect(failed).toEqual(["broken", "endless"]);
    expect(asked).toEqual([["one", "endless", "broken", "two"], ["endless"], ["endless"], ["endless"]]);
  });
});
