import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { REFERENCE_PAGE } from "../../src/api-reference/page.ts";

it("[DOCS-11] what the reference page loads is among the assets: run `npm run assets` if not", () => {
  const scripts = [...REFERENCE_PAGE.matchAll(/<script src="([^"]+)"/g)].map(([, path]) => path);
  expect(scripts).toHaveLength(1);
  for (const path of scripts) {
    expect(existsSync(new URL(`../../public${path}`, import.meta.url)), path).toBe(true);
  }
});
