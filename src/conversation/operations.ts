/** The handlers of all operations, by name. */
import { membershipHandlers } from "./members/membership.ts";
import { settingsHandlers } from "./members/settings.ts";
import { deleteHandlers } from "./messages/delete.ts";
import { editHandlers } from "./messages/edit.ts";
import { historyHandlers } from "./messages/history.ts";
import { pinHandlers } from "./messages/pins.ts";
import { reactionHandlers } from "./messages/reactions.ts";
import { requestHandlers } from "./messages/requests.ts";
import { sendHandlers } from "./messages/send.ts";
import { banHandlers } from "./moderation/bans.ts";
import { muteHandlers } from "./moderation/mutes.ts";
import { readHandlers } from "./receipts/read.ts";
import type { Handlers } from "./state/handler.ts";
import { typingHandlers } from "./typing.ts";

export const HANDLERS: Handlers = {
  ...settingsHandlers,
  ...membershipHandlers,
  ...requestHandlers,
  ...muteHandlers,
  ...banHandlers,
  ...sendHandlers,
  ...historyHandlers,
  ...editHandlers,
  ...deleteHandlers,
  ...reactionHandlers,
  ...pinHandlers,
  ...readHandlers,
  ...typingHandlers,
};
