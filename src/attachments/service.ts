/** The Worker's entrypoint for attachments. Conversations call it, so that they do not wait while it reads bytes. */

import { WorkerEntrypoint } from "cloudflare:workers";
import { openDirectory } from "../directory/database.ts";
import type { AttachmentClaim, AttachmentService, StoredAttachment } from "../domain/attachments.ts";
import { type Outcome, refused } from "../domain/outcome.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import { takeTraces } from "../realtime/traced-calls.ts";
import { openBucket } from "./bucket.ts";
import { confirm } from "./confirm.ts";
import { deleteObjects } from "./storage.ts";

export class Attachments extends WorkerEntrypoint<Env> implements AttachmentService {
  /** Checks uploads. Answers SERVICE_UNAVAILABLE if the directory or the bucket fails. */
  async confirm(claim: AttachmentClaim): Promise<Outcome<StoredAttachment[]>> {
    try {
      return await confirm(
        { db: openDirectory(this.env.DB), bucket: openBucket(this.env.ATTACHMENTS) },
        claim,
      );
    } catch (error) {
      log("error", "attachments.unconfirmed", { ...errorFields(error) });
      return refused("SERVICE_UNAVAILABLE");
    }
  }

  /** Deletes bytes. The collector deletes what fails here. */
  async discard(keys: string[]): Promise<void> {
    try {
      await deleteObjects(openBucket(this.env.ATTACHMENTS), keys);
    } catch (error) {
      log("warn", "attachments.not_deleted", { count: keys.length, ...errorFields(error) });
    }
  }
}

takeTraces(Attachments.prototype);
