/** Accessibility by axe (https://github.com/dequelabs/axe-core): what a program can see of WCAG 2.2, levels A and AA. */
import { readFileSync } from "node:fs";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const SOURCE = readFileSync(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds, a line for each element. @param within a selector of the part that is looked at. */
export async function violationsOf(page: Page, within?: string): Promise<string[]> {
  // Through the debugger, since the page's policy lets no other script in.
  await page.evaluate(SOURCE);
  const { violations } = await page.evaluate(
    async ([tags, selector]) => {
      const { axe } = window as unknown as { axe: { run(where: unknown, how: object): Promise<AxeResults> } };
      return await axe.run(selector ?? document, { runOnly: { type: "tag", values: tags } });
    },
    [TAGS, within] as const,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help} at ${target.join(" ")}\n${failureSummary}`),
  );
}
