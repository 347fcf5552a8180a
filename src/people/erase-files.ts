/** Deletes the files that an erased person has uploaded (rule 28). */
import { openBucket } from "../attachments/bucket.ts";
import { checkedKey, uploadKey } from "../attachments/object-key.ts";
import { deleteObjects } from "../attachments/storage.ts";
import type { Directory } from "../directory/database.ts";
import { renameUploads, uploadsBy } from "../directory/erased-uploads.ts";
import { forgetUploads } from "../directory/erasure.ts";
import { type ErasureOrder, plainFileName } from "../domain/erased-person.ts";
import type { Env } from "../env.ts";
import { conversationObject } from "../realtime/objects.ts";

/** Files of one conversation looked at in one step. */
const FILES = 100;

/** Deletes the person's files of a conversation, or what their names say where they stay. */
export async function eraseFiles(
  env: Env,
  db: Directory,
  { user_id, messages }: Pick<ErasureOrder, "user_id" | "messages">,
  conversation_id: string,
): Promise<void> {
  for (let after = ""; ; ) {
    const uploads = await uploadsBy(db, { conversation_id, user_id }, after, FILES);
    const ids = uploads.map(({ attachment_id }) => attachment_id);
    const kept =
      messages === "erase" || ids.length === 0
        ? new Set<string>()
        : new Set(await conversationObject(env, conversation_id).shownAttachments(ids));
    const useless = uploads.filter(({ attachment_id }) => !kept.has(attachment_id));
    const left = uploads.filter(({ attachment_id }) => kept.has(attachment_id));
    // What was uploaded goes in any case: it may say more than the bytes that were checked.
    await deleteObjects(openBucket(env.ATTACHMENTS), [...uploads.map(uploadKey), ...useless.map(checkedKey)]);
    await forgetUploads(
      db,
      useless.map(({ attachment_id }) => attachment_id),
    );
    await renameUploads(
      db,
      left.map(({ attachment_id, file_name }) => ({ attachment_id, file_name: plainFileName(file_name) })),
    );
    after = ids.at(-1) ?? "";
    if (uploads.length < FILES) return;
  }
}
