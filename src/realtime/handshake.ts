/** How the Worker hands a client's socket to an object. */
import type { Caller } from "../domain/caller.ts";
import type { EpochMs } from "../domain/time.ts";
import type { Trace } from "../domain/trace.ts";

/** What the Worker knows of a client. */
export interface Handshake {
  caller: Caller;
  /** When the token ends. */
  expires_at: EpochMs;
  /** When the token was issued; 0 if it does not say. Sessions that an older release stored have none. */
  issued_at?: EpochMs;
  /** Whether the client takes many events in one frame (`?batch=1`). */
  batch: boolean;
  /** Whether it takes the short form of events (`?lean=1`). Sessions that an older release stored do not say. */
  lean?: boolean;
  /** The device, as it is registered for push (`?device_id=`). */
  device_id?: string | undefined;
  /** The newest `seq` that the client has of this conversation (`?since=`). */
  since?: number | undefined;
  /** Of the request that opened the socket. Sessions that an older release stored have none. */
  trace?: Trace | undefined;
}

const HANDSHAKE_HEADER = "x-rocket-handshake";

/** The request that brings a socket to an object. Only the Worker can reach an object, so the header can be trusted. */
export function handshakeRequest(handshake: Handshake): Request {
  return new Request("https://object/socket", {
    headers: { upgrade: "websocket", [HANDSHAKE_HEADER]: encodeURIComponent(JSON.stringify(handshake)) },
  });
}

/** Reads what {@link handshakeRequest} wrote. */
export function readHandshake(request: Request): Handshake {
  return JSON.parse(decodeURIComponent(request.headers.get(HANDSHAKE_HEADER) ?? "")) as Handshake;
}
