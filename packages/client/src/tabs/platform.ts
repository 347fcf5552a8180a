/** What tabs need of a browser. */

/** The part of the Web Locks API that is used. */
export interface TabLocks {
  request(
    name: string,
    options: { ifAvailable?: boolean; steal?: boolean; signal?: AbortSignal },
    held: (lock: object | null) => Promise<void> | undefined,
  ): Promise<unknown>;
}

/** The part of a `BroadcastChannel` that is used. */
export interface TabChannel {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** The browser, or what stands in for it. */
export interface TabPlatform {
  locks: TabLocks;
  channel(name: string): TabChannel;
  /** Calls `listener` when the page is left or frozen. */
  onLeave(listener: () => void): void;
}

interface EventSource {
  addEventListener?(type: string, listener: () => void): void;
}

/** The platform of this page; undefined where it lacks Web Locks or `BroadcastChannel`: then each tab has a socket of its own. */
export function browserPlatform(): TabPlatform | undefined {
  const scope = globalThis as unknown as EventSource & {
    navigator?: { locks?: TabLocks };
    BroadcastChannel?: new (name: string) => TabChannel;
    document?: EventSource;
  };
  const { navigator, BroadcastChannel: Channel, document } = scope;
  if (!navigator?.locks || !Channel) return undefined;
  return {
    locks: navigator.locks,
    channel: (name) => new Channel(name),
    onLeave(listener) {
      scope.addEventListener?.("pagehide", listener);
      document?.addEventListener?.("freeze", listener);
    },
  };
}
