/** A client that asks over a socket, and waits for what comes. */
import { Connection, textFrame } from "./client.ts";
import type { Phase } from "./driver.ts";

export interface Socket {
  send(command: Record<string, unknown>): void;
  /** The next frame in which this occurs has come. One is waited for at a time. */
  next(text: string): Promise<void>;
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
    next,
    send: (command) => connection.send(textFrame(JSON.stringify(command))),
    close: () => connection.close(),
  };
}

/** Sends a command, and waits for the first frame after it in which this occurs. */
export async function ask(socket: Socket, command: Record<string, unknown>, awaited: string): Promise<void> {
  const answered = socket.next(awaited);
  socket.send(command);
  await answered;
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
  return phaseOf(latencies.length, start, latencies);
}

/** A phase in which so much was done since a moment. */
export function phaseOf(count: number, start: number, latencies: number[] = []): Phase {
  return {
    messages: count,
    deliveries: count,
    seconds: (performance.now() - start) / 1000,
    latencies: Float64Array.from(latencies).sort(),
  };
}
