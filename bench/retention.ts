/**
 * `npm run bench:retention`: what somebody notices who writes in a conversation of a million messages while its old ones are
 * deleted (rule 10). Times with retention and without it are taken in turns, so that what else the machine does falls on both.
 */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { ChatServer, userToken } from "@rocket-chat-api/server";
import { readArguments, wholeNumbers } from "../scripts/arguments.ts";
import { alignedTable } from "./markdown.ts";
import { Servers, type Service } from "./servers.ts";
import { ask, openSocket } from "./sockets.ts";

const USAGE = `
Usage: npm run bench:retention -- [flags]

Measures the time from a message to its acknowledgement, while old messages of the conversation are deleted and while they are not.

  --messages <number>  old messages in the conversation (1000000)
  --seconds <number>   length of each phase (60)
  --rounds <number>    phases of each kind (3)
  --rate <number>      messages a second (20)
`;

/** Messages are seeded in pieces: a request takes no longer than half a minute. */
const PIECE = 100_000;
const DAYS = 30;

interface Phase {
  latencies: number[];
  deleted: number;
}

async function backDoor<T>(service: Service, path: string, body: unknown): Promise<T> {
  const response = await fetch(`${service.server.url}/bench/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the back door's ${path}: ${response.status} ${text.slice(0, 300)}`);
  return (text.startsWith("done") ? undefined : JSON.parse(text)) as T;
}

/** Writes at a steady rate, one message after the other. @returns how long each acknowledgement took, in milliseconds. */
async function write(
  socket: Awaited<ReturnType<typeof openSocket>>,
  conversation_id: string,
  { seconds, rate }: { seconds: number; rate: number },
  label: string,
): Promise<number[]> {
  const latencies: number[] = [];
  const begun = performance.now();
  for (let n = 0; n < seconds * rate; n++) {
    await sleep(Math.max(0, begun + (n * 1000) / rate - performance.now()));
    const before = performance.now();
    const data = { type: "text", content: `Message ${label}-${n}` };
    const said = { type: "message.send", conversation_id, data };
    await ask(socket, { ...said, request_id: `${label}-${n}` }, '"ack"');
    latencies.push(performance.now() - before);
  }
  return latencies;
}

function percentile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((one, other) => one - other);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1);
}

async function main(): Promise<void> {
  const { values } = readArguments({
    usage: USAGE,
    options: {
      messages: { type: "string", default: "1000000" },
      seconds: { type: "string", default: "60" },
      rounds: { type: "string", default: "3" },
      rate: { type: "string", default: "20" },
    },
  });
  const flags = wholeNumbers(values);
  const folder = mkdtempSync(join(tmpdir(), "rocket-chat-retention-"));
  const servers = new Servers(folder, false);
  try {
    await measure(await servers.seeded(), flags);
  } finally {
    servers.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function measure(
  service: Service,
  flags: Record<"messages" | "seconds" | "rounds" | "rate", number>,
): Promise<void> {
  const { url } = service.server;
  const chat = new ChatServer({ url, secret: service.secret });
  const [ann, bob] = [await chat.putUser(randomUUID()), await chat.putUser(randomUUID())];
  const participants = [ann.user_id, bob.user_id];
  const { conversation_id } = await chat.createConversation({ type: "direct", participants });
  for (let done = 0; done < flags.messages; done += PIECE) {
    const messages = Math.min(PIECE, flags.messages - done);
    await backDoor(service, "conversation", { conversation_id, messages, senders: participants });
    console.error(`${done + messages} messages`);
  }
  const headers = {
    authorization: `Bearer ${await userToken({ secret: service.secret, sub: ann.user_id, seconds: 7_200 })}`,
  };
  const socket = await openSocket(`${url}/api/v1/conversations/${conversation_id}/ws`, headers);
  const left = () => backDoor<number>(service, "left", { conversation_id });
  const phases: Record<"without" | "with", Phase> = {
    without: { latencies: [], deleted: 0 },
    with: { latencies: [], deleted: 0 },
  };
  await write(socket, conversation_id, { seconds: 5, rate: flags.rate }, "warm");
  for (let round = 0; round < flags.rounds; round++) {
    for (const kind of ["without", "with"] as const) {
      const retention_days = kind === "with" ? DAYS : null;
      await chat.updateConversation(conversation_id, { settings: { retention_days } });
      const before = await left();
      const latencies = await write(socket, conversation_id, flags, `${kind}${round}`);
      phases[kind].deleted += before + latencies.length - (await left());
      phases[kind].latencies.push(...latencies);
    }
  }
  socket.close();
  const rows = Object.entries(phases).map(([kind, { latencies, deleted }]) => [
    kind,
    String(latencies.length),
    String(deleted),
    ...[0.5, 0.95, 0.99, 0.999].map((share) => percentile(latencies, share)),
  ]);
  console.log(
    alignedTable([["retention", "messages", "deleted", "p50 ms", "p95", "p99", "p99.9"], ...rows], [0]),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
