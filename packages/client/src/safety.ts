/**
 * Safety: `@rocket-chat-api/client/safety`.
 *
 * ```ts
 * const client = new ChatClient({ url, token });
 * const blocks = new Blocks(client);
 * blocks.onChange(() => render());
 * await blocks.block(userId);
 * ```
 *
 * {@link Blocks} knows whom the user has blocked, on this device or another.
 */

export type { Block, BlockPage, BlocksUpdated } from "@rocket-chat-api/protocol";
export { Blocks } from "./safety/blocks.ts";
export type { SafetyClient } from "./safety/host.ts";
