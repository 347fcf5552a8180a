/**
 * Push notifications: `@rocket-chat-api/client/push`.
 *
 * ```ts
 * const client = new ChatClient({ url, token, device_id });
 * const push = new Push(client);
 * await push.register({ platform: "android", provider: "fcm", token });
 * ```
 *
 * In a browser {@link subscribeWebPush} registers, {@link linkPushWorker} connects the page with the service worker of
 * `@rocket-chat-api/client/push-worker`, and {@link watchForeground} says whether the page is in front.
 */

export type {
  Device,
  PushKeys,
  PushKind,
  PushLevel,
  PushLogEntry,
  PushPlatform,
  PushPreferences,
  PushPreview,
  PushProvider,
  PushSkip,
  PushSubscriptionBody,
  PushTest,
  QuietPeriod,
  RegisterDevice,
  UpdatePushPreferences,
} from "@rocket-chat-api/protocol";
export type {
  BadgeNavigator,
  BrowserPushManager,
  BrowserSubscription,
  ShownNotification,
  WorkerContainer,
  WorkerMessage,
  WorkerRegistration,
} from "./push/browser.ts";
export { type PageDocument, watchForeground } from "./push/foreground.ts";
export type { PushClient, ScreenState, ViewedConversation } from "./push/host.ts";
export type { ClickTarget } from "./push/messages.ts";
export { linkPushWorker, type PageOptions } from "./push/page.ts";
export { Push, type PushAddress } from "./push/push.ts";
export { endWebPush, resumeWebPush, subscribeWebPush, type WebDevice } from "./push/web-push.ts";
