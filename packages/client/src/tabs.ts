/**
 * One socket for all tabs of a browser: `@rocket-chat-api/client/tabs`.
 *
 * ```ts
 * const client = new ChatClient({ url, token, openSocket: sharedSocket() });
 * ```
 *
 * The tabs of the same user and service elect one that opens the socket (Web Locks); the others follow it over a
 * `BroadcastChannel`, each with its own state and its own cursors. When that tab is closed, killed or frozen, another takes over.
 */

export type { TabChannel, TabLocks, TabPlatform } from "./tabs/platform.ts";
export { type SharedSocketOptions, sharedSocket } from "./tabs/shared-socket.ts";
