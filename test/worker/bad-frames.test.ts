import { describe, expect, it } from "vitest";
import { ErrorEvent, MAX_FRAME_BYTES } from "../../src/protocol/index.ts";
import { connect, connectTo, direct, type Person, people, say, type TestSocket } from "./kit.ts";

const FREE_ID = "12345678-1234-8234-8234-000000000000";
const KINDS = ["the user's socket", "the conversation's socket"] as const;

/** A socket of each kind for ann, and sockets of bob's that must not notice anything. */
async function scene(kind: (typeof KINDS)[number]) {
  const [ann, bob] = await people("ann", "bob");
  const id = await direct(ann, bob);
  const open = () => (kind === KINDS[0] ? connect(ann) : connectTo(ann, id));
  const healthy = [await connect(bob), await connectTo(bob, id), await open()];
  const before = await say(bob, id, "before");
  return { ann, bob, id, open, healthy, before };
}

const send = (conversation_id: string, data: unknown, more: object = {}) => ({
  type: "message.send",
  conversation_id,
  data,
  ...more,
});

/** Nothing was stored, and nobody else noticed. */
async function expectUndisturbed({ bob, id, healthy, before }: Awaited<ReturnType<typeof scene>>) {
  const next = await say(bob, id, "still well");
  expect(next.seq).toBe(before.seq + 1);
  for (const socket of healthy) {
    await socket.heard((e) => e.type === "message.new" && e.data.message_id === next.message_id);
    const heard = socket.all("message.new").map((event) => event.data.content);
    expect(heard).toEqual(["before", "still well"]);
    expect(socket.all("error")).toEqual([]);
    expect((await socket.ask({ type: "auth.refresh", token: "x" })).type).toBe("error");
  }
}

/** Commands that are JSON but not valid. */
function invalid(id: string): unknown[] {
  const text = (content: unknown, more: object = {}) => send(id, { type: "text", content, ...more });
  return [
    null,
    7,
    "hello",
    [],
    [text("x")],
    {},
    { type: "no.such.command" },
    { type: ["message.send"] },
    { type: "__proto__" },
    { type: "message.send" },
    { type: "message.send", conversation_id: id },
    send(id, null),
    send("x", { type: "text", content: "x" }),
    send(id, { type: "system", content: "x" }),
    text(7),
    text("\0"),
    text("\ud800"),
    text("x", { client_message_id: "x".repeat(65) }),
    text("x", { metadata: { a: "\ud800" } }),
    { type: "auth.refresh" },
    { type: "auth.refresh", token: 7 },
  ];
}

/** An error frame as the contract has it, and nothing more in it. */
function expectErrorFrame(event: unknown, code: string): void {
  expect(ErrorEvent.parse(event)).toEqual(event);
  expect(event).toMatchObject({ type: "error", code });
}

/** What closed the socket, after all that it said. */
async function ending(socket: TestSocket) {
  const { code } = await socket.closed;
  return { code, errors: socket.all("error") };
}

for (const kind of KINDS) {
  describe(`bad frames on ${kind}`, () => {
    it("[BAD-FRAME] what is not JSON is an error, then 4002", async () => {
      const at = await scene(kind);
      for (const frame of ["hello", "{", "", '{"type":', "{'type':'typing.start'}"]) {
        const socket = await at.open();
        socket.raw(frame);
        const { code, errors } = await ending(socket);
        expect(code).toBe(4002);
        expect(errors).toHaveLength(1);
        expectErrorFrame(errors[0], "VALIDATION_ERROR");
      }
      await expectUndisturbed(at);
    });

    it("[BAD-FRAME] binary is an error, then 4002, whatever it holds", async () => {
      const at = await scene(kind);
      const command = JSON.stringify(send(at.id, { type: "text", content: "x" }));
      for (const frame of [new TextEncoder().encode(command).buffer as ArrayBuffer, new ArrayBuffer(16)]) {
        const socket = await at.open();
        socket.raw(frame);
        const { code, errors } = await ending(socket);
        expect(code).toBe(4002);
        expectErrorFrame(errors[0], "VALIDATION_ERROR");
      }
      await expectUndisturbed(at);
    });

    it("[BAD-FRAME] a frame beyond 64 KiB closes with 1009; one of 64 KiB does not", async () => {
      const at = await scene(kind);
      const cases = ["x".repeat(MAX_FRAME_BYTES + 1), "€".repeat(MAX_FRAME_BYTES / 3 + 1)];
      for (const frame of [...cases, new ArrayBuffer(MAX_FRAME_BYTES + 1)]) {
        const socket = await at.open();
        socket.raw(frame);
        expect((await ending(socket)).code).toBe(1009);
      }
      const socket = await at.open();
      const command = JSON.stringify({ type: "no.such.command", request_id: "fits" });
      socket.raw(command.padEnd(MAX_FRAME_BYTES, " "));
      expectErrorFrame(await socket.heard("error"), "VALIDATION_ERROR");
      await expectUndisturbed(at);
    });

    it("[BAD-FRAME] a bad command is answered to its sender alone, and the socket stays", async () => {
      const at = await scene(kind);
      for (const frame of invalid(at.id)) {
        const socket = await at.open();
        socket.raw(JSON.stringify(frame));
        expectErrorFrame(await socket.heard("error"), "VALIDATION_ERROR");
        const answer = await socket.ask({ type: "no.such.command" });
        expectErrorFrame(answer, "VALIDATION_ERROR");
        socket.close();
      }
      await expectUndisturbed(at);
    });

    it("[BAD-FRAME] a command that cannot be carried out says why, with its request_id", async () => {
      const at = await scene(kind);
      const [eve] = await people("eve");
      const socket = await at.open();
      const elsewhere = kind === KINDS[0] ? "CONVERSATION_NOT_FOUND" : "VALIDATION_ERROR";
      const text = (content: string, more: object = {}) => ({ type: "text", content, ...more });
      const cases: [conversation: string, data: object, code: string][] = [
        [at.id, text("x".repeat(4097)), "MESSAGE_TOO_LONG"],
        [at.id, text("😀".repeat(4097)), "MESSAGE_TOO_LONG"],
        [at.id, text(""), "VALIDATION_ERROR"],
        [at.id, text("x", { reply_to_message_id: FREE_ID }), "NOT_FOUND"],
        [at.id, text("x", { attachment_id: FREE_ID }), "INVALID_ATTACHMENT"],
        [FREE_ID, text("x"), elsewhere],
        [crypto.randomUUID(), text("x"), elsewhere],
        [await direct(at.bob, eve), text("x"), kind === KINDS[0] ? "FORBIDDEN" : elsewhere],
      ];
      for (const [conversation, data, code] of cases) {
        expectErrorFrame(await socket.ask(send(conversation, data)), code);
      }
      socket.close();
      await expectUndisturbed(at);
    });

    it("[BAD-FRAME] ten invalid frames in a row close with 4002; a valid one between starts anew", async () => {
      const at = await scene(kind);
      const socket = await at.open();
      const rubbish = (times: number) => {
        for (let i = 0; i < times; i++) socket.raw('{"type":"no.such.command"}');
      };
      rubbish(9);
      await socket.heard(() => socket.all("error").length === 9);
      const good = await socket.ask({ type: "auth.refresh", token: (at.ann as Person).token });
      expect(good.type).toBe("ack");
      rubbish(9);
      await socket.heard(() => socket.all("error").length === 18);
      rubbish(1);
      const { code, errors } = await ending(socket);
      expect(code).toBe(4002);
      expect(errors).toHaveLength(19);
      await expectUndisturbed(at);
    });
  });
}
