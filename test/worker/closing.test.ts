import { runDurableObjectAlarm } from "cloudflare:test";
import { CLOSE, HEARTBEAT_MS, MAX_FRAME_BYTES, type ServerEvent } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import { atTime, hears, hibernate, sendCommand, until } from "./checks.ts";
import {
  api,
  connect,
  connectTo,
  conversationObject,
  group,
  hubObject,
  type Person,
  people,
  request,
  say,
  type TestSocket,
} from "./kit.ts";

const KINDS = ["/ws", "own", "own?batch=1"] as const;
type Kind = (typeof KINDS)[number];

const isOwn = (kind: Kind) => kind.startsWith("own");
const pathOf = (kind: Kind, id: string) => kind.replace("own", `/api/v1/conversations/${id}/ws`);
const objectOf = (kind: Kind, who: Person, id: string) =>
  (isOwn(kind) ? conversationObject(id) : hubObject(who.user_id)) as DurableObjectStub;

/** A group of two, and a socket of one of them. */
async function stage(kind: Kind, expiresAt?: number) {
  const [ann, bob] = await people("ann", "bob");
  const id = await group(ann, [bob]);
  const who = expiresAt === undefined ? bob : await until(bob, expiresAt);
  return { ann, bob, id, socket: await connect(who, pathOf(kind, id)) };
}

/** The last word before the close is the same as the close. */
async function expectClosing(socket: TestSocket, code: number, error: string): Promise<void> {
  expect((await socket.closed).code).toBe(code);
  const last = socket.events.at(-1);
  expect(last).toMatchObject({ type: "error", code: error, details: { close_code: code } });
  const closings = socket.all("error").filter((event) => event.details?.close_code !== undefined);
  expect(closings).toHaveLength(1);
}

/** Large frames, until their reader is too slow. */
async function flood(kind: Kind, who: Person, id: string): Promise<void> {
  const data = { user_id: who.user_id, username: "x".repeat(1_000_000), is_typing: false };
  const frame = JSON.stringify({ type: "typing.indicator", conversation_id: id, data });
  for (let i = 0; i < 6; i++) {
    if (isOwn(kind)) await conversationObject(id).forward(who.user_id, [frame]);
    else await hubObject(who.user_id).deliverFrame(frame);
  }
}

afterEach(() => {
  vi.useRealTimers();
});

for (const kind of KINDS) {
  describe(`before a socket at ${kind} is closed, an error says so`, () => {
    it("[R23 CLOSE-1] 4002: what is no JSON, binary, and ten invalid commands", async () => {
      const { bob, id, socket } = await stage(kind);
      for (const frame of ["nonsense", "", new ArrayBuffer(3)]) {
        const other = await connect(bob, pathOf(kind, id));
        other.raw(frame);
        await expectClosing(other, CLOSE.BAD_FRAME, "VALIDATION_ERROR");
      }
      for (let i = 0; i < 10; i++) socket.raw(JSON.stringify({ type: "nothing", request_id: i }));
      await expectClosing(socket, CLOSE.BAD_FRAME, "VALIDATION_ERROR");
      expect(socket.all("error").map((event) => event.request_id)).toEqual([...Array(10).keys()]);
    });

    it("[R23 CLOSE-1] 1009: a frame that is too large", async () => {
      const { socket } = await stage(kind);
      socket.raw(" ".repeat(MAX_FRAME_BYTES + 1));
      await expectClosing(socket, CLOSE.FRAME_TOO_LARGE, "PAYLOAD_TOO_LARGE");
    });

    it("[R4 R23 CLOSE-1] 4009: the token ends, found by the alarm or by the next frame", async () => {
      const end = Math.floor(Date.now() / 1000) + 100;
      const { bob, id, socket } = await stage(kind, end);
      await atTime(end * 1000, () => runDurableObjectAlarm(objectOf(kind, bob, id)));
      await expectClosing(socket, CLOSE.TOKEN_EXPIRED, "UNAUTHORIZED");
      const late = await connect(await until(bob, end), pathOf(kind, id));
      await atTime(end * 1000, async () => {
        late.raw(JSON.stringify({ ...sendCommand(id, "too late"), request_id: 1 }));
        await expectClosing(late, CLOSE.TOKEN_EXPIRED, "UNAUTHORIZED");
      });
      expect(late.all("ack")).toEqual([]);
    });

    it("[R23 CLOSE-1] 4010: too much on its way, and no heartbeat", async () => {
      const { bob, id, socket } = await stage(kind);
      await flood(kind, bob, id);
      await expectClosing(socket, CLOSE.TOO_SLOW, "SERVICE_UNAVAILABLE");
      const silent = await connect(bob, pathOf(kind, id));
      silent.raw('{"type": "ping"}');
      await silent.heard("pong");
      await hibernate(id, bob);
      await atTime(Date.now() + 3 * HEARTBEAT_MS, () => say(bob, id, "anybody?"));
      await expectClosing(silent, CLOSE.TOO_SLOW, "SERVICE_UNAVAILABLE");
    });
  });
}

describe("before a member's socket is closed", () => {
  it("[R23 CLOSE-2] 4011: who is removed, who leaves, hears it last", async () => {
    for (const leaves of ["bob", "ann"] as const) {
      const { ann, bob, id, socket } = await stage("own");
      const by = leaves === "bob" ? bob : ann;
      await api(by, "DELETE", `/conversations/${id}/participants/${bob.user_id}`);
      await expectClosing(socket, CLOSE.REMOVED, "FORBIDDEN");
      expect(socket.events.at(-2)).toMatchObject({ type: "participant.removed" });
    }
  });
});

/** A client that takes no notice of a close. */
class Stubborn {
  readonly events: ServerEvent[] = [];
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.events.push(JSON.parse(String(data)));
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code }) => resolve(code));
    });
    // Without this the runtime answers the close for us, and the socket is gone.
    socket.accept({ allowHalfOpen: true });
  }

  static async connect(who: Person, path: string): Promise<Stubborn> {
    const headers = { upgrade: "websocket", authorization: `Bearer ${who.token}` };
    const { webSocket } = await request(path, { headers });
    if (!webSocket) throw new Error("refused");
    return new Stubborn(webSocket);
  }

  say(command: unknown): void {
    this.#socket.send(typeof command === "string" ? command : JSON.stringify(command));
  }
}

const CAUSES = {
  "a bad frame": async ({ socket }: Scene) => socket.say("nonsense"),
  "a frame too large": async ({ socket }: Scene) => socket.say(" ".repeat(MAX_FRAME_BYTES + 1)),
  "its token": async ({ kind, bob, id, end }: Scene) => {
    await atTime(end * 1000, () => runDurableObjectAlarm(objectOf(kind, bob, id)));
  },
  slowness: async ({ kind, bob, id }: Scene) => await flood(kind, bob, id),
};

interface Scene {
  kind: Kind;
  bob: Person;
  id: string;
  end: number;
  socket: Stubborn;
}

for (const kind of ["/ws", "own"] as const) {
  describe(`a client at ${kind} that ignores the close`, () => {
    it.each(Object.entries(CAUSES))(
      "[R23 CLOSE-3] after %s: nothing that it says counts, nor after hibernation",
      async (_, cause) => {
        const [ann, bob] = await people("ann", "bob");
        const id = await group(ann, [bob]);
        const end = Math.floor(Date.now() / 1000) + 100;
        const socket = await Stubborn.connect(await until(bob, end), pathOf(kind, id));
        const witness = await connectTo(ann, id);
        await cause({ kind, bob, id, end, socket });
        await socket.closed;
        const heard = socket.events.length;
        const act = (content: string) => {
          socket.say(sendCommand(id, content));
          socket.say({ type: "presence.update", status: "away" });
          socket.say({ type: "auth.refresh", token: bob.token, request_id: 1 });
          socket.say({ type: "sync", conversations: { [id]: 0 }, request_id: 2 });
          socket.say({ type: "typing.start", conversation_id: id });
          socket.say("more nonsense");
        };
        act("at once");
        await say(ann, id, "between");
        await hibernate(id, ann, bob);
        act("after hibernation");
        await say(ann, id, "in the end");
        await hears(witness, "in the end");
        const contents = witness.all("message.new").map((event) => event.data.content);
        expect(contents).toEqual(["between", "in the end"]);
        expect(witness.all("typing.indicator")).toEqual([]);
        expect(socket.events.slice(heard)).toEqual([]);
      },
    );

    it("[R23 CLOSE-4] frames behind the one that closes it, in the same turn, do not count; those before do", async () => {
      const [ann, bob] = await people("ann", "bob");
      const id = await group(ann, [bob]);
      const witness = await connectTo(ann, id);
      for (const bad of ["nonsense", " ".repeat(MAX_FRAME_BYTES + 1)]) {
        const socket = await Stubborn.connect(bob, pathOf(kind, id));
        const before = witness.all("message.new").length;
        for (const content of ["one", "two"]) socket.say(sendCommand(id, content));
        socket.say(bad);
        for (const content of ["three", "four"]) socket.say(sendCommand(id, content));
        await socket.closed;
        await say(ann, id, "five");
        await witness.heard(() => witness.all("message.new").at(-1)?.data.content === "five");
        const contents = witness.all("message.new").map((event) => event.data.content);
        expect(contents.slice(before)).toEqual(["one", "two", "five"]);
        const types = socket.events.map((event) => event.type);
        expect(types.filter((type) => type === "ack" || type === "error")).toEqual(["ack", "ack", "error"]);
      }
    });
  });
}

describe("ping", () => {
  it.each(KINDS)("[R20 PING-1] is answered by pong however it is spelled, at %s", async (kind) => {
    const { socket } = await stage(kind);
    const spellings = [
      '{"type":"ping"}',
      '{"type": "ping"}',
      ' {\n\t"type" : "ping"\n} ',
      '{"type":"\\u0070ing"}',
      '{"type":"ping","at":1731752400}',
      '{"type":"ping","data":{"nested":[]},"conversation_id":7}',
    ];
    for (let round = 0; round < 3; round++) {
      for (const spelling of spellings) {
        const pongs = socket.all("pong").length;
        socket.raw(spelling);
        await socket.heard(() => socket.all("pong").length > pongs);
      }
    }
    for (const request_id of ["p1", 7]) {
      socket.raw(JSON.stringify({ type: "ping", request_id }));
      await socket.heard((event) => event.type === "pong" && event.request_id === request_id);
    }
    expect(socket.all("error")).toEqual([]);
    socket.raw('{"type":"ping","request_id":{}}');
    expect(await socket.heard("error")).toMatchObject({ code: "VALIDATION_ERROR" });
    socket.close();
  });

  it.each(KINDS)(
    "[R20 PING-2] in other words than the runtime knows it is a heartbeat all the same, at %s",
    async (kind) => {
      const { bob, id, socket } = await stage(kind);
      const start = Date.now();
      for (let beat = 1; beat <= 4; beat++) {
        await atTime(start + beat * HEARTBEAT_MS, async () => {
          socket.raw('{"type": "ping"}');
          await socket.heard(() => socket.all("pong").length === beat);
          await hibernate(id, bob);
          await say(bob, id, `beat ${beat}`);
          await socket.heard(
            (event) => event.type === "message.new" && event.data.content === `beat ${beat}`,
          );
        });
      }
      expect(socket.all("error")).toEqual([]);
      socket.close();
    },
  );
});
