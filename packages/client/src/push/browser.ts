/** The parts of a browser that push uses, so that the library needs no types of a browser, and tests no browser. */

/** A notification that is on the screen. */
export interface ShownNotification {
  readonly data: unknown;
  close(): void;
}

/** A `PushSubscription`. */
export interface BrowserSubscription {
  readonly options: { readonly applicationServerKey: ArrayBuffer | null };
  toJSON(): { endpoint?: string; expirationTime?: number | null; keys?: Record<string, string> };
  unsubscribe(): Promise<boolean>;
}

/** A `PushManager`. */
export interface BrowserPushManager {
  getSubscription(): Promise<BrowserSubscription | null>;
  subscribe(options: {
    userVisibleOnly: boolean;
    applicationServerKey: ArrayBuffer;
  }): Promise<BrowserSubscription>;
}

/** A `ServiceWorkerRegistration`. */
export interface WorkerRegistration {
  /** Missing where the browser has no push: on iOS, outside of a page on the home screen. */
  readonly pushManager?: BrowserPushManager;
  getNotifications(): Promise<ShownNotification[]>;
}

/** A message of the worker to a page, with a port for the answer. */
export interface WorkerMessage {
  readonly data: unknown;
  readonly ports: readonly { postMessage(value: unknown): void }[];
}

/** `navigator.serviceWorker`. */
export interface WorkerContainer {
  addEventListener(type: "message", listener: (event: WorkerMessage) => void): void;
  removeEventListener(type: "message", listener: (event: WorkerMessage) => void): void;
  startMessages?(): void;
}

/** The part of `navigator` that shows a number on the icon of the app. Not every browser has it. */
export interface BadgeNavigator {
  setAppBadge?(count?: number): Promise<void>;
  clearAppBadge?(): Promise<void>;
}

/** Shows a number on the icon of the app, where the browser can. Never throws. @param count 0 is none. */
export async function showBadge(navigator: BadgeNavigator | undefined, count: number): Promise<void> {
  try {
    await (count > 0 ? navigator?.setAppBadge?.(count) : navigator?.clearAppBadge?.());
  } catch {
    // The app is not installed, or the user has forbidden it.
  }
}

/** Bytes from base64url, with or without padding. @throws DOMException if it is none. */
export function bytesOf(base64url: string): ArrayBuffer {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, ""));
  return Uint8Array.from(text, (char) => char.charCodeAt(0)).buffer as ArrayBuffer;
}

/** Whether two buffers hold the same bytes. */
export function isSame(one: ArrayBuffer, other: ArrayBuffer): boolean {
  const [a, b] = [new Uint8Array(one), new Uint8Array(other)];
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
