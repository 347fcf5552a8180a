/**
 * [DEAF] A client that never reads costs the server a window, not its memory (`node test/server/deaf.ts`).
 *
 * Raw TCP clients complete the WebSocket handshake and read nothing while their room is flooded; some go on sending, to
 * be taken for clients that read. The runtime's memory must stay within 50 MB of what it was after a flood without
 * them, and when they read at last they must find the close code 4010. `--help` lists the flags.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createRest, Http, Tokens } from "@rocket-chat-api/client";
import { WebSocket } from "ws";
import { textFrame } from "../../bench/client.ts";
import { readArguments, wholeNumbers } from "../../scripts/arguments.ts";
import { devToken, devUserId } from "../../scripts/dev-token.ts";
import { socketPath } from "../../scripts/person.ts";
import { DevServer } from "../../scripts/serve.ts";

const USAGE = `
Usage: npm run deaf -- [flags]

Floods clients that never read; the server's memory must not grow with them.

  --deaf <number>        clients that never read; 4
  --megabytes <number>   how much is sent; 40
`;

const flags = readArguments({
  usage: USAGE,
  options: { deaf: { type: "string", default: "4" }, megabytes: { type: "string", default: "40" } },
}).values;
const wanted = wholeNumbers(flags);

const LIMIT_MB = 50;
/** Characters of a message. */
const SIZE = 4_096;
/** Messages on their way at a time. */
const IN_FLIGHT = 50;
const DRAIN_TIMEOUT_MS = 20_000;
/** Characters that the flooder reads until it says so. */
const ACKNOWLEDGE_EVERY = 256 * 1024;

const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);

/** Opens a WebSocket by hand, and stops reading with the answer to the handshake. */
async function openDeaf(url: URL, path: string): Promise<Socket> {
  const socket = connect(Number(url.port), url.hostname);
  await once(socket, "connect");
  const key = Buffer.from("a key of 16 byte").toString("base64");
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  const [answer] = (await once(socket, "data")) as [Buffer];
  socket.pause();
  if (!answer.toString("latin1").startsWith("HTTP/1.1 101")) throw new Error(answer.toString("latin1"));
  return socket;
}

/** What a deaf client says every 80 ms. */
const PRETENCES = (id: string): Record<string, unknown[]> => ({
  nothing: [],
  sync: [{ type: "sync", conversations: { [id]: 1 } }],
  ping: [{ type: "ping" }],
  "a lie": [
    { type: "flow.ack", received: 1e15 },
    { type: "typing.stop", conversation_id: id },
  ],
});
const PRETEND_EVERY_MS = 80;

/** Goes on sending without ever reading. @returns what ends it. */
function pretend(socket: Socket, commands: unknown[]): () => void {
  const frames = commands.map((command) => textFrame(JSON.stringify(command)));
  const timer = setInterval(() => {
    for (const frame of frames) if (socket.writable) socket.write(frame);
  }, PRETEND_EVERY_MS);
  return () => clearInterval(timer);
}

/** Reads everything at last. @returns the code of the close frame, or undefined if none came. */
async function readAtLast(socket: Socket): Promise<{ code: number | undefined; bytes: number }> {
  let bytes = 0;
  let rest: Buffer = Buffer.alloc(0);
  const found = new Promise<number | undefined>((resolve) => {
    socket.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      const { code, left } = findClose(Buffer.concat([rest, chunk]));
      rest = left;
      if (code !== undefined) resolve(code);
    });
    socket.on("close", () => resolve(undefined));
    socket.on("error", () => resolve(undefined));
  });
  socket.resume();
  const code = await Promise.race([found, sleep(DRAIN_TIMEOUT_MS, undefined)]);
  socket.destroy();
  return { code, bytes };
}

/** Skips whole frames until one that closes. A server's frames are not masked. */
function findClose(bytes: Buffer): { code?: number; left: Buffer } {
  let at = 0;
  while (at + 2 <= bytes.length) {
    const opcode = (bytes[at] ?? 0) & 0x0f;
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const header = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (at + header > bytes.length) break;
    const length =
      short === 126
        ? bytes.readUInt16BE(at + 2)
        : short === 127
          ? Number(bytes.readBigUInt64BE(at + 2))
          : short;
    if (at + header + length > bytes.length) break;
    if (opcode === 8) return { code: bytes.readUInt16BE(at + header), left: bytes };
    at += header + length;
  }
  return { left: bytes.subarray(at) };
}

/** Sends so many megabytes of messages, and waits for their acknowledgements. @returns messages a second. */
async function flood(socket: WebSocket, id: string, size: number): Promise<number> {
  const count = Math.ceil((size * 1024 * 1024) / SIZE);
  const data = { type: "text", content: "x".repeat(SIZE) };
  const started = performance.now();
  let sent = 0;
  let acknowledged = 0;
  let received = 0;
  const send = (): void => {
    sent += 1;
    socket.send(JSON.stringify({ type: "message.send", conversation_id: id, request_id: sent, data }));
  };
  await new Promise<void>((resolve) => {
    const hear = (text: unknown): void => {
      received += String(text).length;
      if (received >= ACKNOWLEDGE_EVERY) {
        socket.send(JSON.stringify({ type: "flow.ack", received }));
        received = 0;
      }
      if (!String(text).startsWith('{"type":"ack"')) return;
      acknowledged += 1;
      if (sent < count) send();
      if (acknowledged < count) return;
      socket.off("message", hear);
      resolve();
    };
    socket.on("message", hear);
    for (let i = 0; i < Math.min(IN_FLIGHT, count); i++) send();
  });
  return count / ((performance.now() - started) / 1000);
}

/** The highest memory that is seen while something is done. */
async function peakDuring(server: DevServer, work: Promise<unknown>): Promise<number> {
  let peak = server.memory();
  let isOver = false;
  void work.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    peak = Math.max(peak, server.memory());
    await sleep(250);
  }
  return peak;
}

async function main(): Promise<string[]> {
  const server = await DevServer.create({ RATE_LIMIT_MODE: "off" });
  try {
    const [token, deafToken] = await Promise.all(
      ["flooder", "deaf"].map((name) => devToken(name, server.secret)),
    );
    const restOf = (bearer = "") => createRest(new Http(server.url, new Tokens(() => bearer)));
    for (const bearer of [token, deafToken]) await restOf(bearer).me();
    const { conversation_id: id } = await restOf(token).createDirect(devUserId("deaf"));
    const path = socketPath(id);
    const flooder = new WebSocket(`${server.url.replace("http", "ws")}${path}?token=${token}`);
    await once(flooder, "open");
    // Twice, for caches and the compiler.
    await flood(flooder, id, wanted.megabytes);
    const before = await peakDuring(server, flood(flooder, id, wanted.megabytes));
    const paths = Array.from({ length: wanted.deaf }, (_, i) => (i % 2 === 0 ? "/ws" : path));
    const deaf = await Promise.all(
      paths.map((one) => openDeaf(new URL(server.url), `${one}?token=${deafToken}`)),
    );
    const pretences = Object.entries(PRETENCES(id));
    const pretending = deaf.map((socket, i) => pretend(socket, pretences[i % pretences.length]?.[1] ?? []));
    let rate = 0;
    const flooding = flood(flooder, id, wanted.megabytes).then((result) => {
      rate = result;
    });
    const peak = await peakDuring(server, flooding);
    console.log(
      `[DEAF] ${wanted.megabytes} MB in messages at ${rate.toFixed(0)} a second: ${megabytes(before)} MB of memory ` +
        `without, ${megabytes(peak)} MB with ${wanted.deaf} deaf clients`,
    );
    const wrong = peak - before > LIMIT_MB * 1024 * 1024 ? [`${megabytes(peak - before)} MB more`] : [];
    for (const end of pretending) end();
    for (const [i, socket] of deaf.entries()) {
      const { code, bytes } = await readAtLast(socket);
      const [says] = pretences[i % pretences.length] ?? [];
      console.log(
        `[DEAF] who says ${says}, reading at last: ${megabytes(bytes)} MB, then the close code ${code}`,
      );
      if (code !== 4010) wrong.push(`a deaf client was told ${code}`);
    }
    flooder.terminate();
    return wrong;
  } finally {
    await server.stop();
    server.dispose();
  }
}

const wrong = await main();
for (const what of wrong) console.error(`[DEAF] WRONG ${what}`);
console.log(wrong.length === 0 ? "[DEAF] ok" : "[DEAF] FAILED");
process.exit(wrong.length === 0 ? 0 : 1);
