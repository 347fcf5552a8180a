/** What an idle deployment does: nothing. In real time, since only the real runtime puts objects away that nobody needs. */
import { copyFileSync, existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEVELOPMENT_ENTRY, DevServer } from "../../scripts/serve.ts";

/** Longer than an object stays in memory after its last alarm, which rings eight seconds after a change. */
const REST_MS = 45_000;

/** Longer than the alarm takes, and the ten seconds after it in which an object is not put away yet. */
const PAUSE_MS = 20_000;

let server: DevServer;
beforeAll(async () => {
  server = await DevServer.create({}, DEVELOPMENT_ENTRY);
}, 120_000);
afterAll(() => server?.dispose());

/** The alarms that objects have set, as the runtime keeps them; read from a copy, beside which it goes on. */
function alarms(className: string): Record<string, number> {
  const [file = ""] = globSync(join(server.state, `v3/do/*-${className}/metadata.sqlite`));
  const folder = mkdtempSync(join(tmpdir(), "rocket-chat-alarms-"));
  try {
    const copy = join(folder, "metadata.sqlite");
    for (const part of ["", "-wal", "-shm"])
      if (existsSync(file + part)) copyFileSync(file + part, copy + part);
    const db = new DatabaseSync(copy);
    const select = db.prepare("SELECT * FROM _cf_ALARM");
    select.setReadBigInts(true);
    const rows = select.all().map((row) => Object.values(row));
    db.close();
    return Object.fromEntries(
      rows.map(([id, time]) => [String(id), Number(BigInt(String(time)) / 1_000_000n)]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Signs in; the first time this makes a few conversations, in which something was said. @returns a token, and the user's id. */
async function signIn(as: string): Promise<{ token: string; user_id: string }> {
  const session = { method: "POST", body: JSON.stringify({ as }) };
  const response = await fetch(`${server.url}/development/session`, session);
  expect(response.status).toBe(200);
  const { token, user } = (await response.json()) as { token: string; user: { user_id: string } };
  return { token, user_id: user.user_id };
}

/** Opens a socket. @returns what it hears. */
async function listen(path: string, token: string): Promise<{ type: string; data?: { content?: string } }[]> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}${path}?token=${token}`);
  const heard: { type: string }[] = [];
  socket.addEventListener("message", ({ data }) => heard.push(JSON.parse(String(data))));
  await expect.poll(() => heard.map(({ type }) => type)).toContain("connection.established");
  return heard;
}

describe("an idle deployment", () => {
  it("[IDLE-1] sets alarms no more once everything was written and told, though objects lose their memory", async () => {
    await signIn("alice");
    expect(Object.keys(alarms("Conversation")).length).toBeGreaterThan(0);
    await expect.poll(() => alarms("Conversation"), { timeout: REST_MS, interval: 1_000 }).toEqual({});
    await expect.poll(() => alarms("UserHub"), { timeout: REST_MS, interval: 1_000 }).toEqual({});
    // An object that rang once more for nothing would have set its alarm again by then.
    await sleep(1_000);
    expect(alarms("Conversation")).toEqual({});
  });

  it("[IDLE-2] asks no client to sync after a quiet time: what was told before it is known", async () => {
    const [alice, bob] = [await signIn("alice"), await signIn("bob")];
    const ask = async (path: string, body: object): Promise<{ conversation_id: string }> => {
      const headers = { authorization: `Bearer ${alice.token}`, "content-type": "application/json" };
      const response = await fetch(`${server.url}/api/v1${path}`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      return (await response.json()) as { conversation_id: string };
    };
    const { conversation_id: id } = await ask("/conversations/direct", { user_id: bob.user_id });
    const sockets = await Promise.all([
      ...[listen("/ws", bob.token), listen(`/api/v1/conversations/${id}/ws`, bob.token)],
      listen("/ws", alice.token),
    ]);
    const says = async (content: string): Promise<void> => {
      await ask(`/conversations/${id}/messages`, { type: "text", content });
      for (const heard of sockets)
        await expect
          .poll(() => heard.map(({ data }) => data?.content), { timeout: 10_000 })
          .toContain(content);
    };
    await says("before the pause");
    await sleep(PAUSE_MS);
    await says("after the pause");
    for (const heard of sockets) expect(heard.map(({ type }) => type)).not.toContain("sync.required");
  });
});
