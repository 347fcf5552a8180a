/** The entry points that the platform calls. */
import { createApp } from "./app.ts";
import { collect } from "./attachments/collect.ts";
import { releaseTokens } from "./device-tokens.ts";
import { openDirectory } from "./directory/database.ts";
import { mergeSegments } from "./directory/search/search-index.ts";
import type { Env } from "./env.ts";
import { resumeJobs } from "./jobs.ts";
import { resumeModeration } from "./moderation.ts";
import { catchUpProfiles } from "./profiles.ts";
import { keepRetention } from "./retention.ts";
import { inNewTrace } from "./tracing.ts";

export { Attachments } from "./attachments/service.ts";
export { Conversation } from "./conversation/conversation.ts";
export { MetricsStore } from "./metrics/metrics-store.ts";
export { UserHub } from "./user-hub/user-hub.ts";

/** Merge steps of the search index in one run. The next run continues. */
const MERGE_STEPS = 20;

const app = createApp();

export default {
  fetch: app.fetch,
  /** The cron triggers of wrangler.toml. */
  scheduled: (event: ScheduledController, env: Env) => inNewTrace(() => runScheduled(event, env)),
};

async function runScheduled(event: ScheduledController, env: Env): Promise<void> {
  await collect(env, event.scheduledTime);
  await catchUpProfiles(env);
  await keepRetention(env, event.scheduledTime);
  await resumeJobs(env, event.scheduledTime);
  await resumeModeration(env, event.scheduledTime);
  await releaseTokens(env);
  await mergeSegments(openDirectory(env.DB), MERGE_STEPS);
}
