/** Drives an endpoint with requests over connections that stay open, and times each answer. */
import { Agent, request } from "node:http";
import type { Phase } from "./driver.ts";

/** What is asked, with the number of the question. */
export interface Asked {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Asks for so many seconds, with `parallel` requests on their way at a time. Throws when one is refused. */
export async function askFor(seconds: number, parallel: number, asked: (n: number) => Asked): Promise<Phase> {
  const agent = new Agent({ keepAlive: true, maxSockets: parallel });
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  let next = 0;
  const ask = async () => {
    while (performance.now() < end) {
      const before = performance.now();
      await answer(agent, asked(next++));
      latencies.push(performance.now() - before);
    }
  };
  try {
    await Promise.all(Array.from({ length: parallel }, ask));
  } finally {
    agent.destroy();
  }
  return {
    messages: latencies.length,
    deliveries: latencies.length,
    seconds: (performance.now() - start) / 1000,
    latencies: Float64Array.from(latencies).sort(),
  };
}

/** One request, whose answer must be a good one. @returns the body. */
export async function answer(
  agent: Agent,
  { url, method = "GET", headers = {}, body }: Asked,
): Promise<string> {
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  return await new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        if ((response.statusCode ?? 500) < 300) resolve(text);
        else reject(new Error(`${method} ${url}: ${response.statusCode} ${text.slice(0, 200)}`));
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
