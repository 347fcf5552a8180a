/** Whether a deployment that was just made works: its health, and a message between two people of its own. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ChatServer } from "@rocket-chat-api/server";

const LOOK_MS = 500;
/** The conversation of the two; it is made once, and found again by this name. */
const ROOM = "deploy-canary";
const PEOPLE = ["ext:deploy-canary-a", "ext:deploy-canary-b"];

interface Health {
  status: string;
  version: string;
  commit: string | null;
}

/** What `/health` says; null: nothing answered. */
async function healthOf(url: string): Promise<Health | null> {
  const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
  return answer?.ok ? ((await answer.json().catch(() => null)) as Health | null) : null;
}

/**
 * Waits until the new version answers.
 * @param commit what `/health` says of it.
 * @param withinMs how long the platform may take.
 * @returns null, or the sentence that says what answers instead.
 */
export async function awaitVersion(url: string, commit: string, withinMs: number): Promise<string | null> {
  const until = Date.now() + withinMs;
  for (;;) {
    const health = await healthOf(url);
    if (health?.commit === commit) return null;
    if (Date.now() >= until)
      return health === null
        ? `${url}/health did not answer within ${withinMs / 1_000} s: does the domain point to this Worker?`
        : `${url}/health still answers with ${health.version} of ${health.commit ?? "no commit"}`;
    await sleep(LOOK_MS);
  }
}

/** What `/health/ready` finds broken; null: nothing. */
export async function unreadiness(url: string): Promise<string | null> {
  const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(10_000) }).catch(
    () => null,
  );
  if (answer === null) return "/health/ready did not answer";
  return answer.ok ? null : `/health/ready answers ${answer.status}: ${(await answer.text()).slice(0, 500)}`;
}

/**
 * Sends a message as one person, reads it as the other, and deletes it.
 * @param key an API key with the scopes users, conversations and messages.
 * @returns milliseconds that sending and reading took. Throws what was refused.
 */
export async function roundTrip(url: string, key: string): Promise<{ sent: number; read: number }> {
  const server = new ChatServer({ url, key });
  const [from, to] = PEOPLE as [string, string];
  for (const user of PEOPLE) await server.putUser(user, { display_name: "Deployment check" });
  const room = { type: "group", participants: PEOPLE, name: "Deployment check", external_id: ROOM } as const;
  const { conversation_id } = await server.createConversation(room);
  const content = `check ${randomUUID()}`;
  const begun = performance.now();
  const sent = { conversation_id, type: "text", content, client_message_id: randomUUID() } as const;
  const { message_id } = await server.as(from).sendMessage(sent);
  const between = performance.now();
  const page = await server.as(to).listMessages({ conversation_id, limit: 1 });
  const ended = performance.now();
  if (page.messages[0]?.content !== content)
    throw new Error("the message that was sent is not the newest one that is read");
  await server.as(from).deleteMessage({ message_id, delete_for_everyone: true });
  return { sent: Math.round(between - begun), read: Math.round(ended - between) };
}
