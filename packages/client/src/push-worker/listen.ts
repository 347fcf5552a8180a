/** Connects a service worker with push. */
import { onClick } from "./click.ts";
import type { PushWorkerOptions } from "./options.ts";
import { onSubscriptionChange } from "./resubscribe.ts";
import type { PushWorkerScope } from "./scope.ts";
import { oneAfterTheOther, onPush } from "./show.ts";

/**
 * Handles push messages, clicks on notifications and changed subscriptions. Call it while the worker's script runs, not
 * later: browsers listen to no handler that was added afterwards.
 * @param scope `self` of the service worker.
 */
export function listenForPush(scope: PushWorkerScope, options: PushWorkerOptions = {}): void {
  const inTurn = oneAfterTheOther();
  scope.addEventListener("push", (event) => event.waitUntil(onPush(scope, event, options, inTurn)));
  scope.addEventListener("notificationclick", (event) =>
    event.waitUntil(onClick(scope, event, options.home)),
  );
  scope.addEventListener("pushsubscriptionchange", (event) =>
    event.waitUntil(onSubscriptionChange(scope, event, options.vapid_key)),
  );
}
