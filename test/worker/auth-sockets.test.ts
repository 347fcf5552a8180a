import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { atTime, expectError, read, until, workerWith } from "./checks.ts";
import { api, direct, hubObject, type Person, people, request, sign, TestSocket } from "./kit.ts";
import { usageOf, WORKER } from "./usage.ts";

const upgrade = { upgrade: "websocket" };

/** Opens a socket with these headers; the response if it was refused. */
async function open(path: string, headers: Record<string, string> = {}): Promise<TestSocket | Response> {
  const response = await request(path, { headers: { ...upgrade, ...headers } });
  if (!response.webSocket) return response;
  const socket = new TestSocket(response.webSocket);
  await socket.heard("connection.established");
  return socket;
}

async function refusal(path: string, headers: Record<string, string> = {}) {
  const response = await open(path, headers);
  if (response instanceof TestSocket) throw new Error(`opened: ${path}`);
  return await read(response);
}

describe("opening a socket", () => {
  it("[AUTH-4] by ?token= as in the guide, or by header; on both kinds", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    for (const path of ["/ws", `/api/v1/conversations/${id}/ws`]) {
      const byQuery = await open(`${path}?token=${ann.token}`);
      const byHeader = await open(path, { authorization: `Bearer ${ann.token}` });
      for (const socket of [byQuery, byHeader]) {
        if (!(socket instanceof TestSocket)) throw new Error("refused");
        const event = await socket.heard("connection.established");
        expect(event).toMatchObject({
          type: "connection.established",
          data: { user_id: ann.user_id, connection_id: expect.stringMatching(/^\S{8,}$/) },
        });
      }
      expectError(await refusal(path), "UNAUTHORIZED");
    }
  });

  it("[AUTH-4] an upgrade is an upgrade, and carries a request id", async () => {
    const [ann] = await people("ann");
    const authorization = `Bearer ${ann.token}`;
    const plain = await read(await request("/ws", { headers: { authorization } }));
    expectError(plain, "VALIDATION_ERROR");
    const response = await request("/ws", {
      headers: { ...upgrade, authorization, "x-request-id": "abcdefgh" },
    });
    expect(response.status).toBe(101);
    expect(response.headers.get("x-request-id")).toBe("abcdefgh");
    response.webSocket?.accept();
    response.webSocket?.close();
  });

  it("[AUTH-4] a conversation's socket is for its members", async () => {
    const [ann, bob, eve] = await people("ann", "bob", "eve");
    const id = await direct(ann, bob);
    const authorization = `Bearer ${eve.token}`;
    expectError(await refusal(`/api/v1/conversations/${id}/ws`, { authorization }), "FORBIDDEN");
    const nobodys = `/api/v1/conversations/${crypto.randomUUID()}/ws`;
    expectError(await refusal(nobodys, { authorization }), "CONVERSATION_NOT_FOUND");
    const free = `/api/v1/conversations/12345678-1234-8234-8234-000000000000/ws`;
    expectError(await refusal(free, { authorization }), "CONVERSATION_NOT_FOUND");
    expectError(await refusal("/api/v1/conversations/nope/ws", { authorization }), "VALIDATION_ERROR");
  });
});

describe("tickets", () => {
  const ticketOf = async (who: Person): Promise<string> => {
    const answer = await api(who, "POST", "/ws/ticket");
    expect(answer).toMatchObject({ status: 201, body: { expires_in: 30 } });
    return answer.body.ticket;
  };

  it("[AUTH-4] a ticket opens one socket, of either kind, once", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    for (const path of ["/ws", `/api/v1/conversations/${id}/ws`]) {
      const ticket = await ticketOf(ann);
      const socket = await open(`${path}?ticket=${ticket}`);
      if (!(socket instanceof TestSocket)) throw new Error("refused");
      expect(await socket.heard("connection.established")).toMatchObject({ data: { user_id: ann.user_id } });
      expectError(await refusal(`${path}?ticket=${ticket}`), "UNAUTHORIZED");
    }
  });

  it("[AUTH-4] of ten who use it at once, one gets in", async () => {
    const [ann] = await people("ann");
    const ticket = await ticketOf(ann);
    const all = await Promise.all(Array.from({ length: 10 }, () => open(`/ws?ticket=${ticket}`)));
    expect(all.filter((one) => one instanceof TestSocket)).toHaveLength(1);
  });

  it("[AUTH-4] a guessed or forged ticket wakes no object", async () => {
    const [ann, bob] = await people("ann", "bob");
    const real = await ticketOf(ann);
    const [, random, signature] = real.split(".");
    const flipped = `${signature?.startsWith("A") ? "B" : "A"}${signature?.slice(1)}`;
    const forged = [
      `${crypto.randomUUID()}.${crypto.randomUUID()}`,
      `${ann.user_id}.${crypto.randomUUID()}`,
      `${ann.user_id}.${random}`,
      `${ann.user_id}.${random}.${flipped}`,
      `${ann.user_id}.${crypto.randomUUID()}.${signature}`,
      `${bob.user_id}.${random}.${signature}`,
      `${ann.user_id}.${random}.${"A".repeat(43)}`,
      `${ann.user_id}.${random}.${signature}x`,
      `${ann.user_id}.${random}.${signature}.${signature}`,
      `${ann.user_id.toUpperCase()}.${random}.${signature}`,
    ];
    const usage = await usageOf(WORKER, async () => {
      for (const ticket of forged) expectError(await refusal(`/ws?ticket=${ticket}`), "UNAUTHORIZED");
    });
    expect(usage.object_requests).toBe(0);
    expect(await open(`/ws?ticket=${real}`)).toBeInstanceOf(TestSocket);
  });

  it("[AUTH-4] tickets that nobody uses are swept, by the next one and by the hub's alarm", async () => {
    const [ann] = await people("ann");
    const kept = () =>
      runInDurableObject(hubObject(ann.user_id), (_, { storage }) =>
        storage.sql.exec("SELECT ticket FROM tickets").toArray(),
      );
    const now = Date.now();
    for (let i = 0; i < 3; i++) await ticketOf(ann);
    expect(await kept()).toHaveLength(3);
    await atTime(now + 40_000, () => ticketOf(ann));
    expect(await kept()).toHaveLength(1);
    await atTime(now + 120_000, () => runDurableObjectAlarm(hubObject(ann.user_id)));
    expect(await kept()).toHaveLength(0);
  });

  it("[AUTH-4] it is good for 30 seconds", async () => {
    const [ann] = await people("ann");
    const now = Date.now();
    const inTime = await ticketOf(ann);
    await atTime(now + 29_000, async () =>
      expect(await open(`/ws?ticket=${inTime}`)).toBeInstanceOf(TestSocket),
    );
    const late = await atTime(now, () => ticketOf(ann));
    await atTime(now + 30_001, async () => expectError(await refusal(`/ws?ticket=${late}`), "UNAUTHORIZED"));
    expectError(await refusal(`/ws?ticket=${late}`), "UNAUTHORIZED");
  });

  it("[AUTH-4] an unknown or broken ticket is refused, also beside a good token", async () => {
    const [ann, bob] = await people("ann", "bob");
    const theirs = await ticketOf(bob);
    const swapped = theirs.replace(bob.user_id, ann.user_id);
    const unknown = `${ann.user_id}.${crypto.randomUUID()}`;
    for (const ticket of ["x", ".", unknown, swapped, `${crypto.randomUUID()}.${crypto.randomUUID()}`]) {
      expectError(await refusal(`/ws?ticket=${ticket}`), "UNAUTHORIZED");
      expectError(await refusal(`/ws?ticket=${ticket}&token=${ann.token}`), "UNAUTHORIZED");
    }
    expect(await open(`/ws?ticket=${theirs}`)).toBeInstanceOf(TestSocket);
  });

  it("[AUTH-4 R5] a ticket that is there but empty counts as absent", async () => {
    const [ann] = await people("ann");
    expectError(await refusal("/ws?ticket="), "UNAUTHORIZED");
    expectError(await refusal("/ws?ticket=&token="), "UNAUTHORIZED");
    expect(await open(`/ws?ticket=&token=${ann.token}`)).toBeInstanceOf(TestSocket);
  });

  it("[AUTH-4] a ticket needs a token, and its socket ends when that token does", async () => {
    expectError(await api(undefined, "POST", "/ws/ticket"), "UNAUTHORIZED");
    const [ann] = await people("ann");
    const end = Math.floor(Date.now() / 1000) + 100;
    const socket = await open(`/ws?ticket=${await ticketOf(await until(ann, end))}`);
    if (!(socket instanceof TestSocket)) throw new Error("refused");
    await atTime(end * 1000, () => runDurableObjectAlarm(hubObject(ann.user_id)));
    expect((await socket.closed).code).toBe(4009);
  });
});

describe("origins", () => {
  it("[AUTH-4] a foreign origin is refused, an allowed one, our own and none are let in", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const authorization = `Bearer ${ann.token}`;
    for (const path of ["/ws", `/api/v1/conversations/${id}/ws`]) {
      for (const origin of [undefined, "https://app.example.com", "https://chat.test"]) {
        const headers = origin ? { authorization, origin } : { authorization };
        expect(await open(path, headers)).toBeInstanceOf(TestSocket);
      }
      const foreign = [
        "https://evil.example",
        "https://app.example.com.evil.example",
        "http://app.example.com",
      ];
      for (const origin of [...foreign, "https://app.example.com:8443", "null", "*"]) {
        expectError(await refusal(path, { authorization, origin }), "FORBIDDEN");
      }
    }
  });

  it("[AUTH-4] the list may have spaces and several entries; an empty list allows no stranger", async () => {
    const [ann] = await people("ann");
    const secret = "a secret of more than thirty-two bytes";
    const token = await sign({ sub: ann.user_id, username: ann.username }, { secret });
    const status = async (ALLOWED_ORIGINS: string, origin: string) => {
      const headers = { ...upgrade, authorization: `Bearer ${token}`, origin };
      const response = await workerWith({ JWT_SECRET: secret, ALLOWED_ORIGINS })("/ws", { headers });
      response.webSocket?.accept();
      response.webSocket?.close();
      return response.status;
    };
    const two = "https://one.example, https://two.example";
    expect(await status(two, "https://one.example")).toBe(101);
    expect(await status(two, "https://two.example")).toBe(101);
    expect(await status("", "https://one.example")).toBe(403);
  });
});
