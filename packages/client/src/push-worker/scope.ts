/** The part of a service worker's scope that is used. */
import type { BrowserSubscription, WorkerRegistration } from "../push/browser.ts";

/** Options of `showNotification`. */
export interface NotificationOptions {
  body?: string;
  tag?: string;
  lang?: string;
  dir?: "auto" | "ltr" | "rtl";
  silent?: boolean;
  /** Rings although it replaces another. Needs a tag. */
  renotify?: boolean;
  icon?: string;
  badge?: string;
  data?: unknown;
}

/** A `Notification` in a worker. */
export interface WorkerNotification {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly lang: string;
  readonly dir: string;
  /** Not every browser says these two. */
  readonly icon?: string;
  readonly badge?: string;
  readonly data: unknown;
  close(): void;
}

/** A window of the app: `WindowClient`. */
export interface AppWindow {
  readonly url: string;
  readonly focused: boolean;
  readonly visibilityState: string;
  postMessage(message: unknown, transfer: MessagePort[]): void;
  postMessage(message: unknown): void;
  focus(): Promise<unknown>;
}

interface Extendable {
  waitUntil(work: Promise<unknown>): void;
}

/** A `push` event. */
export interface PushMessageEvent extends Extendable {
  readonly data: { json(): unknown } | null;
}

/** A `notificationclick` event. */
export interface NotificationClickEvent extends Extendable {
  readonly notification: WorkerNotification;
}

/** A `pushsubscriptionchange` event. Browsers leave out what they do not know. */
export interface SubscriptionChangeEvent extends Extendable {
  readonly newSubscription?: BrowserSubscription | null;
  readonly oldSubscription?: BrowserSubscription | null;
}

/** `clients` of a worker. */
export interface AppWindows {
  matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<readonly AppWindow[]>;
  openWindow(url: string): Promise<unknown>;
}

/** `self` of a service worker. */
export interface PushWorkerScope {
  readonly registration: Pick<WorkerRegistration, "pushManager"> & {
    readonly scope: string;
    showNotification(title: string, options?: NotificationOptions): Promise<void>;
    getNotifications(filter?: { tag?: string }): Promise<WorkerNotification[]>;
  };
  readonly clients: AppWindows;
  readonly navigator: {
    readonly userAgent: string;
    setAppBadge?(count?: number): Promise<void>;
    clearAppBadge?(): Promise<void>;
  };
  addEventListener(type: "push", listener: (event: PushMessageEvent) => void): void;
  addEventListener(type: "notificationclick", listener: (event: NotificationClickEvent) => void): void;
  addEventListener(type: "pushsubscriptionchange", listener: (event: SubscriptionChangeEvent) => void): void;
}
