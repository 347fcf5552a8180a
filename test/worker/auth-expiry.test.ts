import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { alarmOf, atTime, until } from "./checks.ts";
import {
  connect,
  connectTo,
  conversationObject,
  direct,
  hubObject,
  type Person,
  people,
  say,
  sign,
  type TestSocket,
} from "./kit.ts";

const soon = () => Math.floor(Date.now() / 1000) + 100;

describe("a token that ends while the socket is open", () => {
  /** Both kinds of socket of one person, with the object of each. */
  async function bothSockets(who: Person, id: string): Promise<[TestSocket, DurableObjectStub][]> {
    return [
      [await connect(who), hubObject(who.user_id) as DurableObjectStub],
      [await connectTo(who, id), conversationObject(id) as DurableObjectStub],
    ];
  }

  it("[AUTH-4] closes it with 4009 within 5 seconds, and no other", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const end = soon();
    const short = await bothSockets(await until(ann, end), id);
    const long = await bothSockets(ann, id);
    for (const [i, [socket, object]] of short.entries()) {
      expect(await alarmOf(object)).toBeLessThanOrEqual(end * 1000 + 5000);
      await atTime(end * 1000 - 1, () => runDurableObjectAlarm(object));
      expect(await alarmOf(object)).toBeLessThanOrEqual(end * 1000 + 5000);
      await atTime(end * 1000, () => runDurableObjectAlarm(object));
      expect((await socket.closed).code).toBe(4009);
      const open = await runInDurableObject(object, (_, state) =>
        state.getWebSockets(ann.user_id).filter((one) => one.readyState === WebSocket.OPEN),
      );
      expect(open).toHaveLength(1);
      const other = long[i]?.[0];
      const message = await say(bob, id, `still here ${i}`);
      await other?.heard((e) => e.type === "message.new" && e.data.message_id === message.message_id);
      // The next token's end is waited for.
      expect(await alarmOf(object)).not.toBeNull();
    }
  });

  it("[AUTH-4] auth.refresh extends it", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const end = soon();
    const { token } = await until(ann, end + 1000);
    for (const [socket, object] of await bothSockets(await until(ann, end), id)) {
      expect(await socket.ask({ type: "auth.refresh", token })).toMatchObject({
        type: "ack",
        data: { expires_at: new Date((end + 1000) * 1000).toISOString() },
      });
      await atTime(end * 1000 + 5000, () => runDurableObjectAlarm(object));
      expect(await alarmOf(object)).toBeLessThanOrEqual((end + 1005) * 1000);
      expect((await socket.ask({ type: "auth.refresh", token })).type).toBe("ack");
      await atTime((end + 1000) * 1000, () => runDurableObjectAlarm(object));
      expect((await socket.closed).code).toBe(4009);
    }
  });

  it("[AUTH-4] somebody else's token, an expired or a forged one extends nothing", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const end = soon();
    const late = Math.floor(Date.now() / 1000) - 60;
    const forged = await sign({ sub: ann.user_id, username: ann.username }, { secret: "x".repeat(40) });
    for (const [socket, object] of await bothSockets(await until(ann, end), id)) {
      const attempts: [token: string, code: string][] = [
        [bob.token, "FORBIDDEN"],
        [(await until(ann, late)).token, "UNAUTHORIZED"],
        [forged, "UNAUTHORIZED"],
        ["", "UNAUTHORIZED"],
      ];
      for (const [token, code] of attempts) {
        expect(await socket.ask({ type: "auth.refresh", token })).toMatchObject({ type: "error", code });
      }
      await atTime(end * 1000, () => runDurableObjectAlarm(object));
      expect((await socket.closed).code).toBe(4009);
    }
  });

  it("[AUTH-4] a token that lasts for centuries is waited for without trouble", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    for (const end of [9_999_999_999, Number.MAX_SAFE_INTEGER]) {
      const patient = await until(ann, end);
      for (const [socket] of await bothSockets(patient, id)) {
        expect((await socket.ask({ type: "auth.refresh", token: patient.token })).type).toBe("ack");
      }
    }
  });
});
