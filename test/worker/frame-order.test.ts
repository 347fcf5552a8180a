import { evictDurableObject } from "cloudflare:test";
import { RATE_LIMITS, type ServerEvent } from "@rocket-chat-api/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PNG, pair, upload } from "./attachments-kit.ts";
import { faults } from "./faults.ts";
import { connect, connectTo, conversationObject, type Person, type TestSocket } from "./kit.ts";

const KINDS = [
  ["the user's socket", (who) => connect(who)],
  ["the conversation's socket", connectTo],
  ["the conversation's socket, many events in one frame", (who, id) => connectTo(who, id, "?batch=1")],
] as const satisfies [string, (who: Person, id: string) => Promise<TestSocket>][];

const send = (conversation_id: string, client_message_id: string, data: object = {}) => ({
  type: "message.send",
  conversation_id,
  data: { type: "text", content: client_message_id, client_message_id, ...data },
});

/** What a socket was answered, without what it heard. */
const answers = (socket: TestSocket) =>
  socket.events.flatMap((event) => (event.type === "ack" || event.type === "error" ? [event] : []));

/** The message that an answer is about, as its sender called it. */
function named(event: ServerEvent): unknown {
  if (event.type === "error") return event.client_message_id;
  return event.type === "ack" && (event.data as { client_message_id?: string }).client_message_id;
}

/** Sends frames at once; resolves with their answers. */
async function answersTo(socket: TestSocket, frames: unknown[]) {
  const before = answers(socket).length;
  for (const frame of frames) socket.raw(typeof frame === "string" ? frame : JSON.stringify(frame));
  await socket.heard(() => answers(socket).length >= before + frames.length);
  return answers(socket).slice(before);
}

for (const [kind, open] of KINDS) {
  describe(`answers on ${kind}`, () => {
    it("[R20 ORDER-3] come in the order of the frames, whatever each of them is", async () => {
      const { ann, id } = await pair();
      const socket = await open(ann, id);
      const [first] = await answersTo(socket, [send(id, "first")]);
      const message_id = (first?.type === "ack" && (first.data as { message_id: string }).message_id) || "";
      const kinds = [
        send(id, "a send"),
        { type: "no.such.command", conversation_id: id },
        { type: "typing.start", conversation_id: id },
        send(id, "too long", { content: "x".repeat(5_000) }),
        { type: "message.read", message_id },
        send(id, "no such quote", { reply_to_message_id: crypto.randomUUID() }),
        { type: "message.delivered", message_id },
        { type: "nothing.known" },
        send(id, "no such file", { type: "image", attachment_id: crypto.randomUUID() }),
        { type: "sync", conversations: { [id]: 0 } },
        { type: "message.read", message_id: "00000000-0000-8000-8000-000000000001", conversation_id: id },
        send(id, "mistyped", { type: 7 }),
        { type: "typing.stop", conversation_id: id },
      ];
      const frames = Array.from({ length: 4 }, () => kinds)
        .flat()
        .filter((frame) => !("message_id" in frame) || frame.message_id === message_id)
        .map((frame, request_id) => ({ ...frame, request_id }));
      const given = await answersTo(socket, frames);
      expect(given.map((answer) => answer.request_id)).toEqual(frames.map((_, i) => i));
      for (const [i, answer] of given.entries()) {
        const frame = frames[i];
        if (answer.type === "error" && frame?.type === "message.send" && "data" in frame)
          expect(answer.client_message_id).toBe(frame.data.client_message_id);
      }
      socket.close();
    });

    it("[R20 ORDER-4] a text behind a picture is acknowledged and numbered behind it", async () => {
      const { ann, id } = await pair();
      const socket = await open(ann, id);
      const picture = async () => ({ type: "image", content: "", attachment_id: await upload(ann, id, PNG) });
      const frames = [
        send(id, "picture 1", await picture()),
        send(id, "text 1"),
        send(id, "picture 2", await picture()),
        send(id, "picture 3", { ...(await picture()), attachment_id: crypto.randomUUID() }),
        send(id, "text 2"),
        send(id, "text 3"),
      ];
      const given = await answersTo(socket, frames);
      expect(given.map(named)).toEqual(frames.map((frame) => frame.data.client_message_id));
      expect(given.map((answer) => answer.type)).toEqual(["ack", "ack", "ack", "error", "ack", "ack"]);
      const seqs = given.flatMap((answer) =>
        answer.type === "ack" ? [(answer.data as { seq: number }).seq] : [],
      );
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
      socket.close();
    });
  });
}

describe("one conversation that is slow", () => {
  it("[R20 ORDER-5] holds up no answers about another, and not those about the socket", async () => {
    const { ann, id } = await pair();
    const { id: other } = await pair();
    const socket = await connect(ann);
    const picture = { type: "image", content: "", attachment_id: await upload(ann, id, PNG) };
    const given = await answersTo(socket, [
      { ...send(id, "picture", picture), request_id: "slow" },
      { type: "typing.start", conversation_id: id, request_id: "behind it" },
      { type: "typing.start", conversation_id: other, request_id: "elsewhere" },
      { type: "presence.update", status: "online", request_id: "about the socket" },
    ]);
    const order = given.map((answer) => answer.request_id);
    expect(order.indexOf("slow")).toBeLessThan(order.indexOf("behind it"));
    expect(order.indexOf("elsewhere")).toBeLessThan(order.indexOf("slow"));
    expect(order.indexOf("about the socket")).toBeLessThan(order.indexOf("slow"));
    socket.close();
  });

  it("[R20 ORDER-6] and one whose storage fails says SERVICE_UNAVAILABLE, with the ids of the message", async () => {
    const { ann, id } = await pair();
    for (const [, open] of KINDS) {
      const socket = await open(ann, id);
      await answersTo(socket, [send(id, crypto.randomUUID())]);
      faults.storageLocked = id;
      const given = await answersTo(socket, [{ ...send(id, "lost"), request_id: 1 }, send(id, "lost too")]);
      faults.storageLocked = undefined;
      expect(given).toMatchObject([
        { type: "error", code: "SERVICE_UNAVAILABLE", request_id: 1, client_message_id: "lost" },
        { type: "error", code: "SERVICE_UNAVAILABLE", client_message_id: "lost too" },
      ]);
      expect((await answersTo(socket, [send(id, crypto.randomUUID())]))[0]?.type).toBe("ack");
      socket.close();
    }
    await evictDurableObject(conversationObject(id));
  });
});

describe("answers beyond the budget", () => {
  beforeEach(async () => {
    const rest = 60_000 - (Date.now() % 60_000);
    if (rest < 5_000) await new Promise((resolve) => setTimeout(resolve, rest));
  });
  afterEach(() => {
    faults.rateLimited = false;
  });

  for (const [kind, open] of KINDS) {
    it(`[R20 R24 ORDER-7] 120 sends on ${kind}: each is answered in its place, refusals by name`, async () => {
      const { ann, id } = await pair();
      const socket = await open(ann, id);
      faults.rateLimited = true;
      const frames = Array.from({ length: 120 }, (_, i) => ({ ...send(id, `m${i}`), request_id: i }));
      const given = await answersTo(socket, frames);
      expect(given.map((answer) => answer.request_id)).toEqual(frames.map((_, i) => i));
      expect(given.map(named)).toEqual(frames.map((_, i) => `m${i}`));
      const refused = given.filter((answer) => answer.type === "error");
      expect(new Set(refused.map((answer) => answer.code))).toEqual(new Set(["RATE_LIMIT_EXCEEDED"]));
      expect(refused).toHaveLength(120 - RATE_LIMITS.requests.limit);
      socket.close();
    });
  }
});
