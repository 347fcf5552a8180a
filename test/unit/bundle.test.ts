import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as zod from "zod";
import { readConfiguration } from "../../scripts/deploy/configuration.ts";
import * as lean from "../../src/zod-without-locales.js";

const names = (module: object) => Object.keys(module).sort();

describe("the bundle of a deployment", () => {
  it("[BUNDLE-1] has all of zod but its translations, and the core that would bring them back", () => {
    expect(names(zod).filter((name) => !names(lean).includes(name))).toEqual(["core", "locales"]);
    expect(names(lean).filter((name) => !names(zod).includes(name))).toEqual([]);
    expect(lean.z.string).toBe(zod.z.string);
    expect(lean.z.string().safeParse(1).error?.message).toBe(zod.z.string().safeParse(1).error?.message);
  });

  it("[BUNDLE-2] is what wrangler.toml says, for `wrangler dev` as for a deployment", () => {
    const { alias } = readConfiguration();
    expect(alias).toEqual({ zod: "./src/zod-without-locales.js" });
    const file = fileURLToPath(new URL("../../src/zod-without-locales.js", import.meta.url));
    expect(readFileSync(file, "utf8")).not.toMatch(/from "[^"]*\/locales\//);
  });
});
