/** Web Push of this page: one `Push` for each client, and the registration of the worker. */
import type { ChatClient } from "@rocket-chat-api/client";
import {
  endWebPush,
  linkPushWorker,
  Push,
  resumeWebPush,
  watchForeground,
} from "@rocket-chat-api/client/push";
import { navigate } from "../../app/route.ts";
import { WORKER } from "../../app/worker.ts";

const PUSHES = new WeakMap<ChatClient, Push>();
const LINKED = new WeakSet<Push>();

/** What registers devices, and knows the preferences. */
export function pushOf(client: ChatClient): Push {
  const known = PUSHES.get(client);
  if (known) return known;
  const made = new Push(client);
  PUSHES.set(client, made);
  return made;
}

/** Why this browser cannot show notifications; null if it can. */
export function whyUnsupported(): "insecure" | "unsupported" | null {
  if (!window.isSecureContext) return "insecure";
  const hasAll = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  return hasAll ? null : "unsupported";
}

/** Registers the worker, and connects this page with it. */
export async function startWorker(push: Push): Promise<ServiceWorkerRegistration> {
  const registration = await navigator.serviceWorker.register(WORKER);
  link(push, registration);
  await navigator.serviceWorker.ready;
  return registration;
}

/** The registration of the worker; undefined where it was never registered. */
export async function workerOf(): Promise<ServiceWorkerRegistration | undefined> {
  return whyUnsupported() === null ? await navigator.serviceWorker.getRegistration("/") : undefined;
}

/** Ends the subscription of this browser, if it has one. */
export async function endSubscription(): Promise<void> {
  const registration = await workerOf();
  if (registration) await endWebPush(registration);
}

function link(push: Push, registration: ServiceWorkerRegistration): void {
  if (LINKED.has(push)) return;
  LINKED.add(push);
  watchForeground(push);
  linkPushWorker(push, {
    registration,
    open: ({ conversation_id, message_id }) =>
      navigate({ conversationId: conversation_id, messageId: message_id }),
  });
}

/** At each start: a browser that is subscribed is registered again, so that the server knows its newest address. */
export async function resume(push: Push): Promise<void> {
  const registration = await workerOf();
  if (!registration || !(await registration.pushManager.getSubscription())) return;
  link(push, await navigator.serviceWorker.register(WORKER));
  await resumeWebPush(push, registration);
}
