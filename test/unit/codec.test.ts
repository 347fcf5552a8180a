import {
  decodeFrame,
  encodeEvent,
  joinFrames,
  MAX_FRAME_BYTES,
  newConversationId,
  type ServerEvent,
} from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyString, cleanText } from "./arbitraries.ts";

const conversation_id = newConversationId();
const command = { type: "message.send", conversation_id, data: { type: "text", content: "Hello!" } };

/** A JSON string of exactly this many bytes: quotes, and `unit` repeated between them. */
function frameOf(unit: string, count: number): string {
  return JSON.stringify(unit.repeat(count));
}

describe("decoding a frame", () => {
  it("[CODEC] the guide's command is a command", () => {
    const decoded = decodeFrame(JSON.stringify(command));
    expect(decoded).toMatchObject({ kind: "command", command });
  });

  it("[CODEC] the size that counts is bytes: 64 KiB is allowed, one byte more is not", () => {
    const cases: [unit: string, bytes: number][] = [
      ["x", 1],
      ["é", 2],
      ["€", 3],
      ["😀", 4],
    ];
    for (const [unit, bytes] of cases) {
      const fits = Math.floor((MAX_FRAME_BYTES - 2) / bytes);
      const padded = `${frameOf(unit, fits)}${" ".repeat(MAX_FRAME_BYTES - 2 - fits * bytes)}`;
      expect(new TextEncoder().encode(padded).length).toBe(MAX_FRAME_BYTES);
      expect(decodeFrame(padded).kind).toBe("invalid");
      expect(decodeFrame(`${padded} `).kind).toBe("too_large");
    }
  });

  it("[CODEC] binary is refused whatever it holds, by its size first", () => {
    expect(decodeFrame(new TextEncoder().encode(JSON.stringify(command)).buffer).kind).toBe("bad");
    expect(decodeFrame(new ArrayBuffer(0)).kind).toBe("bad");
    expect(decodeFrame(new ArrayBuffer(MAX_FRAME_BYTES)).kind).toBe("bad");
    expect(decodeFrame(new ArrayBuffer(MAX_FRAME_BYTES + 1)).kind).toBe("too_large");
  });

  it("[R5 R20 CODEC-2] one byte order mark at the beginning is not read; another one, or one elsewhere, is no JSON", () => {
    const text = JSON.stringify(command);
    expect(decodeFrame(`\ufeff${text}`)).toEqual(decodeFrame(text));
    expect(decodeFrame('\ufeff{"type":"ping"}')).toMatchObject({
      kind: "command",
      command: { type: "ping" },
    });
    expect(decodeFrame('\ufeff{"type":"sync","request_id":"a"}')).toMatchObject({ request_id: "a" });
    const marked = { ...command, data: { type: "text", content: "\ufeffHello" } };
    expect(decodeFrame(JSON.stringify(marked))).toMatchObject({
      command: { data: { content: "\ufeffHello" } },
    });
    for (const bad of [
      `\ufeff\ufeff${text}`,
      `${text}\ufeff`,
      ` \ufeff${text}`,
      "\ufeff",
      "\ufffe{}",
      "\u00ef\u00bb\u00bf{}",
    ]) {
      expect([bad, decodeFrame(bad).kind]).toEqual([bad, "bad"]);
    }
  });

  it("[R21 PROTO-2] a sync of a conversation named __proto__ is refused like any other that is no id", () => {
    for (const key of ["__proto__", "constructor", "x"]) {
      const frame = `{"type":"sync","request_id":"a","conversations":{"${key}":1}}`;
      expect([key, decodeFrame(frame)]).toMatchObject([key, { kind: "invalid", request_id: "a" }]);
    }
  });

  it("[CODEC] what is not JSON is bad", () => {
    for (const frame of ["", "hello", "{", "{'type':1}", '{"type":"message.send"', "NaN", "\0"]) {
      expect(decodeFrame(frame)).toMatchObject({ kind: "bad", failure: { code: "VALIDATION_ERROR" } });
    }
  });

  it("[CODEC] JSON of the wrong shape is invalid and says where", () => {
    for (const value of [null, 1, "x", [], {}, { type: "no.such.command" }, { type: 7 }, [command]]) {
      const decoded = decodeFrame(JSON.stringify(value));
      expect(decoded).toMatchObject({ kind: "invalid", failure: { code: "VALIDATION_ERROR" } });
    }
    const wrong = { ...command, data: { type: "text", content: 7 } };
    expect(decodeFrame(JSON.stringify(wrong))).toMatchObject({
      failure: { details: { issues: [{ path: "data.content" }] } },
    });
  });

  it("[CODEC] an invalid command keeps the request_id that its answer needs, if it is one", () => {
    for (const request_id of ["r1", "", "x".repeat(64), 0, -7]) {
      expect(decodeFrame(JSON.stringify({ type: "?", request_id }))).toMatchObject({ request_id });
    }
    for (const request_id of ["x".repeat(65), 1.5, 1e300, true, null, {}, []]) {
      expect(decodeFrame(JSON.stringify({ type: "?", request_id }))).not.toHaveProperty("request_id");
    }
  });

  it("[R20 CODEC] and the name that its sender gave the message, if it is one", () => {
    const named = (client_message_id: unknown, type = "message.send") =>
      decodeFrame(JSON.stringify({ type, conversation_id, data: { type: 7, client_message_id } }));
    for (const id of ["m1", "x".repeat(64), "😀".repeat(64)]) {
      expect(named(id)).toMatchObject({ kind: "invalid", client_message_id: id, conversation_id });
    }
    for (const id of ["", "x".repeat(65), "\ud800", "\0", 7, null, {}]) {
      expect(named(id)).not.toHaveProperty("client_message_id");
    }
    expect(named("m1", "no.such.command")).not.toHaveProperty("client_message_id");
    for (const data of [null, 7, "m1", ["m1"], undefined]) {
      const decoded = decodeFrame(JSON.stringify({ type: "message.send", request_id: 1, data }));
      expect(decoded).toMatchObject({ kind: "invalid", request_id: 1 });
      expect(decoded).not.toHaveProperty("client_message_id");
    }
  });

  it("[CODEC] text with NUL or half a surrogate pair is refused, also when it was escaped", () => {
    for (const content of ["\0", "a\0b", "\ud83d", "\ude00\ud83d"]) {
      const frame = JSON.stringify({ ...command, data: { type: "text", content } });
      expect(decodeFrame(frame)).toMatchObject({ kind: "invalid" });
    }
  });

  it("[CODEC] whatever arrives, nothing is thrown", () => {
    fc.assert(fc.property(anyString(), (frame) => void decodeFrame(frame)));
    fc.assert(fc.property(fc.json(), (frame) => void decodeFrame(frame)));
    fc.assert(fc.property(fc.jsonValue(), (data) => void decodeFrame(JSON.stringify({ ...command, data }))));
  });

  it("[CODEC] deep nesting is answered like any other nonsense", () => {
    const deep = "[".repeat(20_000) + "]".repeat(20_000);
    const frame = `{"type":"message.send","conversation_id":"${conversation_id}","data":{"type":"text","content":"x","metadata":{"a":${deep}}}}`;
    expect(decodeFrame(frame).kind).toBe("invalid");
    expect(decodeFrame(deep).kind).toBe("invalid");
  });

  it("[CODEC] a valid command survives the way there", () => {
    fc.assert(
      fc.property(
        cleanText({ minLength: 1 }),
        fc.option(fc.integer(), { nil: undefined }),
        (content, request_id) => {
          const frame = JSON.stringify({ ...command, request_id, data: { type: "text", content } });
          expect(decodeFrame(frame)).toMatchObject({ kind: "command", command: JSON.parse(frame) });
        },
      ),
    );
  });
});

describe("encoding events", () => {
  const event = {
    type: "connection.established",
    data: { user_id: "u", connection_id: "c", features: [] as string[] },
  } satisfies ServerEvent;

  it("[CODEC] an event is one JSON object", () => {
    expect(JSON.parse(encodeEvent(event))).toEqual(event);
  });

  it("[CODEC] a batch is a JSON array, in order", () => {
    const ids = Array.from({ length: 5 }, (_, i) => `c${i}`);
    const frames = ids.map((connection_id) =>
      encodeEvent({ ...event, data: { ...event.data, connection_id } }),
    );
    const batch = JSON.parse(joinFrames(frames)) as (typeof event)[];
    expect(batch.map((one) => one.data.connection_id)).toEqual(ids);
    expect(JSON.parse(joinFrames([]))).toEqual([]);
  });
});
