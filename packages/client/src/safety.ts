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
 * {@link PrivacySettings} has who may write to the user and what others learn. {@link Blocks} knows whom the user has blocked, on
 * this device or another. {@link Reports} reports to the app's moderators, and says what they tell the user.
 */

export type {
  Block,
  BlockPage,
  BlocksUpdated,
  CreateReport,
  ModerationNotice,
  Privacy,
  ReportReason,
  UpdatePrivacy,
  WhoCanAdd,
  WhoCanMessage,
} from "@rocket-chat-api/protocol";
export { Blocks } from "./safety/blocks.ts";
export type { SafetyClient } from "./safety/host.ts";
export { PrivacySettings } from "./safety/privacy.ts";
export { Reports } from "./safety/reports.ts";
