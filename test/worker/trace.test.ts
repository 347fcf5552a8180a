/** One trace from a request to everything that comes of it, as the log has it (docs/operating.md). */

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Engine } from "../../src/conversation/engine.ts";
import { found } from "../../src/domain/outcome.ts";
import { newTrace } from "../../src/domain/trace.ts";
import worker from "../../src/index.ts";
import type { Session } from "../../src/realtime/session.ts";
import { inTrace } from "../../src/tracing.ts";
import { UserHub } from "../../src/user-hub/user-hub.ts";
import { PNG, upload } from "./attachments-kit.ts";
import { hibernate, sendCommand } from "./checks.ts";
import { faults, withFaults } from "./faults.ts";
import {
  api,
  conversationObject,
  direct,
  hubObject,
  type Person,
  people,
  request,
  say,
  sign,
  TestSocket,
} from "./kit.ts";
import { control, decides, phoneOf, ring } from "./push-kit.ts";

interface Line {
  event: string;
  request_id?: string;
  trace_id?: string;
  span_id?: string;
  parent_span_id?: string;
  [field: string]: unknown;
}

const HEX16 = /^[0-9a-f]{16}$/;
const HEX32 = /^[0-9a-f]{32}$/;

afterEach(() => {
  Object.assign(faults, { d1Down: false, d1DownFor: undefined, storageLocked: undefined, r2Down: false });
  vi.restoreAllMocks();
});

/** The lines of the log from here on. Objects of other tests may still be at work, and log: so they are looked for by trace. */
function record(): (event: string) => Line[] {
  const lines: Line[] = [];
  for (const level of ["log", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(JSON.parse(String(line))));
  return (event) => lines.filter((line) => line.event === event);
}

/** A caller's trace: its headers, and what the log must say of it. */
function caller() {
  const trace_id = crypto.randomUUID().replaceAll("-", "");
  const span = crypto.randomUUID().replaceAll("-", "").slice(16);
  const request_id = `request-${crypto.randomUUID()}`;
  const headers = { traceparent: `00-${trace_id}-${span}-01`, "x-request-id": request_id };
  return { headers, span, ids: { request_id, trace_id } };
}

/** Opens a socket with these headers. */
async function open(who: Person, path: string, headers: Record<string, string>): Promise<TestSocket> {
  const init = { headers: { upgrade: "websocket", authorization: `Bearer ${who.token}`, ...headers } };
  const { webSocket } = await request(path, init);
  if (!webSocket) throw new Error("no socket");
  const socket = new TestSocket(webSocket);
  await socket.heard("connection.established");
  return socket;
}

function socketPath(kind: "hub" | "conversation", id: string): string {
  return kind === "hub" ? "/ws" : `/api/v1/conversations/${id}/ws`;
}

const TEXT = { type: "text", content: "hello" };

describe("a request's trace", () => {
  it("[TRACE-10] is the caller's, with a span of our own; without one, it begins here", async () => {
    const [ann] = await people("ann");
    const { headers, ids, span } = caller();
    const lines = record();
    const answer = await api(ann, "GET", "/users/me", undefined, headers);
    expect(answer.headers.get("x-request-id")).toBe(ids.request_id);
    // Level 1 knows no header of answers, and X-Request-Id says as much.
    expect(answer.headers.get("traceparent")).toBeNull();
    await api(ann, "GET", "/users/me");
    const [own, other] = lines("request.answered");
    expect(own).toMatchObject({ ...ids, parent_span_id: span, span_id: expect.stringMatching(HEX16) });
    expect(own?.span_id).not.toBe(span);
    expect(other).toMatchObject({
      trace_id: expect.stringMatching(HEX32),
      span_id: expect.stringMatching(HEX16),
    });
    expect(other).not.toHaveProperty("parent_span_id");
    expect(other?.trace_id).not.toBe(own?.trace_id);
  });

  it("[TRACE-10] a malformed traceparent begins a new trace, and is no error", async () => {
    const [ann] = await people("ann");
    const { headers, ids } = caller();
    const lines = record();
    const malformed = [
      headers.traceparent.toUpperCase(),
      `${headers.traceparent}-more`,
      headers.traceparent.replace(ids.trace_id, "0".repeat(32)),
      '","event":"forged","x":"',
      "x".repeat(8_000),
    ];
    for (const traceparent of malformed)
      expect((await api(ann, "GET", "/users/me", undefined, { traceparent })).status).toBe(200);
    expect(lines("forged")).toEqual([]);
    const answered = lines("request.answered");
    expect(answered).toHaveLength(malformed.length);
    for (const line of answered) {
      expect(line.trace_id).toMatch(HEX32);
      expect(line.trace_id).not.toBe(ids.trace_id);
      expect(line).not.toHaveProperty("parent_span_id");
    }
    expect(new Set(answered.map(({ trace_id }) => trace_id)).size).toBe(malformed.length);
  });

  it("[TRACE-10] an X-Request-Id with other characters is replaced before any line has it", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const lines = record();
    faults.storageLocked = id;
    const hostile = ['a"b', 'x","event":"forged', "{}", "Zo\u00eb", "a b", "x".repeat(256), "%0a", "a\\nb"];
    for (const requestId of hostile) {
      const answer = await api(ann, "POST", `/conversations/${id}/messages`, TEXT, {
        "x-request-id": requestId,
      });
      expect(answer.status).toBe(503);
    }
    for (const event of ["request.answered", "request.failed"]) {
      const said = lines(event).map(({ request_id }) => request_id);
      expect(said).toHaveLength(hostile.length);
      for (const requestId of said) expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it("[TRACE-11] what fails in the turn is in the request's lines", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const { headers, ids } = caller();
    const lines = record();
    faults.storageLocked = id;
    expect((await api(ann, "POST", `/conversations/${id}/messages`, TEXT, headers)).status).toBe(503);
    const [answered] = lines("request.answered");
    expect(lines("request.failed")).toEqual([
      expect.objectContaining({ ...ids, span_id: answered?.span_id }),
    ]);
  });

  it("[TRACE-11] so is what fails while the files of a message are checked", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const image = { type: "image", attachment_id: await upload(ann, id, PNG) };
    const { headers, ids } = caller();
    const lines = record();
    faults.r2Down = true;
    expect((await api(ann, "POST", `/conversations/${id}/messages`, image, headers)).status).toBe(503);
    const [answered] = lines("request.answered");
    const its = { ...ids, span_id: answered?.span_id };
    expect(lines("attachments.unconfirmed")).toEqual([expect.objectContaining(its)]);
  });

  it("[TRACE-12] a delivery to a hub that fails has it, and so has the directory's copy", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const { headers, ids } = caller();
    const real = UserHub.prototype.deliver;
    vi.spyOn(UserHub.prototype, "deliver").mockImplementation(async function (this: UserHub, ...told) {
      if (told[0] === id) throw new Error("down");
      return await real.apply(this, told);
    });
    await open(bob, "/ws", {});
    const lines = record();
    faults.d1DownFor = id;
    expect((await api(ann, "POST", `/conversations/${id}/messages`, TEXT, headers)).status).toBe(201);
    const [answered] = lines("request.answered");
    const its = expect.objectContaining({ ...ids, span_id: answered?.span_id });
    await expect.poll(() => lines("delivery.failed")).toContainEqual(its);
    await expect.poll(() => lines("consumer.failed")).toContainEqual(its);
    faults.d1DownFor = undefined;
    vi.mocked(UserHub.prototype.deliver).mockRestore();
  });
});

describe("a push's trace", () => {
  it("[TRACE-13] is that of the message's request: in its result's line, and in what says why it was refused", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const { headers, ids } = caller();
    await control.answer({
      provider: "apns",
      token: phone.token,
      times: 1,
      answer: { status: 400, reason: "BadTopic" },
    });
    const lines = record();
    const content = "a text that nobody logs";
    await api(ann, "POST", `/conversations/${id}/messages`, { ...TEXT, content }, headers);
    await decides(phone, "failed");
    const [answered] = lines("request.answered").filter(({ request_id }) => request_id === ids.request_id);
    const [tried] = lines("push.tried");
    expect(tried).toEqual({
      level: "info",
      event: "push.tried",
      provider: "apns",
      kind: "message",
      result: "failed",
      status: 400,
      duration_ms: expect.any(Number),
      attempt: 1,
      parent_span_id: answered?.span_id,
      ...ids,
      span_id: expect.stringMatching(HEX16),
    });
    expect(tried?.span_id).not.toBe(answered?.span_id);
    expect(lines("push.refused")).toEqual([expect.objectContaining({ ...ids, span_id: tried?.span_id })]);
    for (const secret of [phone.token, content])
      expect(JSON.stringify(lines("push.tried"))).not.toContain(secret);
  });

  it("[TRACE-13] stays with the push until it is sent, also if the hub is put away in between", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const { headers, ids } = caller();
    const busy = { status: 503, reason: "ServiceUnavailable", headers: { "retry-after": "1" } };
    await control.answer({ provider: "apns", token: phone.token, times: 1, answer: busy });
    const lines = record();
    await api(ann, "POST", `/conversations/${id}/messages`, TEXT, headers);
    await decides(phone, "retry");
    await evictDurableObject(hubObject(bob.user_id) as DurableObjectStub);
    await evictDurableObject(conversationObject(id) as DurableObjectStub);
    await expect
      .poll(async () => {
        await ring(id, bob);
        return lines("push.tried").map(({ result, attempt, status }) => [result, attempt, status]);
      })
      .toEqual([
        ["retry", 1, 503],
        ["sent", 2, 200],
      ]);
    for (const line of lines("push.tried")) expect(line).toMatchObject(ids);
  });

  it("[TRACE-13] a message over a socket has the trace of the request that opened the socket", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    for (const kind of ["hub", "conversation"] as const) {
      const { headers, ids } = caller();
      const socket = await open(ann, socketPath(kind, id), headers);
      const lines = record();
      await socket.ask(sendCommand(id, `from ${kind}`));
      await expect
        .poll(() => lines("push.tried"))
        .toEqual([expect.objectContaining({ ...ids, result: "sent" })]);
      vi.restoreAllMocks();
    }
    await decides(phone, "sent");
  });

  it("[TRACE-13] of one that renews what was edited, or takes away what was deleted, is that of the edit or the deletion", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const { message_id } = await say(ann, id, "hello");
    await decides(phone, "sent");
    const [edit, deletion] = [caller(), caller()];
    const lines = record();
    const tried = async () => {
      await ring(id, bob);
      return lines("push.tried");
    };
    await api(ann, "PUT", `/messages/${message_id}`, { content: "hello there" }, edit.headers);
    await expect.poll(tried).toEqual([expect.objectContaining({ ...edit.ids, result: "sent" })]);
    await api(ann, "DELETE", `/messages/${message_id}?delete_for_everyone=true`, undefined, deletion.headers);
    await expect
      .poll(async () => (await tried()).slice(1))
      .toEqual([expect.objectContaining({ ...deletion.ids, kind: "clear", result: "sent" })]);
  });

  it("[TRACE-13] of one that no message caused begins with it: what was read elsewhere is taken away", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    const { message_id } = await say(ann, id, "hello");
    await decides(phone, "sent");
    const lines = record();
    const { headers, ids } = caller();
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: message_id }, headers);
    await expect
      .poll(async () => {
        await ring(id, bob);
        return lines("push.tried");
      })
      .toEqual([
        expect.objectContaining({ kind: "clear", result: "sent", trace_id: expect.stringMatching(HEX32) }),
      ]);
    const [tried] = lines("push.tried");
    for (const field of ["request_id", "parent_span_id"]) expect(tried).not.toHaveProperty(field);
    expect(tried?.trace_id).not.toBe(ids.trace_id);
  });

  it("[TRACE-14] a call of a hub brings it: the line of a test push names the request that asked for it", async () => {
    const [ann] = await people("ann");
    const phone = await phoneOf(ann);
    const { headers, ids } = caller();
    const lines = record();
    expect((await api(ann, "POST", `/devices/${phone.device_id}/test`, undefined, headers)).status).toBe(200);
    const [answered] = lines("request.answered");
    expect(lines("push.tried")).toEqual([
      expect.objectContaining({
        ...ids,
        provider: "apns",
        result: "sent",
        parent_span_id: answered?.span_id,
      }),
    ]);
  });
});

describe("a socket's trace", () => {
  it.each(["hub", "conversation"] as const)(
    "[TRACE-15] of the %s is that of the request that opened it, also after hibernation: opened, a frame that fails, closed",
    async (kind) => {
      const [ann, bob] = await people("ann", "bob");
      const id = await direct(ann, bob);
      const { headers, ids } = caller();
      const lines = record();
      const socket = await open(ann, socketPath(kind, id), headers);
      await hibernate(id, ann, bob);
      expect((await socket.ask(sendCommand(id, "hello"))).type).toBe("ack");
      faults.storageLocked = id;
      for (const request_id of ["frame-1", 2, 'x","event":"forged', "Zo\u00eb said"]) {
        socket.raw(JSON.stringify({ ...sendCommand(id, "lost"), request_id }));
        await socket.heard((event) => event.type === "error" && event.request_id === request_id);
      }
      faults.storageLocked = undefined;
      const [answered] = lines("request.answered");
      const its = { ...ids, span_id: answered?.span_id };
      const failed = lines("command.failed");
      for (const line of failed) expect(line).toMatchObject(its);
      // What is no short word stays out of the log.
      expect(failed.map(({ frame_request_id = null }) => frame_request_id)).toEqual([
        "frame-1",
        "2",
        null,
        null,
      ]);
      socket.close(1000);
      await expect.poll(() => lines("socket.closed")).toEqual([expect.objectContaining(its)]);
      expect(lines("socket.opened")).toEqual([expect.objectContaining(its)]);
    },
  );

  it("[TRACE-15] a newer token that is refused stands in the log as the socket's", async () => {
    const [ann] = await people("ann");
    const { headers, ids } = caller();
    const socket = await open(ann, "/ws", headers);
    const lines = record();
    const token = await sign({ sub: ann.user_id, username: ann.username }, { expiresAt: 1_000_000_000 });
    await socket.ask({ type: "auth.refresh", token });
    expect(lines("refresh.refused")).toEqual([expect.objectContaining(ids)]);
  });

  it("[TRACE-16] a socket that an older release has opened goes on, and its lines have none", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const hub = hubObject(ann.user_id) as DurableObjectStub;
    const socket = await open(ann, "/ws", caller().headers);
    await runInDurableObject(hub, (_, state) => {
      for (const one of state.getWebSockets()) {
        const { trace, ...older } = one.deserializeAttachment() as Session;
        expect(trace).toBeTypeOf("string");
        one.serializeAttachment(older);
      }
    });
    await hibernate(id, ann);
    const lines = record();
    expect((await socket.ask(sendCommand(id, "hello"))).type).toBe("ack");
    faults.storageLocked = id;
    await socket.ask(sendCommand(id, "lost"));
    const [failed] = lines("command.failed");
    expect(failed).toMatchObject({ command: "message.send" });
    for (const field of ["request_id", "trace_id", "span_id"]) expect(failed).not.toHaveProperty(field);
  });
});

describe("what no request began", () => {
  it("[TRACE-17] an alarm has a trace of its own", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    faults.d1DownFor = id;
    const earlier = record();
    await api(ann, "POST", `/conversations/${id}/messages`, TEXT);
    await expect.poll(() => earlier("consumer.failed").length).toBeGreaterThan(0);
    await evictDurableObject(conversationObject(id) as DurableObjectStub);
    const lines = record();
    await runDurableObjectAlarm(conversationObject(id));
    await expect.poll(() => lines("consumer.failed").length).toBeGreaterThan(0);
    const [failed] = lines("consumer.failed");
    expect(failed?.trace_id).toMatch(HEX32);
    expect(failed).not.toHaveProperty("request_id");
    expect(earlier("request.answered").map(({ trace_id }) => trace_id)).not.toContain(failed?.trace_id);
  });

  it("[TRACE-17] so has each run of the cron", async () => {
    const lines = record();
    faults.r2Down = true;
    for (let run = 0; run < 2; run++) {
      const event = { scheduledTime: Date.now(), cron: "*/15 * * * *" } as ScheduledController;
      await worker.scheduled(event, withFaults(env));
    }
    const swept = lines("attachments.not_swept");
    expect(swept).toHaveLength(2);
    for (const line of swept) expect(line.trace_id).toMatch(HEX32);
    expect(swept[0]?.trace_id).not.toBe(swept[1]?.trace_id);
  });
});

/** An engine whose commits end when the test says so, and what its changes were sent with. */
function engine() {
  const sent: unknown[] = [];
  const commits: (() => void)[] = [];
  const store = { exists: () => false };
  const fanOut = {
    hasEvents: false,
    add: ([one]: unknown[], trace?: string) => void (one !== undefined && sent.push([one, trace])),
    flush: () => undefined,
    callHubs: () => undefined,
  };
  const host = {
    sync: () => new Promise<void>((resolve) => commits.push(resolve)),
    listeners: () => ({ batching: 0, single: 1 }),
  };
  return { sent, commits, engine: new Engine(store as never, fanOut as never, host as never) };
}

describe("changes of a conversation", () => {
  it("[TRACE-18] that share a turn are sent with their own traces, whoever's work has begun the turn", async () => {
    const { sent, commits, engine: its } = engine();
    const [first, second, third] = [newTrace("1"), newTrace("2"), newTrace("3")];
    const change = (name: string, trace?: string | null) =>
      its.change(() => ({ outcome: found(name), emissions: [name as never] }), undefined, trace);
    // Neither comes alone, so the second one's commit is waited for, and all that follows shares the next turn.
    const all = [inTrace(first, () => change("a")), inTrace(first, () => change("b", second))];
    expect(commits).toHaveLength(1);
    all.push(
      inTrace(first, () => change("c")),
      inTrace(second, () => change("d")),
      inTrace(first, () => change("e", third)),
      inTrace(second, () => change("f", null)),
      change("g"),
    );
    expect(sent).toHaveLength(2);
    inTrace(third, () => commits[0]?.());
    await Promise.all(all);
    expect(sent).toEqual([
      ["a", first],
      ["b", second],
      ["c", first],
      ["d", second],
      ["e", third],
      ["f", undefined],
      ["g", undefined],
    ]);
  });

  it("[TRACE-18] a piece of work that fails in a turn is logged with its own trace, or with none", async () => {
    const { engine: its } = engine();
    const own = newTrace("own");
    const fail = () => {
      throw new Error("fails");
    };
    const spy = vi.spyOn(console, "error").mockImplementation(() => undefined);
    inTrace(newTrace("other"), () => {
      its.inTurn({ act: fail, trace: own });
      its.inTurn({ act: fail });
    });
    await vi.waitFor(() => expect(spy).toHaveBeenCalledTimes(2));
    const lines = spy.mock.calls.map(([line]) => JSON.parse(String(line)));
    spy.mockRestore();
    expect(lines.map(({ event, request_id = null }) => [event, request_id])).toEqual([
      ["turn.failed", "own"],
      ["turn.failed", null],
    ]);
  });
});
