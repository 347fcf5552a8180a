/**
 * A whole service worker, built as one plain script for apps that have none: copy `service-worker.js` of the package
 * beside the pages, and register it. Options stand in its address: `/service-worker.js?icon=/icon.png&title=New+message`.
 */
import { listenForPush } from "./push-worker/listen.ts";
import type { PushWorkerScope } from "./push-worker/scope.ts";

interface WorkerScope extends PushWorkerScope {
  readonly location: { readonly href: string };
  skipWaiting(): Promise<void>;
  addEventListener: PushWorkerScope["addEventListener"] & ((type: "install", listener: () => void) => void);
}

const scope = globalThis as unknown as WorkerScope;
// It serves no page, so a new version need not wait for old pages to close.
scope.addEventListener("install", () => void scope.skipWaiting());
listenForPush(scope, Object.fromEntries(new URL(scope.location.href).searchParams));
