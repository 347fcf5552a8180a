/** docs/guide-differences.md: each row is whole, and the tests that it names are where it says. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { titlesIn } from "../../scripts/guide-coverage.ts";

const document = readFileSync("docs/guide-differences.md", "utf8");
const rows = document.split("\n").filter((line) => /^\| \d/.test(line));

interface Named {
  ids: string;
  file: string;
}

/** The tests that a text names: their ids, and the file that is linked, from the root of the repository. */
function testsIn(text: string): Named[] {
  return [...text.matchAll(/\[`([^`\]]+)`\]\(\.\.\/([^)]+)\)/g)].map(([, ids = "", file = ""]) => ({
    ids,
    file,
  }));
}

/** Whether a file has a test whose title begins with these ids. */
function isThere({ ids, file }: Named): boolean {
  if (!existsSync(file)) return false;
  return titlesIn(readFileSync(file, "utf8")).some((title) => title.startsWith(`[${ids}]`));
}

describe("docs/guide-differences.md", () => {
  it("[R34 DIFF-1] every test that it names is there, and so is every file that it links", () => {
    const named = testsIn(document);
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter((test) => !isThere(test))).toEqual([]);
    const links = [...document.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = ""]) => `docs/${link}`);
    expect(links.filter((link) => !existsSync(link))).toEqual([]);
    expect(isThere({ ids: "R34 DIFF-0", file: "test/unit/guide-differences.test.ts" })).toBe(false);
    expect(isThere({ ids: "R34 DIFF-1", file: "test/unit/no-such.test.ts" })).toBe(false);
  });

  it("[R34 DIFF-2] rows are numbered, and each says what, the guide's, ours, why, and by which test", () => {
    expect(rows.length).toBeGreaterThan(50);
    for (const [index, row] of rows.entries()) {
      const [number, ...cells] = row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim());
      expect(Number(number)).toBe(index + 1);
      expect([row, cells.length, cells.filter((cell) => cell === "")]).toEqual([row, 5, []]);
      expect([row, testsIn(cells[4] ?? "").length]).not.toEqual([row, 0]);
    }
  });

  it("[R34 DIFF-3] what rule 34 names is in it", () => {
    for (const word of [
      "200 for",
      "Milliseconds",
      "Null",
      "is_owner",
      "`system`",
      "`sent`",
      "up_to",
      "sockets",
      "lags",
    ])
      expect(document).toContain(word);
    expect(document).toMatch(/\*\*ignore the fields, event types, codes and values/);
  });
});
