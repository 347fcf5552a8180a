/** Requests as clients make them that know nothing of us, and an eye on the server's memory. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const SAMPLE_MS = 50;

/** Runs curl, which fails on an error status. @returns what it prints. */
export async function curl(url: string, args: string[]): Promise<string> {
  const { stdout } = await run("curl", ["-sS", "--fail-with-body", ...args, url], { encoding: "utf8" });
  return stdout;
}

/** Runs curl for an answer in JSON. */
export async function curlJson(url: string, args: string[]): Promise<unknown> {
  return JSON.parse(await curl(url, args));
}

/** PUTs bytes; a stream is sent in chunks, without a length. @returns the status, and the code of an S3 error. */
export async function put(
  url: string,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  headers: Record<string, string>,
): Promise<[number, string]> {
  const init = { method: "PUT", body: body as BodyInit, headers, duplex: "half" };
  return await answerOf(await fetch(url, init as RequestInit));
}

/** GETs. @returns the status, and the code of an S3 error. */
export async function get(url: string): Promise<[number, string]> {
  return await answerOf(await fetch(url));
}

async function answerOf(response: Response): Promise<[number, string]> {
  const text = await response.text();
  return [response.status, /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? text];
}

/** Watches the memory of a server until it is stopped. */
export function watchMemory(read: () => number): { stop(): { before: number; peak: number } } {
  const before = read();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, read());
  }, SAMPLE_MS);
  // A test that fails meanwhile must not keep the process alive.
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
      return { before, peak: Math.max(peak, read()) };
    },
  };
}
