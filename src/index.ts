/** The entry points that the platform calls. */
import { createApp } from "./app.ts";
import { collect } from "./attachments/collect.ts";
import { releaseTokens } from "./device-tokens.ts";
import { openDirectory } from "./directory/database.ts";
import { mergeSegments } from "./directory/search/search-index.ts";
import type { EpochMs } from "./domain/time.ts";
import type { Env } from "./env.ts";
import { resumeJobs } from "./jobs.ts";
import { errorFields, log } from "./log.ts";
import { resumeModeration } from "./moderation.ts";
import { catchUpProfiles } from "./profiles.ts";
import { within } from "./realtime/within.ts";
import { keepRetention } from "./retention.ts";
import { inNewTrace } from "./tracing.ts";

export { Attachments } from "./attachments/service.ts";
export { Conversation } from "./conversation/conversation.ts";
export { MetricsStore } from "./metrics/metrics-store.ts";
export { UserHub } from "./user-hub/user-hub.ts";

/** Merge steps of the search index in one run. The next run continues. */
const MERGE_STEPS = 20;
/** How long a step of the cron trigger is waited for, in milliseconds. */
const STEP_MS = 120_000;

const app = createApp();

export default {
  fetch: app.fetch,
  /** The cron triggers of wrangler.toml. */
  scheduled: (event: ScheduledController, env: Env) => inNewTrace(() => runScheduled(event, env)),
};

/** What the cron triggers do, in this order. Jobs come last: they may take as long as a run may. */
const CRON: Record<string, (env: Env, now: EpochMs) => Promise<unknown>> = {
  attachments: collect,
  profiles: catchUpProfiles,
  retention: keepRetention,
  moderation: resumeModeration,
  tokens: releaseTokens,
  search: async ({ DB }) => await mergeSegments(openDirectory(DB), MERGE_STEPS),
  jobs: resumeJobs,
};

/** What fails, or does not end, keeps nothing back that comes after it. The run counts as failed all the same. */
async function runScheduled({ scheduledTime }: ScheduledController, env: Env): Promise<void> {
  const failures: unknown[] = [];
  for (const [step, work] of Object.entries(CRON)) {
    const running = work(env, scheduledTime);
    try {
      await (step === "jobs" ? running : within(running, STEP_MS));
    } catch (error) {
      log("error", "cron.failed", { step, ...errorFields(error) });
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
