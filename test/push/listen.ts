/** A server of a stand-in: plain HTTP/1.1, or TLS with HTTP/2 and HTTP/1.1 on the same port, as providers have it. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  constants as http2,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Certificate } from "./certificate.ts";
import type { Answer } from "./wire.ts";

/** A request whose body has arrived. */
export interface Received {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: Buffer;
  httpVersion: string;
}

/** What to send, or how to fail. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string;
  behaviour?: Answer["behaviour"];
  delay_ms?: Answer["delay_ms"] | undefined;
}

export interface Server {
  /** Without a slash at the end. */
  origin: string;
  close: () => Promise<void>;
}

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

/** More than any provider takes. */
const MAX_BODY_BYTES = 1_000_000;

async function bodyOf(request: Request): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) throw new Error("the body is too large");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function headersOf(request: Request): Record<string, string> {
  const entries = Object.entries(request.headers).filter(([name]) => !name.startsWith(":"));
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

/** A body that never ends: nothing comes, or more than anybody would read. */
async function endlessBody(response: Response, reply: Reply): Promise<void> {
  const either = response as ServerResponse;
  either.writeHead(reply.status || 500, reply.headers ?? {});
  either.write("{");
  const part = Buffer.alloc(65_536, " ");
  while (reply.behaviour === "flood" && !either.destroyed) {
    if (!either.write(part)) await Promise.race([once(either, "drain"), once(either, "close")]);
  }
}

/** Fails as a network or a provider does. */
function misbehave(request: Request, behaviour: Answer["behaviour"]): void {
  if (behaviour === "hang") return;
  if (!("stream" in request)) {
    request.socket.destroy();
    return;
  }
  const { session } = request.stream;
  if (behaviour === "reset") request.stream.close(http2.NGHTTP2_INTERNAL_ERROR);
  // Apple says in GOAWAY that the stream was not handled.
  else session?.goaway(http2.NGHTTP2_NO_ERROR, Math.max(0, (request.stream.id ?? 1) - 2));
  if (behaviour === "goaway") setImmediate(() => session?.destroy());
}

function send(response: Response, { status, headers = {}, body = "" }: Reply): void {
  // Both have the same methods; their overloads differ too much for one type.
  const either = response as ServerResponse;
  either.writeHead(status, headers);
  either.end(body);
}

/**
 * Listens on a free port of 127.0.0.1.
 * @param certificate for TLS; undefined for plain HTTP.
 */
export async function listen(
  handle: (request: Received) => Promise<Reply>,
  certificate: Certificate | undefined,
): Promise<Server> {
  const sockets = new Set<Socket>();
  let origin = "";
  const onRequest = async (request: Request, response: Response) => {
    request.on("error", () => {});
    response.on("error", () => {});
    try {
      const reply = await handle({
        method: request.method ?? "",
        url: new URL(request.url ?? "/", origin),
        headers: headersOf(request),
        body: await bodyOf(request),
        httpVersion: request.httpVersion,
      });
      if (reply.delay_ms) await sleep(reply.delay_ms);
      if (reply.behaviour === "stall" || reply.behaviour === "flood") await endlessBody(response, reply);
      else if (reply.behaviour) misbehave(request, reply.behaviour);
      else send(response, reply);
    } catch (error) {
      console.error("push stand-in:", error);
      request.socket.destroy();
    }
  };
  const server = certificate
    ? createSecureServer({ ...certificate, allowHTTP1: true }, (request, response) => {
        void onRequest(request, response);
      })
    : createServer((request, response) => void onRequest(request, response));
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  server.on("sessionError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  origin = `${certificate ? "https" : "http"}://localhost:${port}`;
  return {
    origin,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
