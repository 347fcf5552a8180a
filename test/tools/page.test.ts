/** The chat page as it is built, and the Worker as it is deployed. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { wrangler } from "../../scripts/serve.ts";
import { ROOT } from "../../scripts/tools.ts";

/** The most that the scripts of the first load may weigh, compressed, in bytes. */
const MAX_FIRST_LOAD_BYTES = 150_000;

const folder = mkdtempSync(join(tmpdir(), "rocket-chat-bundle-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Chunk {
  file: string;
  isEntry?: boolean;
  imports?: string[];
}

const manifest = () =>
  JSON.parse(readFileSync(join(ROOT, "public/.page-manifest.json"), "utf8")) as Record<string, Chunk>;

/** The scripts that the page loads before it shows anything: the entry, and what it imports. */
function firstLoad(chunks: Record<string, Chunk>): string[] {
  const [entry] = Object.keys(chunks).filter((name) => chunks[name]?.isEntry);
  const found = new Set<string>();
  const add = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    for (const next of chunks[name]?.imports ?? []) add(next);
  };
  if (entry) add(entry);
  return [...found].map((name) => chunks[name]?.file ?? "");
}

describe("the built page", () => {
  it("[PAGE-4] the first load is under 150 kB of compressed script", () => {
    const files = firstLoad(manifest());
    expect(files.length).toBeGreaterThan(0);
    const sizes = files.map((file) => gzipSync(readFileSync(join(ROOT, "public", file))).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_FIRST_LOAD_BYTES);
  });

  it("[PAGE-5] no script or style stands in the page itself, and none comes from elsewhere", () => {
    const page = readFileSync(join(ROOT, "public/index.html"), "utf8");
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=/);
    for (const [, attributes = "", body = ""] of page.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)) {
      expect(attributes).toMatch(/ src="\/assets\//);
      expect(body).toBe("");
    }
    expect(page).not.toMatch(/(?:src|href)="(?!\/)/);
  });
});

describe("the Worker that is deployed", () => {
  it("[PAGE-3] has no code of the development sign-in", () => {
    wrangler("deploy", "--dry-run", "--outdir", folder);
    const bundle = readdirSync(folder)
      .filter((name) => name.endsWith(".js"))
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .join("");
    expect(bundle).toContain("/health/ready");
    expect(bundle).not.toContain("/development/");
    const sources = readFileSync(join(folder, "index.js.map"), "utf8");
    expect(sources).toContain("src/app.ts");
    expect(sources).not.toContain("src/development");
  }, 120_000);
});
