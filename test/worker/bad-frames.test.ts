import { ErrorEvent, MAX_FRAME_BYTES } from "@rocket-chat-api/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { COMMANDS } from "./bad-commands.ts";
import { UNKNOWN } from "./bad-kit.ts";
import { expectHealth, expectUndisturbed, fill, type Stage, setStage } from "./bad-stage.ts";
import { connect, connectTo, type TestSocket } from "./kit.ts";

const KINDS = ["the user's socket", "the conversation's socket"] as const;

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

/** Sends a frame and returns what is heard next. A text is sent as it is. */
async function answerTo(socket: TestSocket, frame: string) {
  const { length } = socket.events;
  socket.raw(frame);
  await socket.heard(() => socket.events.length > length);
  return socket.events[length];
}

/** A valid command that changes nothing: invalid ones are counted in a row. */
const NOTHING = { type: "sync", conversations: {} };

for (const kind of KINDS) {
  const index = KINDS.indexOf(kind);

  describe(`bad frames on ${kind}`, () => {
    let at: Stage;
    const open = async () => (index === 0 ? await connect(at.ann) : await connectTo(at.ann, at.ids.direct));
    beforeAll(async () => {
      at = await setStage();
    });

    it(`[BAD-FRAME] ${COMMANDS.length} commands, each with its own code, to their sender alone`, async () => {
      const socket = await open();
      const wrong: string[] = [];
      for (const [frame, ...codes] of COMMANDS) {
        const isObject = typeof frame === "object" && frame !== null && !Array.isArray(frame);
        const named = isObject ? { request_id: "bad", ...frame } : frame;
        const text = fill(at, typeof named === "string" ? named : JSON.stringify(named));
        const answer = await answerTo(socket, text);
        if (answer?.type === "error" && answer.code === codes[index]) expectErrorFrame(answer, answer.code);
        else wrong.push(`${JSON.stringify(answer)} instead of ${codes[index]} to ${text.slice(0, 200)}`);
        expect((await socket.ask(NOTHING)).type).toBe("ack");
      }
      socket.close();
      await expectUndisturbed(at);
      expect(wrong).toEqual([]);
    });

    it("[BAD-FRAME] an error carries the request_id, if it is one", async () => {
      const socket = await open();
      for (const request_id of ["a", "x".repeat(64), 7, -1, "\ud800", "\u202e"]) {
        const answer = await answerTo(socket, JSON.stringify({ type: "no.such.command", request_id }));
        expect(answer).toMatchObject({ type: "error", request_id });
      }
      for (const request_id of ["x".repeat(65), 1.5, {}]) {
        const answer = await answerTo(socket, JSON.stringify({ ...NOTHING, request_id }));
        expectErrorFrame(answer, "VALIDATION_ERROR");
        expect(answer).not.toHaveProperty("request_id");
      }
      socket.close();
      await expectUndisturbed(at);
    });

    it("[BAD-FRAME] sync names what cannot be had, and a position from the future is an error", async () => {
      const socket = await open();
      if (index === 0) {
        const codes = {
          [UNKNOWN.conversation]: "CONVERSATION_NOT_FOUND",
          [UNKNOWN.user]: "CONVERSATION_NOT_FOUND",
          [at.ids.foreign]: "FORBIDDEN",
        };
        const conversations = Object.fromEntries(Object.keys(codes).map((id) => [id, 0]));
        expect(await socket.ask({ type: "sync", conversations })).toMatchObject({ data: { failed: codes } });
      }
      const conversations = { [at.ids.direct]: Number.MAX_SAFE_INTEGER };
      expect((await socket.ask({ type: "sync", conversations })).type).toBe("ack");
      expectErrorFrame(socket.all("error").at(-1), "VALIDATION_ERROR");
      expect(socket.all("conversation.sync")).toMatchObject([{ data: { limited: true, is_last: true } }]);
      socket.close();
    });

    it("[BAD-FRAME] what is not JSON is an error, then 4002", async () => {
      const command = '{"type":"sync","conversations":{}}';
      for (const frame of [
        "hello",
        "{",
        "",
        '{"type":',
        "{'type':'typing.start'}",
        `\ufeff\ufeff${command}`,
        `${command}\ufeff`,
        `{\ufeff"type":"ping"}`,
        "\0",
      ]) {
        const socket = await open();
        socket.raw(frame);
        const { code, errors } = await ending(socket);
        expect(code).toBe(4002);
        expect(errors).toHaveLength(1);
        expectErrorFrame(errors[0], "VALIDATION_ERROR");
      }
    });

    it("[BAD-FRAME] binary is an error, then 4002, whatever it holds", async () => {
      const command = new TextEncoder().encode(JSON.stringify(NOTHING));
      for (const frame of [command.buffer as ArrayBuffer, new ArrayBuffer(16), new ArrayBuffer(0)]) {
        const socket = await open();
        socket.raw(frame);
        const { code, errors } = await ending(socket);
        expect(code).toBe(4002);
        expectErrorFrame(errors[0], "VALIDATION_ERROR");
      }
    });

    it("[BAD-FRAME] a frame beyond 64 KiB closes with 1009; one of 64 KiB does not", async () => {
      const cases = ["x".repeat(MAX_FRAME_BYTES + 1), "€".repeat(MAX_FRAME_BYTES / 3 + 1)];
      for (const frame of [...cases, new ArrayBuffer(MAX_FRAME_BYTES + 1)]) {
        const socket = await open();
        socket.raw(frame);
        expect((await ending(socket)).code).toBe(1009);
      }
      const socket = await open();
      const command = JSON.stringify({ type: "no.such.command", request_id: "fits" });
      expectErrorFrame(await answerTo(socket, command.padEnd(MAX_FRAME_BYTES, " ")), "VALIDATION_ERROR");
      socket.close();
    });

    it("[BAD-FRAME] ten invalid frames in a row close with 4002; a valid one between starts anew", async () => {
      const socket = await open();
      const rubbish = (times: number) => {
        for (let i = 0; i < times; i++) socket.raw('{"type":"no.such.command"}');
      };
      rubbish(9);
      await socket.heard(() => socket.all("error").length === 9);
      expect((await socket.ask({ type: "auth.refresh", token: at.ann.token })).type).toBe("ack");
      rubbish(9);
      await socket.heard(() => socket.all("error").length === 18);
      rubbish(1);
      const { code, errors } = await ending(socket);
      expect(code).toBe(4002);
      expect(errors).toHaveLength(19);
    });

    it("[BAD-FRAME] after all of it every healthy socket is open, has heard nothing, and works", async () => {
      await expectHealth(at);
    });
  });
}
