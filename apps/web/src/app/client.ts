/** The client of a session. */
import { ChatClient } from "@rocket-chat-api/client";
import { indexedDbStore } from "@rocket-chat-api/client/store-indexeddb";
import { sharedSocket } from "@rocket-chat-api/client/tabs";
import type { PageConfig } from "../session/config.ts";
import { keep, kept } from "../session/kept.ts";
import type { Session } from "../session/session.ts";

/** Messages that a busy conversation keeps loaded; older ones are loaded again. */
const KEEP_MESSAGES = 300;

/** The id of this installation for a person: made once, and kept. */
function deviceId(userId: string): string {
  const known = kept("device", userId);
  if (known) return known;
  const made = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  const id = `web-${made.join("")}`;
  keep("device", userId, id);
  return id;
}

/**
 * Makes the client of a session. What it knows and what is on its way survive a reload, with or without a network, and all tabs
 * of a person share one socket.
 */
export function makeClient({ api }: PageConfig, { userId, token }: Session): ChatClient {
  return new ChatClient({
    url: api === "" ? location.origin : api,
    token,
    device_id: deviceId(userId),
    user_id: userId,
    // Each person who uses this browser has their own.
    store: indexedDbStore({ name: `chat-${userId}` }),
    openSocket: sharedSocket(),
    keep_messages: KEEP_MESSAGES,
  });
}
