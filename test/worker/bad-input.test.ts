import { describe, expect, it } from "vitest";
import { bodies, ids, messages, queries, text } from "./bad-requests.ts";
import { expectError, read } from "./checks.ts";
import { api, connect, connectTo, direct, type Person, people, request, say } from "./kit.ts";

/** A conversation with one message, and sockets that must not notice anything. */
async function scene() {
  const [ann, bob] = await people("ann", "bob");
  const id = await direct(ann, bob);
  const message = await say(ann, id, "good");
  const healthy = [await connect(bob), await connectTo(bob, id)];
  return { ann, bob, id, message, healthy };
}

type Scene = Awaited<ReturnType<typeof scene>>;

/** Nothing was stored: the next message takes the next number, and the healthy sockets heard only that. */
async function expectUndisturbed({ ann, id, message, healthy }: Scene, who: Person = ann): Promise<void> {
  const next = await say(who, id, "still well");
  expect(next.seq).toBe(message.seq + 1);
  for (const socket of healthy) {
    await socket.heard((e) => e.type === "message.new" && e.data.message_id === next.message_id);
    expect(socket.all("message.new")).toHaveLength(1);
    expect(socket.all("error")).toEqual([]);
  }
  const history = await api(ann, "GET", `/conversations/${id}/messages`);
  expect(history.body.messages.map((one: { content: string }) => one.content)).toEqual([
    "still well",
    "good",
  ]);
  expect((await api(ann, "GET", "/conversations")).body.total).toBe(1);
}

describe("bad requests", () => {
  const tables = { bodies, messages, ids, queries };
  for (const [name, table] of Object.entries(tables)) {
    it(`[BAD-REST] ${name}: each gets its own code, and nothing is stored`, async () => {
      const at = await scene();
      const fill = (path: string) =>
        path.replaceAll(":id", at.id).replaceAll(":message", at.message.message_id);
      for (const [method, path, body, code] of table) {
        const answer = await api(at.ann, method, fill(path), body);
        const what = [method, path, typeof body === "string" ? body.slice(0, 100) : body];
        expect([...what, answer.body?.code]).toEqual([...what, code]);
        expectError(answer, code);
      }
      await expectUndisturbed(at);
    });
  }

  it("[BAD-REST] a validation error says where", async () => {
    const { ann, id } = await scene();
    const answer = await api(ann, "POST", `/conversations/${id}/messages`, { type: "text", content: 7 });
    expect(answer.body.details).toEqual({ issues: [{ path: "content", message: expect.any(String) }] });
    const tooLong = await api(ann, "POST", `/conversations/${id}/messages`, text("x".repeat(4097)));
    expect(tooLong.body.details).toMatchObject({ max_length: 4096 });
  });

  it("[BAD-REST] exactly 4,096 code points are accepted, emoji too, and come back as they were", async () => {
    const at = await scene();
    for (const content of ["x".repeat(4096), "😀".repeat(4096), `${"x".repeat(4095)}😀`]) {
      const sent = await api(at.ann, "POST", `/conversations/${at.id}/messages`, text(content));
      expect(sent.status).toBe(201);
      const read = await api(at.bob, "GET", `/messages/${sent.body.message_id}`);
      expect(read.body.content).toBe(content);
    }
  });

  it("[BAD-REST] a body beyond 128 KiB is 413, announced or not", async () => {
    const at = await scene();
    const path = `/conversations/${at.id}/messages`;
    const big = JSON.stringify(text("x".repeat(140_000)));
    expectError(await api(at.ann, "POST", path, big), "PAYLOAD_TOO_LARGE");
    const body = new Blob([big]).stream();
    const headers = { authorization: `Bearer ${at.ann.token}`, "content-type": "application/json" };
    const streamed = await request(`/api/v1${path}`, { method: "POST", headers, body });
    expectError(await read(streamed), "PAYLOAD_TOO_LARGE");
    await expectUndisturbed(at);
  });

  it("[BAD-REST] an Idempotency-Key that is none, or says something else than the body", async () => {
    const at = await scene();
    const path = `/conversations/${at.id}/messages`;
    for (const key of ["", "x".repeat(65)]) {
      const answer = await api(at.ann, "POST", path, text("x"), { "idempotency-key": key });
      expectError(answer, "VALIDATION_ERROR");
    }
    const body = text("x", { client_message_id: "one" });
    expectError(await api(at.ann, "POST", path, body, { "idempotency-key": "two" }), "VALIDATION_ERROR");
    await expectUndisturbed(at);
  });

  it("[BAD-REST] no such route, or no such method, is 404 in the same shape", async () => {
    const [ann] = await people("ann");
    for (const path of ["/nothing", "/conversations/x/y/z", "/messages", "/conversations//messages"]) {
      expectError(await api(ann, "GET", path), "NOT_FOUND");
    }
    for (const method of ["PUT", "DELETE", "PATCH"]) {
      expectError(await api(ann, method, "/conversations"), "NOT_FOUND");
    }
    expectError(await read(await request("/nothing")), "NOT_FOUND");
  });

  it("[BAD-REST] every response has a request id: one's own if it is harmless, else a new one", async () => {
    const [ann] = await people("ann");
    const ask = async (id?: string) => {
      const headers = id === undefined ? {} : { "x-request-id": id };
      return (await api(ann, "GET", "/users/me", undefined, headers)).headers.get("x-request-id");
    };
    expect(await ask()).toMatch(/^[0-9a-f-]{36}$/);
    expect(await ask("my-own-id-1")).toBe("my-own-id-1");
    for (const id of ["<script>", "a b", "x".repeat(300), ""])
      expect(await ask(id)).toMatch(/^[0-9a-f-]{36}$/);
    expect((await request("/health")).headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("[BAD-REST] a body is JSON whatever it is called", async () => {
    const { ann, id } = await scene();
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/json; charset=utf-8",
    ]) {
      const headers = { "content-type": type };
      const answer = await api(ann, "POST", `/conversations/${id}/messages`, text("typed"), headers);
      expect([type, answer.status]).toEqual([type, 201]);
    }
  });
});
