/**
 * Checks uploads against what was promised of them, and keeps what was checked, before a message may show it (rule 26).
 *
 * Invariant: what a message shows is at a place of its own, which is written once and which no signed URL names. So
 * every step may be repeated: bytes that are found there are used, and a second writer is refused.
 */
import { type AttachmentRow, findAttachments } from "../directory/attachments.ts";
import type { AttachmentClaim, StoredAttachment } from "../domain/attachments.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import { checkUpload, type Stores } from "./check.ts";
import { checkedKey, uploadKey } from "./object-key.ts";
import { type CheckedObject, readChecked, readHead, type UploadHead } from "./storage.ts";

/** An upload that is claimed, and what is in the bucket of it. */
interface Claimed {
  row: AttachmentRow;
  checked?: CheckedObject | undefined;
  upload?: UploadHead | undefined;
}

/** Checks everything that a claim names; one that is refused refuses them all. */
export async function confirm(stores: Stores, claim: AttachmentClaim): Promise<Outcome<StoredAttachment[]>> {
  const rows = new Map(
    (await findAttachments(stores.db, claim.attachment_ids)).map((row) => [row.attachment_id, row]),
  );
  const claimed: AttachmentRow[] = [];
  for (const attachment_id of claim.attachment_ids) {
    const row = rows.get(attachment_id);
    const refusal = refuseClaim(claim, row);
    if (refusal || !row) return refused("INVALID_ATTACHMENT", refusal, { attachment_id });
    claimed.push(row);
  }
  const uploads = await Promise.all(claimed.map((row) => look(stores.bucket, row)));
  const missing = uploads.find(({ checked, upload }) => !checked && !upload);
  if (missing) {
    const { attachment_id } = missing.row;
    return refused("INVALID_ATTACHMENT", "The file was not uploaded: PUT it to `upload_url` before sending", {
      attachment_id,
    });
  }
  return await confirmEach(stores, uploads);
}

/** One after the other: for one message, never more than one file is read at a time. */
async function confirmEach(stores: Stores, uploads: Claimed[]): Promise<Outcome<StoredAttachment[]>> {
  const confirmed: StoredAttachment[] = [];
  for (const { row, checked, upload } of uploads) {
    if (checked) confirmed.push(describe(row, checked));
    if (checked || !upload) continue;
    const outcome = await checkUpload(stores, row, upload);
    if (!outcome.ok) return outcome;
    confirmed.push(describe(row, outcome.body));
  }
  return found(confirmed);
}

/** Why this upload is not for this message. Another user's upload does not exist for the one who asks. */
function refuseClaim(claim: AttachmentClaim, row: AttachmentRow | undefined): string | undefined {
  const theirs = row?.uploader_id === claim.user_id && row.conversation_id === claim.conversation_id;
  if (!row || !theirs) return "The attachment does not exist";
  if (row.state === "bound") return "The attachment was already sent in a message";
  if (row.state !== "pending") return "The upload is no longer available: upload the file again";
  if (claim.type !== "file" && claim.type !== row.type) {
    return `An attachment of type ${row.type} cannot be sent in a message of type ${claim.type}`;
  }
  return undefined;
}

/** What is in the bucket of an upload: the checked bytes, or else what was uploaded. */
async function look(bucket: R2Bucket, row: AttachmentRow): Promise<Claimed> {
  const checked = await readChecked(bucket, checkedKey(row));
  return checked ? { row, checked } : { row, upload: await readHead(bucket, uploadKey(row)) };
}

/** An upload as a message will keep it. */
function describe(row: AttachmentRow, object: CheckedObject): StoredAttachment {
  const { attachment_id, type, file_name, mime_type, duration, placeholder } = row;
  const { size, etag, width = row.width, height = row.height } = object;
  return {
    attachment_id,
    type,
    file_name,
    mime_type,
    file_size: size,
    etag,
    key: checkedKey(row),
    ...(width === null ? {} : { width }),
    ...(height === null ? {} : { height }),
    ...(duration === null ? {} : { duration }),
    ...(placeholder === null ? {} : { placeholder }),
  };
}
