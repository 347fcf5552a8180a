/** Export and erasure of a person, for the app's own backend (rule 28). */
import { z } from "zod";
import { Timestamp } from "./common.ts";
import { ErasedMessages } from "./range-events.ts";
import { Uuid } from "./uuid.ts";

export const EraseUser = z
  .object({
    messages: ErasedMessages.meta({
      description:
        "`erase`: their messages become tombstones, and their files are deleted. `anonymise`: texts and files stay, without a name.",
    }),
  })
  .meta({ id: "EraseUser" });
export type EraseUser = z.infer<typeof EraseUser>;

const counts = {
  messages: z.int().meta({ description: "Messages that became tombstones, or lost what named the person." }),
  reactions: z.int(),
  mentions: z.int().meta({ description: "Messages of others that mention the person no longer." }),
  notes: z.int().meta({ description: "System messages that no longer say the name." }),
  files: z.int().meta({ description: "Attachments of messages that became tombstones." }),
};

/** What was erased in a conversation. */
export const ErasedCounts = z.strictObject(counts);
export type ErasedCounts = z.infer<typeof ErasedCounts>;

/** What was erased in one conversation, with its files. */
export const ErasedConversation = z
  .strictObject({
    conversation_id: Uuid,
    ...counts,
    is_rewritten: z.boolean().meta({
      description: "Whether its storage was written anew, so that nothing is left in freed space.",
    }),
  })
  .meta({ id: "ErasedConversation" });
export type ErasedConversation = z.infer<typeof ErasedConversation>;

/** What an erasure has done. */
export const ErasureCertificate = z
  .strictObject({
    user_id: Uuid,
    messages: ErasedMessages,
    started_at: Timestamp,
    finished_at: Timestamp,
    totals: z.strictObject({ conversations: z.int(), ...counts, exports: z.int() }),
    conversations: z.array(ErasedConversation).meta({ description: "The first thousand, by id." }),
  })
  .meta({ id: "ErasureCertificate" });
export type ErasureCertificate = z.infer<typeof ErasureCertificate>;

/** A file of an export. */
export const ExportFile = z
  .strictObject({
    name: z.string(),
    url: z.string().meta({ description: "A signed link, which ends with the export." }),
    size: z.int().meta({ description: "In bytes." }),
    records: z.int().meta({ description: "Lines of NDJSON." }),
  })
  .meta({ id: "ExportFile" });

export const ExportFileParams = z.object({
  job_id: Uuid,
  file: z
    .string()
    .regex(/^(?:manifest\.json|part-[0-9]{5}\.ndjson)$/, "must be a file of an export")
    .meta({ minLength: 13, maxLength: 17 }),
});

/** What a signed link to a file of an export has in its query. */
export const ExportFileQuery = z.object({
  expires: z
    .string()
    .regex(/^[0-9]{1,12}$/, "must be seconds since 1970")
    .meta({ minLength: 1, maxLength: 12 }),
  sig: z.string().min(1).max(100),
});

/** What an export has brought. */
export const UserExport = z
  .strictObject({
    user_id: Uuid,
    manifest_url: z.string().meta({ description: "A signed link, which ends with the export." }),
    expires_at: Timestamp.meta({ description: "When the files are deleted, and the links end." }),
    counts: z.record(z.string(), z.int()).meta({ description: "Records by their type." }),
    files: z.array(ExportFile),
  })
  .meta({ id: "UserExport" });
export type UserExport = z.infer<typeof UserExport>;
