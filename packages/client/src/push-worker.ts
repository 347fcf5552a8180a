/**
 * Push in a service worker: `@rocket-chat-api/client/push-worker`. For an app with a worker of its own:
 *
 * ```ts
 * import { listenForPush } from "@rocket-chat-api/client/push-worker";
 * listenForPush(self, { icon: "/icon.png" });
 * ```
 *
 * An app without one copies `service-worker.js` of this package beside its pages and registers that.
 */
export type { WebPushPayload } from "@rocket-chat-api/protocol";
export { listenForPush } from "./push-worker/listen.ts";
export type { PushWorkerOptions } from "./push-worker/options.ts";
export type { PushWorkerScope } from "./push-worker/scope.ts";
