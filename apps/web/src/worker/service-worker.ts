/**
 * The page's service worker, built as one plain script: the page starts without a network, and push notifications come while it
 * is closed. Options of push stand in its address (`/service-worker.js?home=/`).
 */
import { listenForPush, type PushWorkerScope } from "@rocket-chat-api/client/push-worker";
import { answerOf, fill, forget, type ShellScope } from "./shell.ts";

const scope = globalThis as unknown as ShellScope & PushWorkerScope;

scope.addEventListener("install", (event) => event.waitUntil(fill().then(() => scope.skipWaiting())));
scope.addEventListener("activate", (event) => event.waitUntil(forget().then(() => scope.clients.claim())));
scope.addEventListener("fetch", (event) => {
  const answer = answerOf(event.request, scope.location.origin);
  if (answer) event.respondWith(answer);
});
listenForPush(scope, Object.fromEntries(new URL(scope.location.href).searchParams));
