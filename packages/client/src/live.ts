/**
 * Typing and presence: `@rocket-chat-api/client/live`.
 *
 * ```ts
 * const live = new Live(client);
 * live.onTyping(conversationId, () => render(live.typing(conversationId)));
 * input.oninput = () => live.input(conversationId);
 * ```
 *
 * {@link Live} keeps as state what comes in events only: who types, and who is there.
 */

export type { LiveClient } from "./live/host.ts";
export { Live } from "./live/live.ts";
export type { Presence } from "./live/presence.ts";
export type { Typist } from "./live/typing.ts";
