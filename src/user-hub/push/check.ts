/** What would be pushed for a message, to look at: nothing is sent, and nothing is written. */
import { DEFAULT_PUSH_PREFERENCES, type PushCheck, PushProvider } from "@rocket-chat-api/protocol";
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import type { PushNote } from "../../domain/push-note.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { PushNotification, PushTarget } from "../../push/notification.ts";
import { merged, newConversation } from "./conversation-rows.ts";
import { notificationOf, targetOf } from "./forms.ts";
import { decideOn } from "./plan.ts";
import type { PushInbox } from "./push-inbox.ts";
import type { DeviceRow, PushStore } from "./push-store.ts";

/** What a check needs of its hub. */
export interface CheckHost {
  /** Asks a conversation for the user's state, and for a message in it. */
  ask(conversationId: string, seq: number): Promise<PushNote | undefined>;
  /** A push in the form of its provider; see src/push. */
  prepare(
    target: PushTarget,
    push: PushNotification,
    now: EpochMs,
  ): Promise<Record<string, unknown> | undefined>;
}

interface Parts {
  store: PushStore;
  inbox: PushInbox;
  host: CheckHost;
}

/** Decides about a message for each device, and makes the payload for each provider. */
export async function checkPush(
  { store, inbox, host }: Parts,
  { conversation_id, seq }: { conversation_id: string; seq: number },
  now: EpochMs,
): Promise<Outcome<PushCheck>> {
  const note = await host.ask(conversation_id, seq);
  const message = note?.changed.find((one) => one.seq === seq)?.message;
  if (!note?.is_member || !message) return refused("NOT_FOUND", "No such message");
  const conversation = merged(store.conversation(conversation_id) ?? newConversation(conversation_id), note);
  const preferences = store.state()?.preferences ?? DEFAULT_PUSH_PREFERENCES;
  const decisionFor = (device: DeviceRow | undefined): PushCheck["decisions"][number] => {
    const decision = decideOn(
      message,
      inbox.circumstances(conversation, device, { preferences }),
      false,
      now,
    );
    return {
      device_id: device?.device_id ?? null,
      decision: decision.decision,
      reason: decision.decision === "skip" ? decision.reason : null,
      wait_ms: decision.decision === "wait" ? decision.ms : null,
    };
  };
  const devices = [...store.devices().values()];
  const decisions = devices.length === 0 ? [decisionFor(undefined)] : devices.map(decisionFor);
  const push = notificationOf(conversation, message, store.badge(now));
  const payloads: PushCheck["payloads"] = { fcm: null, apns: null, webpush: null };
  for (const provider of PushProvider.options) {
    const target = targetOf(
      devices.find((one) => one.provider === provider) ?? sampleDevice(provider, now),
      preferences,
    );
    payloads[provider] = (await host.prepare(target, push, now)) ?? null;
  }
  return found({ decisions, payloads });
}

const PLATFORMS = { fcm: "android", apns: "ios", webpush: "web" } as const;

/** A device for a provider that the user has none of. */
function sampleDevice(provider: DeviceRow["provider"], now: EpochMs): DeviceRow {
  return {
    device_id: "check",
    platform: PLATFORMS[provider],
    provider,
    app_id: null,
    token: "",
    token_hash: "",
    token_version: 0,
    environment: null,
    locale: null,
    preview: null,
    keys: null,
    is_active: true,
    registered_at: now,
    last_pushed_at: null,
    last_badge: null,
    log: [],
  };
}
