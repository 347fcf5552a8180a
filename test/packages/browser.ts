/** The page that was built from the packed packages, in Chromium. */
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import type { DevServer } from "../../scripts/serve.ts";
import { findChromium } from "../browser/chromium.ts";
import { Example, isAChat } from "../browser/example-kit.ts";
import type { Project } from "./project.ts";

/** Two people write to each other, and the console stays empty. @throws Error with what was seen otherwise. */
export async function isInBrowser(project: Project, server: DevServer): Promise<void> {
  const args = ["--no-sandbox", "--disable-gpu"];
  const browser = await chromium.launch({ executablePath: findChromium(), args });
  const example = await Example.open(project.folder, project.program("vite/bin/vite.js"), server.url);
  try {
    assert.deepEqual(await isAChat(example, browser, server), []);
  } finally {
    example.close();
    await browser.close();
  }
}
