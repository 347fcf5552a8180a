import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { collect, DOCUMENT, GUIDE, itemsOf, RULES, render, titlesIn } from "../../scripts/guide-coverage.ts";

/** What has no test yet. */
const PENDING = ["R27"];

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
    expect(itemsOf("[CORS-1] said in words (rule 24)")).toEqual(["R24"]);
  });

  it("[COVERAGE] every item of the guide and every rule is shown by a test", () => {
    const shown = collect(".");
    const missing = Object.keys({ ...GUIDE, ...RULES }).filter((item) => !shown.has(item));
    expect(missing).toEqual(PENDING);
  });

  it("[COVERAGE] the document is up to date: `npm run guide-coverage`", () => {
    const isUpToDate = readFileSync(DOCUMENT, "utf8") === render(".");
    expect(isUpToDate, "run `npm run guide-coverage`, and commit what it writes").toBe(true);
  });
});
