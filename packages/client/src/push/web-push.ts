/** Web Push in a page: subscribes at the browser, and registers the subscription as this device. */
import type { Device, PushSubscriptionBody, RegisterDevice } from "@rocket-chat-api/protocol";
import {
  type BrowserPushManager,
  type BrowserSubscription,
  bytesOf,
  isSame,
  type WorkerRegistration,
} from "./browser.ts";
import type { Push } from "./push.ts";

/** What the app says of itself. Left out, the language is the browser's. */
export type WebDevice = Pick<RegisterDevice, "app_id" | "locale" | "preview">;

/**
 * Subscribes this browser and registers it. Call it where the user asks for notifications: the browser may ask for
 * their permission, and some do so only while they handle a click.
 * @returns the device. Rejects with `NotAllowedError` of the browser if the user has forbidden notifications, and with
 * the errors of {@link Push.register}.
 */
export async function subscribeWebPush(
  push: Push,
  registration: WorkerRegistration,
  device: WebDevice = {},
): Promise<Device> {
  const manager = managerOf(registration);
  const key = bytesOf(await push.vapidKey());
  const known = await manager.getSubscription();
  const subscription = (await reusable(known, key)) ?? (await subscribe(manager, key));
  return await push.register({
    platform: "web",
    provider: "webpush",
    locale: languageOf(),
    ...device,
    subscription: bodyOf(subscription.toJSON()),
  });
}

/**
 * Registers this browser again if it was subscribed before: call it at each start of the page. It asks the user nothing,
 * and brings to the server what has changed since: the key, the subscription, the user.
 * @returns undefined if the browser is not subscribed. Rejects as {@link subscribeWebPush}.
 */
export async function resumeWebPush(
  push: Push,
  registration: WorkerRegistration,
  device: WebDevice = {},
): Promise<Device | undefined> {
  if (!(await registration.pushManager?.getSubscription())) return undefined;
  return await subscribeWebPush(push, registration, device);
}

/** Ends the subscription of this browser, if it has one. @returns whether it had. */
export async function endWebPush(registration: WorkerRegistration): Promise<boolean> {
  const subscription = await registration.pushManager?.getSubscription();
  return (await subscription?.unsubscribe()) ?? false;
}

/** A subscription, from its `toJSON()`, as the server takes it. @throws TypeError if a part is missing. */
export function bodyOf(json: ReturnType<BrowserSubscription["toJSON"]>): PushSubscriptionBody {
  const { endpoint, expirationTime = null, keys } = json;
  if (!endpoint || !keys?.p256dh || !keys.auth)
    throw new TypeError("the browser's subscription is not whole");
  return { endpoint, expirationTime, keys: { p256dh: keys.p256dh, auth: keys.auth } };
}

/** The known subscription, if it is for this key. Another is ended: a browser refuses a second one. */
async function reusable(
  known: BrowserSubscription | null,
  key: ArrayBuffer,
): Promise<BrowserSubscription | undefined> {
  if (!known) return undefined;
  const { applicationServerKey: its } = known.options;
  if (its && isSame(its, key)) return known;
  await known.unsubscribe();
  return undefined;
}

function subscribe(manager: BrowserPushManager, applicationServerKey: ArrayBuffer) {
  return manager.subscribe({ userVisibleOnly: true, applicationServerKey });
}

function managerOf({ pushManager }: WorkerRegistration): BrowserPushManager {
  if (pushManager) return pushManager;
  throw new TypeError(
    "There is no push in this browser: on iOS the page must be added to the home screen first",
  );
}

/** The language of the browser; undefined where it does not say. */
function languageOf(): string | undefined {
  return (globalThis as { navigator?: { language?: string } }).navigator?.language;
}
