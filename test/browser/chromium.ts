/** A real Chromium: where it is found, and how it is started. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { type BrowserContext, chromium } from "playwright-core";

/** Names of the program in a folder of `PATH`. */
const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
/** Where it lies otherwise. */
const PLACES = ["/snap/bin/chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];
/** It shall talk to nobody but the test. */
const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
];

/**
 * The browser's program: `CHROMIUM_PATH`, or one in the usual places.
 * @throws Error that says how to get one.
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string {
  const named = env.CHROMIUM_PATH;
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const usual = [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...PLACES];
  const found = (named ? [named] : usual).find(isProgram);
  if (found !== undefined) return found;
  throw new Error(
    `${named ? `CHROMIUM_PATH is ${named}, which is no program` : "There is no Chromium here"}. ` +
      "Install one (Debian: `apt-get install chromium dbus`), or set CHROMIUM_PATH to the program of Chromium or Chrome.",
  );
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A browser with an empty profile, and how to talk to it as a whole. */
export interface Chromium {
  context: BrowserContext;
  /** Asks the browser as a whole, by its protocol. @throws Error if it refuses. */
  ask(method: string, params: object): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/**
 * Starts a browser. It is started here and not by playwright, which lets every page believe that it has the focus.
 * @param env of its process, added to this one's.
 */
export async function openChromium(env: Record<string, string>): Promise<Chromium> {
  const profile = mkdtempSync(join(tmpdir(), "rocket-chat-browser-"));
  const flags = [...FLAGS, `--user-data-dir=${profile}`, "--headless=new"];
  // The port is for playwright. Installing an app is allowed over the pipe alone.
  flags.push("--remote-debugging-port=0", "--remote-debugging-pipe");
  const child = spawn(findChromium(), [...flags, "about:blank"], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
  });
  const ask = overPipe(child.stdio[3] as Writable, child.stdio[4] as Readable);
  const connected = await chromium.connectOverCDP(await addressOf(child), { noDefaults: true });
  const [context] = connected.contexts();
  if (!context) throw new Error("the browser has no profile");
  const close = async (): Promise<void> => {
    const ended = once(child, "exit");
    await ask("Browser.close", {}).catch(() => child.kill());
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { context, ask, close };
}

interface Answer {
  id?: number;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** Questions over a pipe of the browser: JSON, each ended by a zero byte. */
function overPipe(input: Writable, output: Readable): Chromium["ask"] {
  const waiting = new Map<number, (answer: Answer) => void>();
  let rest = "";
  output.setEncoding("utf8").on("data", (text: string) => {
    const frames = (rest + text).split("\0");
    rest = frames.pop() ?? "";
    for (const frame of frames) {
      const answer = JSON.parse(frame) as Answer;
      if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
    }
  });
  return async (method, params) => {
    const id = waiting.size + 1;
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    input.write(`${JSON.stringify({ id, method, params })}\0`);
    const { result, error } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  };
}

/** The address of a browser's protocol, which it says when it has started. @throws Error if it ends instead. */
async function addressOf(child: ChildProcess): Promise<string> {
  let said = "";
  return await new Promise((resolve, reject) => {
    child.stderr?.on("data", (text) => {
      said += text;
      const address = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`Chromium ended with ${code}: ${said}`)));
  });
}
