/** `npm run push:device`: sends one notification to a real phone or browser, and says what its provider answered. */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { Agent, setGlobalDispatcher } from "undici";
import { PushPlatform, PushProvider, PushSubscriptionBody } from "../packages/protocol/src/push.ts";
import { PushPreview } from "../packages/protocol/src/push-preferences.ts";
import type { Push, PushTarget } from "../src/push/notification.ts";
import { preparePush, sendPush } from "../src/push/send.ts";
import type { DeploymentSettings } from "../src/settings.ts";
import { readArguments, refuseArguments } from "./arguments.ts";

const USAGE = `
Usage: npm run push:device -- --provider <fcm|apns|webpush> (--token <token> | --subscription <file>)

Sends a notification with the credentials of .dev.vars, or of the environment (docs/push.md), straight to the provider.

  --token <token>          what the app got from FCM or APNs
  --subscription <file>    JSON of a browser's subscription: JSON.stringify(subscription)
  --platform <platform>    of a token of FCM: android (default), ios or web
  --app-id <bundle id>     of APNs, instead of APNS_TOPIC
  --environment <which>    of APNs: production (default) or sandbox; the other one is tried too
  --locale <tag>           the language, such as de
  --preview <preview>      full (default), sender, hidden or encrypted; encrypted takes the keys of --keys
  --keys <file>            JSON with p256dh and auth, as the app registers them
  --text <text>            what it says
  --clear                  takes away what the notification before has shown
  --show                   prints the payload too
`;

const { values } = readArguments({
  usage: USAGE,
  options: {
    provider: { type: "string" },
    token: { type: "string" },
    subscription: { type: "string" },
    platform: { type: "string" },
    "app-id": { type: "string" },
    environment: { type: "string" },
    locale: { type: "string" },
    preview: { type: "string" },
    keys: { type: "string" },
    text: { type: "string" },
    clear: { type: "boolean" },
    show: { type: "boolean" },
  },
});

/** One of the words that a flag takes. */
function oneOf<T extends string>(flag: string, words: readonly T[], value: string): T {
  const word = words.find((one) => one === value);
  return word ?? refuseArguments(`--${flag} takes one of ${words.join(", ")}, not '${value}'`);
}

function jsonFile(flag: string, path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return refuseArguments(`--${flag}: ${path} is not a file of JSON`);
  }
}

/** The device, from the flags. */
function deviceOf(): PushTarget {
  const provider = oneOf("provider", PushProvider.options, values.provider ?? "");
  const device = {
    device_id: "push:device",
    provider,
    platform: oneOf("platform", PushPlatform.options, values.platform ?? "android"),
    app_id: values["app-id"] ?? null,
    environment: oneOf("environment", ["production", "sandbox"] as const, values.environment ?? "production"),
    locale: values.locale ?? null,
    preview: oneOf("preview", PushPreview.options, values.preview ?? "full"),
    registered_at: 0,
  };
  if (provider !== "webpush") {
    if (!values.token) refuseArguments("--token is missing");
    const keys =
      values.keys === undefined
        ? null
        : PushSubscriptionBody.shape.keys.safeParse(jsonFile("keys", values.keys));
    if (keys?.error) refuseArguments("--keys: the file has no p256dh and auth");
    return { ...device, token: values.token, keys: keys?.data ?? null };
  }
  if (!values.subscription) refuseArguments("--subscription is missing");
  const subscription = PushSubscriptionBody.safeParse(jsonFile("subscription", values.subscription));
  if (!subscription.success) refuseArguments("--subscription: the file has no subscription");
  return { ...device, token: subscription.data.endpoint, keys: subscription.data.keys };
}

/** The conversation is always the same, so that a second notification replaces the first, and a clear finds it. */
const CONVERSATION = "00000000-0000-8000-8000-000000000000";

function pushOf(): Push {
  if (values.clear)
    return { kind: "clear", conversation_id: CONVERSATION, up_to_seq: 1, is_badge_only: false, badge: 0 };
  const sender = { user_id: CONVERSATION, username: "test", display_name: "Test", profile_photo_url: null };
  return {
    kind: "message",
    conversation: { conversation_id: CONVERSATION, type: "direct", name: null },
    message_id: "00000000-0000-8000-8000-000000000001",
    seq: 1,
    sender,
    text: values.text ?? "Push works",
    message_type: "text",
    unread_count: 1,
    badge: 1,
    expires_at: null,
    is_silent: false,
    cleared: {},
  };
}

const device = deviceOf();
const push = pushOf();
const path = new URL("../.dev.vars", import.meta.url);
const file = existsSync(path) ? parseEnv(readFileSync(path, "utf8")) : {};
const env = { ...file, ...process.env } as DeploymentSettings;
// APNs speaks HTTP/2 only.
setGlobalDispatcher(new Agent({ allowH2: true }));
const prepared = await preparePush(env, device, push, Date.now());
if (values.show) console.log(JSON.stringify(prepared, null, 2));
const id = randomUUID();
const result = await sendPush(env, device, push, { id, now: Date.now() });
console.log(JSON.stringify({ ...result, id }, null, 2));
process.exitCode = result.result === "sent" ? 0 : 1;
