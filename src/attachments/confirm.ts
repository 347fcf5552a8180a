/**
 * Checks uploads against their upload requests, and stores the checked bytes before a message may show them (rule 26).
 *
 * Invariant: the bytes that a message shows have their own key, which is written once and never in a signed URL. So
 * every step can be repeated: existing bytes are used, and a second writer is refused.
 */
import { type AttachmentRow, findAttachments } from "../directory/attachments.ts";
import type { AttachmentClaim, StoredAttachment } from "../domain/attachments.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import { checkUpload, type Stores } from "./check.ts";
import { checkedKey, uploadKey } from "./object-key.ts";
import { type CheckedObject, readChecked, readHead, type UploadHead } from "./storage.ts";

/** A claimed upload, and what the bucket has of it. */
interface Claimed {
  row: AttachmentRow;
  checked?: CheckedObject | undefined;
  upload?: UploadHead | undefined;
}

/** Checks all uploads of a claim. If one is refused, all are. */
export async function confirm(stores: Stores, claim: AttachmentClaim): Promise<Outcome<StoredAttachment[]>> {
  const rows = new Map(
    (await findAttachments(stores.db, claim.attachment_ids)).map((row) => [row.attachment_id, row]),
  );
  const claimed: AttachmentRow[] = [];
  for (const attachment_id of claim.attachment_ids) {
    const row = rows.get(attachment_id);
    const refusal = checkClaim(claim, row);
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

/** Checks one file at a time, to limit the memory for one message. */
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

/** Why an upload cannot be used for this message, or undefined. The upload of another user is reported as missing. */
function checkClaim(claim: AttachmentClaim, row: AttachmentRow | undefined): string | undefined {
  const theirs = row?.uploader_id === claim.user_id && row.conversation_id === claim.conversation_id;
  if (!row || !theirs) return "The attachment does not exist";
  if (row.state === "bound") return "The attachment was already sent in a message";
  if (row.state !== "pending") return "The upload is no longer available: upload the file again";
  if (claim.type !== "file" && claim.type !== row.type) {
    return `An attachment of type ${row.type} cannot be sent in a message of type ${claim.type}`;
  }
  return undefined;
}

/** Looks for the checked bytes, or else the upload. */
async function look(bucket: R2Bucket, row: AttachmentRow): Promise<Claimed> {
  const checked = await readChecked(bucket, checkedKey(row));
  return checked ? { row, checked } : { row, upload: await readHead(bucket, uploadKey(row)) };
}

/** The upload as a message stores it. */
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
