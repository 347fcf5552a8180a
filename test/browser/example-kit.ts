/** Builds and serves examples/react, and looks at it as two people do. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Conversation, Message } from "@rocket-chat-api/protocol";
import type { Browser, Page } from "playwright-core";
import { Person } from "../../scripts/person.ts";
import { type DevServer, freePort, isUp, onExit } from "../../scripts/serve.ts";

const START_MS = 30_000;

/** The built example on an origin of its own. */
export class Example {
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#process = child;
    onExit(() => this.close());
  }

  /**
   * Builds it and serves it.
   * @param folder where it lies.
   * @param vite the program that builds it.
   * @param chatUrl where the service is.
   */
  static async open(folder: string, vite: string, chatUrl: string): Promise<Example> {
    const outDir = join(folder, "dist");
    const env = { ...process.env, CHAT_URL: chatUrl };
    rmSync(outDir, { recursive: true, force: true });
    execFileSync(process.execPath, [vite, "build", "--outDir", outDir, "--logLevel", "warn"], {
      cwd: folder,
      env,
    });
    const port = await freePort();
    const flags = ["--outDir", outDir, "--host", "127.0.0.1", "--port", String(port), "--strictPort"];
    const child = spawn(process.execPath, [vite, "preview", ...flags], { cwd: folder, env, stdio: "ignore" });
    const example = new Example(`http://127.0.0.1:${port}`, child);
    for (const end = Date.now() + START_MS; !(await isUp(example.url, "/")); await sleep(50))
      if (Date.now() > end || child.exitCode !== null) throw new Error("the example is not served");
    return example;
  }

  close(): void {
    this.#process.kill();
  }
}

/**
 * Alice looks at the example; somebody else writes to her, and she answers.
 * @returns what the page has complained about: errors of its console, and exceptions.
 */
export async function isAChat(example: Example, browser: Browser, server: DevServer): Promise<string[]> {
  const complaints: string[] = [];
  const page = await browser.newPage();
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`${example.url}/?as=alice`);
  // The list: what the development sign-in has made.
  await page.getByRole("navigation").getByRole("button").first().waitFor();
  const dave = await Person.of("dave", server.url, server.secret);
  const alice = await Person.of("alice", server.url, server.secret);
  const { body: chat } = await dave.api(Conversation, "POST", "/conversations/direct", {
    user_id: alice.user_id,
  });
  const path = `/conversations/${chat.conversation_id}/messages`;
  const write = (content: string) => dave.api(Message, "POST", path, { type: "text", content });
  await write("Are you there?");
  // A conversation that begins while the page is open comes into the list, with its count.
  const entry = page.getByRole("navigation").getByRole("button", { name: "Dave" });
  await entry.getByText("Are you there?").waitFor();
  await entry.click();
  await shows(page, "Are you there?");
  await write("Hello from another window");
  await shows(page, "Hello from another window");
  await page.getByLabel("Message").fill("I am");
  await page.getByRole("button", { name: "Send" }).click();
  await page.locator('li[data-state="sent"]', { hasText: "I am" }).waitFor();
  const { body: answered } = await dave.api(Conversation, "GET", `/conversations/${chat.conversation_id}`);
  assert.equal(answered.seq, 4);
  await page.close();
  return complaints;
}

async function shows(page: Page, text: string): Promise<void> {
  await page.getByRole("main").getByText(text).waitFor();
}
