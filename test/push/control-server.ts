/** The control interface of the stand-ins: plain HTTP and JSON. README.md has the list. */
import type { DnsStandIn } from "./dns.ts";
import type { FcmStandIn } from "./fcm.ts";
import { listen, type Received, type Server } from "./listen.ts";
import type { Recorder } from "./recorder.ts";
import type { WebPushStandIn } from "./web-push.ts";
import type { Options, PushSettings, Rule, TokenFacts } from "./wire.ts";

interface Parts {
  recorder: Recorder;
  fcm: FcmStandIn;
  webPush: WebPushStandIn;
  dns: DnsStandIn;
  settings: PushSettings;
}

type Action = (body: never, request: Received) => unknown;

function actionsOf({ recorder, fcm, webPush, dns, settings }: Parts): Record<string, Action> {
  return {
    "GET /settings": () => settings,
    "GET /pushes": (_, { url }) => {
      const provider = url.searchParams.get("provider");
      const token = url.searchParams.get("token");
      return recorder.pushes.filter(
        (push) =>
          (provider === null || push.provider === provider) && (token === null || push.token === token),
      );
    },
    "POST /answers": (rule: Rule) => recorder.script(rule),
    "POST /answers/drop": ({ token }: { token: string }) => recorder.drop(token),
    "POST /tokens": (facts: TokenFacts) => void recorder.tokens.set(facts.token, facts),
    "POST /subscriptions": () => webPush.subscribe(),
    "POST /subscriptions/end": ({ endpoint }: { endpoint: string }) =>
      webPush.unsubscribe(endpoint.split("/").at(-1) ?? ""),
    "POST /names": ({ host, addresses }: { host: string; addresses: string[] }) => dns.name(host, addresses),
    "GET /names/asked": () => dns.asked,
    "POST /fcm/revoke": () => fcm.revoke(),
    "POST /options": ({ check_time }: Options) => {
      if (check_time !== undefined) recorder.checkTime = check_time;
    },
    "POST /reset": () => {
      recorder.reset();
      dns.asked = [];
    },
  };
}

/** Serves the control interface. It is for tests on this machine: who reaches it may do everything. */
export async function serveControl(parts: Parts): Promise<Server> {
  const actions = actionsOf(parts);
  return await listen(async (request) => {
    const action = actions[`${request.method} ${request.url.pathname}`];
    if (!action) return { status: 404, body: "no such action" };
    const body: unknown = request.body.length > 0 ? JSON.parse(request.body.toString("utf8")) : {};
    const result = action(body as never, request) ?? {};
    return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(result) };
  }, undefined);
}
