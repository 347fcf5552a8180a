/** The client of a session. */
import { ChatClient, webStorage } from "@rocket-chat-api/client";
import type { PageConfig } from "../session/config.ts";
import type { Session } from "../session/session.ts";

/** Messages that a busy conversation keeps loaded; older ones are loaded again. */
const KEEP_MESSAGES = 300;

/** The id of this installation for a person: made once, and kept. */
function deviceId(userId: string): string {
  const key = `chat.device.${userId}`;
  const known = localStorage.getItem(key);
  if (known) return known;
  const made = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  localStorage.setItem(key, `web-${made.join("")}`);
  return deviceId(userId);
}

/** Makes the client of a session. What is on its way survives a reload. */
export function makeClient({ api }: PageConfig, { userId, token }: Session): ChatClient {
  return new ChatClient({
    url: api === "" ? location.origin : api,
    token,
    device_id: deviceId(userId),
    outbox: webStorage(sessionStorage, `chat.outbox.${userId}`),
    keep_messages: KEEP_MESSAGES,
  });
}
