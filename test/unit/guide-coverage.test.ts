import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  BEYOND,
  collect,
  DOCUMENT,
  GUIDE,
  itemsOf,
  RULES,
  render,
  rulesIn,
  titlesIn,
} from "../../scripts/guide-coverage.ts";

/** What has no test yet. */
const PENDING: string[] = [];

describe("coverage of the guide", () => {
  it("[COVERAGE] ids are read off the titles, whatever the quotes and wherever the line breaks", () => {
    const source = `
      it("[R1 GUIDE-1.2] a", async () => {});
      it(
        "[R2] b, \\"quoted\\"",
        () => {});
      it.fails(\`[R3] \${one} and \${other}: x\`, () => {});
      it.each(Object.keys(SAMPLES))("[R26] %s", () => {});
      it("without an id", () => {});
    `;
    const titles = titlesIn(source);
    expect(titles).toEqual(["[R1 GUIDE-1.2] a", '[R2] b, "quoted"', "[R3] … and …: x", "[R26] %s"]);
    expect(titles.map(itemsOf)).toEqual([["R1", "GUIDE-1.2"], ["R2"], ["R3"], ["R26"]]);
    expect(itemsOf("[SEARCH-3] every word")).toEqual(["GUIDE-1.16"]);
    expect(itemsOf("[PIN-9 R6] a feature beyond the rules")).toEqual(["PIN", "R6"]);
    expect(itemsOf("[CORS-1] said in words (rule 24)")).toEqual(["R24"]);
  });

  it("[COVERAGE] every item of the guide, every rule and every feature beyond them is shown by a test", () => {
    const shown = collect(".");
    const missing = Object.keys({ ...GUIDE, ...RULES, ...BEYOND }).filter((item) => !shown.has(item));
    expect(missing).toEqual(PENDING);
  });

  it("[COVERAGE] the rules are those of the contract, by its titles, without a gap", () => {
    expect(Object.keys(RULES)).toEqual(Array.from({ length: 34 }, (_, index) => `R${index + 1}`));
    expect(RULES.R34).toBe("Differences from the guide are listed");
    const contract =
      "| rule | title |\n| 1 | [One](#1-one) | `1` |\n| 2 | [Two, and more](#2) | | \n| `R3` | [No](#3) |";
    expect(rulesIn(contract)).toEqual({ R1: "One", R2: "Two, and more" });
  });

  it("[COVERAGE] every rule of the document links to its own heading, as the contract's table does", () => {
    const anchorsIn = (text: string) =>
      [...text.matchAll(/^\|[^|]*\|[^|]*(#\d+-[^)]*)\)/gm)].map(([, anchor]) => anchor);
    const anchors = anchorsIn(readFileSync("docs/contract.md", "utf8"));
    expect(anchors).toHaveLength(34);
    expect(anchorsIn(render("."))).toEqual(anchors);
    const headings = readFileSync("docs/contract.md", "utf8").match(/^### .*$/gm);
    for (const title of Object.values(BEYOND)) expect(headings).toContain(`### ${title}`);
  });

  it("[COVERAGE] a line of the document is short enough to be read", () => {
    const longest =
      render(".")
        .split("\n")
        .sort((one, other) => other.length - one.length)[0] ?? "";
    expect(longest.replaceAll(/\]\([^)]*\)/g, "]").length).toBeLessThan(1_200);
  });

  it("[COVERAGE] the document is up to date: `npm run guide-coverage`", () => {
    const isUpToDate = readFileSync(DOCUMENT, "utf8") === render(".");
    expect(isUpToDate, "run `npm run guide-coverage`, and commit what it writes").toBe(true);
  });
});
