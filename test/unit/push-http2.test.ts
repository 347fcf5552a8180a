/** The same requests over TLS and HTTP/2, as deployed Workers speak them, and over HTTP/1.1 on the same port. */
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from "undici";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { sendPush } from "../../src/push/send.ts";
import { selfSigned } from "../push/certificate.ts";
import { PushControl } from "../push/control.ts";
import { apnsToken, notification, target } from "../push/samples.ts";
import { type PushStandIns, startPushStandIns } from "../push/start.ts";

const certificate = selfSigned();
const usual = getGlobalDispatcher();
let standIns: PushStandIns;
let control: PushControl;

const id = () => crypto.randomUUID();
const speak = (allowH2: boolean) =>
  setGlobalDispatcher(new Agent({ allowH2, connect: { ca: certificate.cert } }));

beforeAll(async () => {
  standIns = await startPushStandIns(certificate);
  control = new PushControl(standIns.control);
});
afterAll(async () => {
  setGlobalDispatcher(usual);
  await standIns.stop();
});
afterEach(async () => {
  vi.restoreAllMocks();
  setGlobalDispatcher(usual);
  await control.reset();
});

describe("providers over TLS", () => {
  it.each([
    ["2.0", true],
    ["1.1", false],
  ])("[PUSH-P26] HTTP/%s: all three take what we send", async (version, allowH2) => {
    const { endpoint, keys } = await control.subscribe();
    speak(allowH2);
    const to = [
      target({ token: id() }),
      target({ provider: "apns", token: apnsToken() }),
      target({ provider: "webpush", token: endpoint, keys }),
    ];
    for (const one of to) {
      const result = await sendPush(standIns.settings, one, notification(), { id: id(), now: Date.now() });
      expect(result).toMatchObject({ result: "sent" });
    }
    const pushes = await control.pushes();
    expect(pushes.map(({ provider }) => provider).slice(-2)).toEqual(["apns", "webpush"]);
    expect(new Set(pushes.map(({ http_version }) => http_version))).toEqual(new Set([version]));
    expect(pushes.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it.each(["goaway", "reset"] as const)(
    "[PUSH-P26] after a %s of APNs it is sent once more, with the same id",
    async (behaviour) => {
      const to = target({ provider: "apns", token: apnsToken() });
      speak(true);
      await control.answer({ provider: "apns", times: 1, answer: { behaviour } });
      const result = await sendPush(standIns.settings, to, notification(), { id: id(), now: Date.now() });
      expect(result).toMatchObject({ result: "sent" });
      const pushes = await control.pushes({ provider: "apns" });
      expect(pushes.map(({ status, http_version }) => [status, http_version])).toEqual([
        [0, "2.0"],
        [200, "2.0"],
      ]);
      expect(new Set(pushes.map(({ headers }) => headers["apns-id"])).size).toBe(1);
    },
  );

  it("[PUSH-P26] a certificate that nobody has signed is no provider", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const to = target({ provider: "apns", token: apnsToken() });
    const result = await sendPush(standIns.settings, to, notification(), { id: id(), now: Date.now() });
    expect(result).toEqual({ result: "retry", status: 0, detail: "network" });
    expect(await control.pushes()).toEqual([]);
  });
});
