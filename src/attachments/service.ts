/** The Worker's entrypoint for attachments: conversations call it, and none of them waits while it reads bytes. */
import { WorkerEntrypoint } from "cloudflare:workers";
import { openDirectory } from "../directory/database.ts";
import type { AttachmentClaim, AttachmentService, StoredAttachment } from "../domain/attachments.ts";
import { type Outcome, refused } from "../domain/outcome.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import { confirm } from "./confirm.ts";
import { deleteObjects } from "./storage.ts";

export class Attachments extends WorkerEntrypoint<Env> implements AttachmentService {
  /** Checks uploads. Without the directory or the bucket nothing can be said of them: SERVICE_UNAVAILABLE. */
  async confirm(claim: AttachmentClaim): Promise<Outcome<StoredAttachment[]>> {
    try {
      return await confirm({ db: openDirectory(this.env.DB), bucket: this.env.ATTACHMENTS }, claim);
    } catch (error) {
      log("error", "attachments.unconfirmed", { ...errorFields(error) });
      return refused("SERVICE_UNAVAILABLE");
    }
  }

  /** Deletes bytes. What fails is collected later. */
  async discard(keys: string[]): Promise<void> {
    try {
      await deleteObjects(this.env.ATTACHMENTS, keys);
    } catch (error) {
      log("warn", "attachments.not_deleted", { count: keys.length, ...errorFields(error) });
    }
  }
}
