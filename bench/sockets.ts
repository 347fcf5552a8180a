/** One client that asks over a socket, one question after the other. */
import { Connection, textFrame } from "./client.ts";
import type { Phase } from "./driver.ts";

export interface Socket {
  /** Sends a command, and waits for the first frame after it in which this occurs. */
  ask(command: Record<string, unknown>, awaited: string): Promise<void>;
  close(): void;
}

/** Opens a socket and waits until it is established. */
export async function openSocket(url: string, headers: Record<string, string>): Promise<Socket> {
  let [awaited, heard, failed] = ["", () => {}, (_: Error) => {}];
  const next = (text: string) =>
    new Promise<void>((resolve, reject) => {
      [awaited, heard, failed] = [text, resolve, reject];
    });
  const established = next("connection.established");
  const connection = await Connection.open(url, headers, {
    acknowledges: true,
    frame(buffer, start, end) {
      if (awaited !== "" && buffer.subarray(start, end).includes(awaited)) heard();
    },
    read: () => undefined,
    lost: (reason) => failed(new Error(reason)),
  });
  await established;
  return {
    async ask(command, text) {
      const answered = next(text);
      connection.send(textFrame(JSON.stringify(command)));
      await answered;
    },
    close: () => connection.close(),
  };
}

/** Does something again and again for so many seconds, and times each. */
export async function doFor(seconds: number, work: (n: number) => Promise<void>): Promise<Phase> {
  const latencies: number[] = [];
  const start = performance.now();
  for (let n = 0; performance.now() < start + seconds * 1000; n++) {
    const before = performance.now();
    await work(n);
    latencies.push(performance.now() - before);
  }
  return {
    messages: latencies.length,
    deliveries: latencies.length,
    seconds: (performance.now() - start) / 1000,
    latencies: Float64Array.from(latencies).sort(),
  };
}
