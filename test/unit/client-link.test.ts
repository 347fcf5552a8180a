import { ApiError, ConnectionLost } from "@rocket-chat-api/client";
import { leanEvent, profilesEvent, type ServerEvent } from "@rocket-chat-api/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Link } from "../../packages/client/src/link.ts";
import { ANN, BOB, type FakeSocket, fakeSockets, message, said } from "./client-kit.ts";

function connect() {
  const { sockets, open } = fakeSockets();
  const heard: ServerEvent[] = [];
  const ends: [number, string][] = [];
  const link = new Link(
    { open, url: "wss://chat.test/ws", heartbeat_ms: 30_000, handshake_ms: 10_000, answer_ms: 10_000 },
    { heard: (event) => heard.push(event), ended: (code, reason) => ends.push([code, reason]) },
  );
  return { link, socket: sockets[0] as FakeSocket, heard, ends };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a link", () => {
  it("[LINK-1] that is not established in time ends", () => {
    const { socket, ends } = connect();
    vi.advanceTimersByTime(10_000);
    expect(socket.isClosed).toBe(true);
    expect(ends).toEqual([[4000, "not established: not established in time"]]);
  });

  it("[LINK-2] pings every 30 s, and is dead after two without a sign of life", () => {
    const { socket, ends } = connect();
    socket.establish();
    vi.advanceTimersByTime(30_000);
    expect(socket.sent).toEqual([{ type: "ping" }]);
    socket.say({ type: "pong" });
    vi.advanceTimersByTime(60_000);
    expect(socket.sent).toHaveLength(3);
    expect(ends).toEqual([]);
    vi.advanceTimersByTime(30_000);
    expect(ends).toEqual([[4000, "no heartbeat"]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("[LINK-3] matches answers to commands; a refusal is an ApiError", async () => {
    const { link, socket } = connect();
    socket.establish();
    const [first, second] = [
      link.ask({ type: "presence.update", status: "away" }),
      link.ask({ type: "typing.start", conversation_id: "x" }),
    ];
    const [one, two] = socket.sent;
    socket.say({ type: "error", request_id: two?.request_id, code: "FORBIDDEN", message: "no" });
    socket.say({ type: "ack", request_id: one?.request_id, data: { fine: true } });
    expect(await first).toEqual({ fine: true });
    const error = await second.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: "FORBIDDEN", message: "no" });
  });

  it("[LINK-4] that ends leaves no command waiting; what is said afterwards is not heard", async () => {
    const { link, socket, heard, ends } = connect();
    socket.establish();
    const asked = link.ask({ type: "presence.update", status: "away" });
    socket.drop(4010);
    await expect(asked).rejects.toBeInstanceOf(ConnectionLost);
    await expect(link.ask({ type: "presence.update", status: "away" })).rejects.toBeInstanceOf(
      ConnectionLost,
    );
    socket.say({ type: "pong" });
    socket.drop(1000);
    expect(ends).toEqual([[4010, ""]]);
    expect(heard.map((event) => event.type)).toEqual(["connection.established"]);
  });

  it("[LINK-5] ends when a command is not answered in time: the connection is in doubt", async () => {
    const { link, socket, ends } = connect();
    socket.establish();
    const asked = link.ask({ type: "presence.update", status: "away" });
    vi.advanceTimersByTime(10_000);
    await expect(asked).rejects.toBeInstanceOf(ConnectionLost);
    expect(ends).toEqual([[4000, "a command was not answered"]]);
  });

  it("[LINK-6] tells the server how much it has received, long before the server's window is full", () => {
    const { socket } = connect();
    socket.establish();
    const before = JSON.stringify({
      type: "connection.established",
      data: { user_id: "00000000-0000-4000-8000-00000000000a", connection_id: "c", features: [] },
    }).length;
    const event = { type: "pong", padding: "x".repeat(200_000) };
    const size = JSON.stringify([event]).length;
    socket.frame(JSON.stringify([event]));
    expect(socket.sent).toEqual([]);
    socket.frame(JSON.stringify([event]));
    expect(socket.sent).toEqual([{ type: "flow.ack", received: before + 2 * size }]);
  });

  it("[R23 LINK-8] is over as soon as an error tells of the close, whenever the close itself is heard", async () => {
    const closings = [
      [4002, "VALIDATION_ERROR"],
      [4004, "FORBIDDEN"],
      [4008, "RATE_LIMIT_EXCEEDED"],
      [4009, "UNAUTHORIZED"],
      [4010, "SERVICE_UNAVAILABLE"],
      [4011, "FORBIDDEN"],
      [1009, "PAYLOAD_TOO_LARGE"],
    ] as const;
    for (const [close_code, code] of closings) {
      const { link, socket, heard, ends } = connect();
      socket.establish();
      const asked = link.ask({ type: "presence.update", status: "away" });
      socket.say({ type: "error", code, message: "why", details: { close_code } });
      await expect(asked).rejects.toBeInstanceOf(ConnectionLost);
      expect(ends).toEqual([[close_code, "why"]]);
      expect(socket.isClosed).toBe(true);
      expect(heard.at(-1)).toMatchObject({ type: "error", code });
      expect(link.isOver).toBe(true);
      socket.say({ type: "pong" });
      socket.drop(close_code);
      expect(ends).toHaveLength(1);
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  it("[R23 LINK-8] the command that is refused with it hears the refusal; what follows in its frame is not heard", async () => {
    const { link, socket, heard, ends } = connect();
    socket.establish();
    const refused = link.ask({ type: "presence.update", status: "away" });
    const other = link.ask({ type: "presence.update", status: "away" });
    const error = {
      type: "error",
      request_id: socket.sent[0]?.request_id,
      code: "RATE_LIMIT_EXCEEDED",
      message: "Too many requests",
      details: { close_code: 4008 },
    };
    socket.frame(JSON.stringify([error, { type: "sync.required", conversation_id: "x" }]));
    await expect(refused).rejects.toMatchObject({ code: "RATE_LIMIT_EXCEEDED" });
    await expect(other).rejects.toBeInstanceOf(ConnectionLost);
    expect(ends).toEqual([[4008, "Too many requests"]]);
    expect(heard.at(-1)?.type).toBe("error");
  });

  it("[R23 LINK-8] other errors end nothing, whatever their details are", () => {
    const { socket, ends } = connect();
    socket.establish();
    for (const details of [undefined, {}, { close_code: "4008" }, { close_code: null }, { budget: 4008 }]) {
      socket.say({ type: "error", code: "VALIDATION_ERROR", message: "no", details });
    }
    expect(ends).toEqual([]);
  });

  it("[LEAN-10] restores what comes in short form, each socket by itself; `profiles` is heard by nobody", () => {
    const event = said(7, BOB, { content: "Hello!" }) as ServerEvent;
    const { event: short, people } = leanEvent(event);
    const { socket, heard, ends } = connect();
    socket.establish();
    socket.frame(JSON.stringify([profilesEvent(people), short]));
    socket.frame(JSON.stringify(short));
    expect(heard.slice(1)).toEqual([event, event]);
    expect(ends).toEqual([]);
    const other = connect();
    other.socket.establish();
    other.socket.frame(JSON.stringify([short, event]));
    // Nobody hears of a person without a name: the next connection asks for what was missed.
    expect(other.heard.map(({ type }) => type)).toEqual(["connection.established"]);
    expect(other.ends).toEqual([[4002, "a profile was not sent"]]);
  });

  it("[LEAN-10] the answer to a command is restored too", async () => {
    const data = message(7, ANN);
    const { event, people } = leanEvent({ type: "ack", request_id: "1", data });
    const { link, socket } = connect();
    socket.establish();
    const asked = link.ask({ type: "presence.update", status: "away" });
    socket.frame(JSON.stringify([profilesEvent(people), event]));
    expect(await asked).toEqual(data);
  });

  it("[LINK-7] takes many events from one frame; a frame that is not JSON ends it", () => {
    const { socket, heard, ends } = connect();
    socket.establish();
    socket.frame('[{"type":"pong"},{"type":"sync.required","conversation_id":"x"}]');
    expect(heard.at(-1)).toEqual({ type: "sync.required", conversation_id: "x" });
    socket.frame("not JSON");
    expect(ends).toEqual([[4002, "not JSON"]]);
  });
});
