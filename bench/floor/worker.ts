/**
 * The floors: the least that a room can be on this platform. Every frame from a socket goes to every socket, once
 * without storage and once with one insert for each message.
 */
import { DurableObject } from "cloudflare:workers";

interface Env {
  RELAY: DurableObjectNamespace<Relay>;
  RELAY_WITH_INSERT: DurableObjectNamespace<RelayWithInsert>;
}

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
    ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, frame TEXT NOT NULL)",
    );
  }

  override async webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> {
    this.ctx.storage.sql.exec("INSERT INTO messages (at, frame) VALUES (?, ?)", Date.now(), frame);
    await super.webSocketMessage(socket, frame);
  }
}

/** `/relay/<room>` and `/insert/<room>`. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, kind, room] = new URL(request.url).pathname.split("/");
    if (room === undefined) return new Response("ok");
    const rooms = kind === "insert" ? env.RELAY_WITH_INSERT : env.RELAY;
    return await rooms.get(rooms.idFromName(room)).fetch(request);
  },
};
