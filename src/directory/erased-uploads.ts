/** The uploads of a person in one conversation (rule 28). */
import { sql } from "drizzle-orm";
import type { AttachmentRow } from "./attachments.ts";
import { type Directory, runBatch } from "./database.ts";
import { attachmentsOf } from "./erasure.ts";

/** What of an upload an erasure, or an export, needs. */
export type UploadOfPerson = Pick<
  AttachmentRow,
  | "attachment_id"
  | "created_at"
  | "key_token"
  | "type"
  | "file_name"
  | "mime_type"
  | "file_size"
  | "state"
  | "width"
  | "height"
  | "duration"
>;

/** Some uploads of a person, in the order of their ids. The ids of a conversation's uploads begin like its own. */
export async function uploadsBy(
  db: Directory,
  { conversation_id, user_id }: { conversation_id: string; user_id: string },
  after: string,
  limit: number,
): Promise<UploadOfPerson[]> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT attachment_id, created_at, key_token, type, file_name, mime_type, file_size, state, width, height, duration
      FROM attachments WHERE ${attachmentsOf(conversation_id)} AND attachment_id > ${after} AND uploader_id = ${user_id}
      ORDER BY attachment_id LIMIT ${limit}`,
  ]);
  return rows as unknown as UploadOfPerson[];
}

/** Gives files other names. */
export async function renameUploads(
  db: Directory,
  names: readonly { attachment_id: string; file_name: string }[],
): Promise<void> {
  await runBatch(db, [
    sql`UPDATE attachments SET file_name = (SELECT value->>'file_name' FROM json_each(${JSON.stringify(names)})
        WHERE value->>'attachment_id' = attachments.attachment_id), placeholder = NULL
      WHERE attachment_id IN (SELECT value->>'attachment_id' FROM json_each(${JSON.stringify(names)}))`,
  ]);
}
