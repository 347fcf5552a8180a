/** Shows what a push message says. Browsers demand a notification for each message, so every way through here ends in one. */
import { showBadge } from "../push/browser.ts";
import { dataIn, type NotificationData, type PageView } from "../push/messages.ts";
import type { PushWorkerOptions } from "./options.ts";
import { type ReadPayload, readPayload } from "./payload.ts";
import type { NotificationOptions, PushMessageEvent, PushWorkerScope, WorkerNotification } from "./scope.ts";
import { viewOf, windowsOf } from "./windows.ts";

/** The tag of notifications that say nothing: there is only one of them. */
const GENERIC_TAG = "rocket-chat";

/** Browsers that demand no notification while a page of the site is visible. Safari ends subscriptions even then. */
const WAIVES = /(?:Chrome|Chromium|Firefox)\//;
/** Milliseconds that a notification stays which is shown for the browser's sake: closed at once, some desktops keep it. */
const GLIMPSE_MS = 500;

/** Runs actions one after the other. */
export type InTurn = (action: () => Promise<void>) => Promise<void>;

/** Makes an {@link InTurn}. */
export function oneAfterTheOther(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return async (action) => {
    const done = last.then(action);
    last = done.catch(() => undefined);
    await done;
  };
}

/**
 * Handles a push message. Never rejects.
 * @param inTurn shared by all messages of a worker: what looks at the screen and then changes it must not be interrupted.
 */
export async function onPush(
  scope: PushWorkerScope,
  event: PushMessageEvent,
  options: PushWorkerOptions,
  inTurn: InTurn,
): Promise<void> {
  try {
    const payload = readPayload(jsonOf(event));
    if (!payload) return await showGeneric(scope, options);
    const view = await seenBy(scope, payload.data);
    await inTurn(async () => await take(scope, payload, view, options));
  } catch {
    await showGeneric(scope, options).catch(() => undefined);
  }
}

function jsonOf({ data }: PushMessageEvent): unknown {
  try {
    return data?.json();
  } catch {
    return undefined;
  }
}

async function take(
  scope: PushWorkerScope,
  payload: ReadPayload,
  view: PageView,
  options: PushWorkerOptions,
): Promise<void> {
  const { data, badge } = payload;
  // Before anything is shown, or a message that says its own conversation is read would close itself.
  await closeCleared(scope, data.cleared);
  const newer = await newerThan(scope, payload);
  if (view.is_on_screen) await waive(scope, payload);
  else if (newer) await scope.registration.showNotification(newer.title, { ...copyOf(newer), silent: true });
  else await scope.registration.showNotification(payload.title, shownAs(payload, view, options));
  if (badge !== undefined && !newer) await showBadge(scope.navigator, badge);
}

/** What the open pages know of the message. */
async function seenBy(scope: PushWorkerScope, data: NotificationData): Promise<PageView> {
  if (data.conversation_id === null) return { is_on_screen: false, is_read: false };
  return await viewOf(await windowsOf(scope), data.conversation_id, data.seq);
}

/** What is shown of the conversation, if it is newer than this message: a push service may swap two. */
async function newerThan(
  { registration }: PushWorkerScope,
  { options: { tag }, data }: ReadPayload,
): Promise<WorkerNotification | undefined> {
  // An edit is about a message that may be older, and is newer itself.
  if (tag === undefined || data.type === "edited") return undefined;
  const shown = await registration.getNotifications({ tag });
  return shown.find((one) => (dataIn(one.data)?.seq ?? 0) > data.seq);
}

function copyOf({ body, tag, lang, dir, data, icon, badge }: WorkerNotification): NotificationOptions {
  const direction = dir === "ltr" || dir === "rtl" ? dir : "auto";
  return { body, tag, lang, dir: direction, data, ...(icon && { icon }), ...(badge && { badge }) };
}

function shownAs(
  { options: said, data }: ReadPayload,
  { is_read }: PageView,
  { icon, badge }: PushWorkerOptions,
): NotificationOptions {
  const isQuiet = said.silent === true || is_read || data.type === "edited";
  return {
    ...(icon !== undefined && { icon }),
    ...(badge !== undefined && { badge }),
    ...said,
    ...(isQuiet ? { silent: true } : said.tag && { renotify: true }),
    data,
  };
}

/** The user looks at the conversation: shows nothing, or where the browser would not forgive it, nothing for long. */
async function waive({ navigator, registration }: PushWorkerScope, payload: ReadPayload): Promise<void> {
  if (WAIVES.test(navigator.userAgent)) return;
  const tag = payload.options.tag ?? GENERIC_TAG;
  await registration.showNotification(payload.title, { ...payload.options, tag, silent: true });
  await new Promise((resolve) => setTimeout(resolve, GLIMPSE_MS));
  for (const notification of await registration.getNotifications({ tag })) notification.close();
}

/** Closes what was read on another device. */
async function closeCleared(
  { registration }: PushWorkerScope,
  cleared: NotificationData["cleared"],
): Promise<void> {
  const ids = new Map(Object.entries(cleared));
  if (ids.size === 0) return;
  for (const notification of await registration.getNotifications()) {
    const data = dataIn(notification.data);
    const upTo = ids.get(data?.conversation_id ?? "");
    if (data && upTo !== undefined && data.seq <= upTo) notification.close();
  }
}

/** Says that there is something new, and not what. */
async function showGeneric(
  { registration }: PushWorkerScope,
  { title = "New message", icon, badge }: PushWorkerOptions,
): Promise<void> {
  await registration.showNotification(title, {
    tag: GENERIC_TAG,
    ...(icon !== undefined && { icon }),
    ...(badge !== undefined && { badge }),
    data: { type: "unknown" },
  });
}
