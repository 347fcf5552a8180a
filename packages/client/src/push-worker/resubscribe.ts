/** The browser has ended a subscription, or replaced it. */
import { bytesOf } from "../push/browser.ts";
import { MARK } from "../push/messages.ts";
import type { PushWorkerScope, SubscriptionChangeEvent } from "./scope.ts";
import { firstThatAnswers, windowsOf } from "./windows.ts";

/**
 * Subscribes again, and lets an open page register it, because only a page has a token. Without one, the browser keeps
 * the subscription, and `resumeWebPush` registers it when the app is opened. Never rejects.
 * @param key of the server, as base64url, for browsers that do not say the old one.
 */
export async function onSubscriptionChange(
  scope: PushWorkerScope,
  { newSubscription, oldSubscription }: SubscriptionChangeEvent,
  key: string | undefined,
): Promise<void> {
  try {
    const applicationServerKey =
      oldSubscription?.options.applicationServerKey ?? (key === undefined ? undefined : bytesOf(key));
    const again = async () =>
      applicationServerKey &&
      (await scope.registration.pushManager?.subscribe({ userVisibleOnly: true, applicationServerKey }));
    const subscription = newSubscription ?? (await again());
    if (!subscription) return;
    await firstThatAnswers(await windowsOf(scope), {
      [MARK]: "subscription",
      subscription: subscription.toJSON(),
    });
  } catch {
    // The user has withdrawn the permission, or the push service cannot be reached: the page subscribes again.
  }
}
