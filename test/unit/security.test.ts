/** docs/security.md names tests and files: what it names is there. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { titlesIn } from "../../scripts/guide-coverage.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const document = readFileSync(`${ROOT}docs/security.md`, "utf8");
const rows = document.split("\n").filter((line) => /^\| (\d|API)/.test(line));

/** The ids of the tests in some files, as they stand in their titles. */
function idsIn(pattern: string): Set<string> {
  const titles = globSync(pattern, { cwd: ROOT }).flatMap((file) =>
    titlesIn(readFileSync(ROOT + file, "utf8")),
  );
  return new Set(titles.flatMap((title) => title.match(/^\[[^\]]+\]/)?.[0] ?? []));
}

describe("docs/security.md", () => {
  it("[SEC-1] every test that it names is one, and every file is there", () => {
    const ids = idsIn("{test,apps/*/test}/**/*.ts");
    const known = new Set(
      [...ids].flatMap((id) => [
        id,
        ...id
          .slice(1, -1)
          .split(" ")
          .map((part) => `[${part}]`),
      ]),
    );
    const named = [...document.matchAll(/`(\[[^\]`]+\])`/g)].map(([, id = ""]) => id);
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter((id) => !known.has(id) && !ids.has(id))).toEqual([]);
    const files = [...document.matchAll(/`((?:test|src)\/[\w./-]+)`/g)].map(([, file = ""]) => file);
    const links = [...document.matchAll(/\]\(([\w./-]+)\)/g)].map(([, file]) => `docs/${file}`);
    expect([...files, ...links].filter((file) => !existsSync(ROOT + file))).toEqual([]);
  });

  it("[SEC-2] an id that several files share is looked for where the row says", () => {
    for (const [, id = "", file = ""] of document.matchAll(/`(\[[^\]`]+\])` in `([^`]+)`/g))
      expect([...idsIn(file)], `${id} in ${file}`).toContain(id);
  });

  it("[SEC-3] every row has a verdict, and what holds says by what", () => {
    expect(rows.length).toBeGreaterThan(120);
    for (const row of rows) {
      const [, , verdict = "", how = ""] = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
      expect(verdict, row).toMatch(/^(holds|platform|operator|n\/a|\*\*fails\*\*( in part)?)$/);
      if (verdict === "holds" || verdict.startsWith("**")) expect(how.length, row).toBeGreaterThan(3);
    }
    // Every chapter is gone through, and so is every risk.
    for (let chapter = 1; chapter <= 17; chapter += 1) expect(document).toContain(`### V${chapter} `);
    for (let risk = 1; risk <= 10; risk += 1) expect(document).toContain(`| API${risk} `);
  });
});
