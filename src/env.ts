/** The bindings of the Worker and its objects. */
import type { MetricsBindings } from "./metrics/report.ts";
import type { DeploymentSettings } from "./settings.ts";

export interface Env extends DeploymentSettings, MetricsBindings {
  DB: D1Database;
  ATTACHMENTS: R2Bucket;
  /** Resizes images for signed links. Optional: without it they get the original. */
  IMAGES?: ImagesBinding;
  /** Which deployed version this is. `npm run deploy` tags it with the version of package.json and the commit. */
  VERSION?: WorkerVersionMetadata;
  /** Use `conversationObject` and `hubObject` (realtime/objects.ts) to get typed stubs. */
  CONVERSATION: DurableObjectNamespace;
  USER_HUB: DurableObjectNamespace;
  RATE_LIMIT_REQUESTS: RateLimit;
  RATE_LIMIT_SIGNALS: RateLimit;
  RATE_LIMIT_FILES: RateLimit;
  RATE_LIMIT_SEARCH: RateLimit;
  RATE_LIMIT_IP: RateLimit;
  RATE_LIMIT_SERVER: RateLimit;
}
