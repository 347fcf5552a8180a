/** What the platform calls. */
import { createApp } from "./app.ts";
import { collect } from "./attachments/collect.ts";
import type { Env } from "./env.ts";

export { Attachments } from "./attachments/desk.ts";
export { Conversation } from "./conversation/conversation.ts";
export { UserHub } from "./user-hub/user-hub.ts";

const app = createApp();

export default {
  fetch: app.fetch,
  /** The cron triggers of wrangler.toml. */
  scheduled: async (event: ScheduledController, env: Env): Promise<void> => {
    await collect(env, event.scheduledTime);
  },
};
