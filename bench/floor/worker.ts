/**
 * The floors: the least that a room can be on this platform. Every frame from a socket goes to every socket, once
 * without storage and once with one insert for each message. And the least that an endpoint can be: a request that is
 * passed on to an object, which inserts or reads rows.
 */
import { DurableObject } from "cloudflare:workers";

interface Env {
  RELAY: DurableObjectNamespace<Relay>;
  RELAY_WITH_INSERT: DurableObjectNamespace<RelayWithInsert>;
  ENDPOINT: DurableObjectNamespace<Endpoint>;
}

const CREATE_TABLE =
  "CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, frame TEXT NOT NULL)";

/** A room that keeps nothing. */
export class Relay extends DurableObject<Env> {
  override async fetch(): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(_: WebSocket, frame: string | ArrayBuffer): Promise<void> {
    for (const socket of this.ctx.getWebSockets()) socket.send(frame);
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    socket.close();
  }
}

/** A room that writes every frame down before it sends it: the output gate holds the sends until it is on disk. */
export class RelayWithInsert extends Relay {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec(CREATE_TABLE);
  }

  override async webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> {
    this.ctx.storage.sql.exec("INSERT INTO messages (at, frame) VALUES (?, ?)", Date.now(), frame);
    await super.webSocketMessage(socket, frame);
  }
}

/** POST inserts what it is sent, and answers with it; GET answers with the newest 50. */
export class Endpoint extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec(CREATE_TABLE);
  }

  override async fetch(request: Request): Promise<Response> {
    const { sql } = this.ctx.storage;
    if (request.method === "GET") {
      return Response.json(sql.exec("SELECT * FROM messages ORDER BY seq DESC LIMIT 50").toArray());
    }
    const message = JSON.stringify(await request.json());
    sql.exec("INSERT INTO messages (at, frame) VALUES (?, ?)", Date.now(), message);
    return new Response(message, { status: 201, headers: { "content-type": "application/json" } });
  }
}

/** `/relay/<room>`, `/insert/<room>` and `/endpoint/<name>`. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, kind, name] = new URL(request.url).pathname.split("/");
    if (name === undefined) return new Response("ok");
    if (kind === "endpoint") return await env.ENDPOINT.get(env.ENDPOINT.idFromName(name)).fetch(request);
    const rooms = kind === "insert" ? env.RELAY_WITH_INSERT : env.RELAY;
    return await rooms.get(rooms.idFromName(name)).fetch(request);
  },
};
