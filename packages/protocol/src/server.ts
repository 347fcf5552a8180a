/** What only the app's own backend may ask, at `/api/v1/server` (rule 28). */
import { z } from "zod";
import { AppMetadata, ShownMetadata } from "./app-metadata.ts";
import {
  CleanText,
  HttpUrl,
  holdsCleanText,
  holdsNoProto,
  jsonBytes,
  optional,
  Timestamp,
} from "./common.ts";
import { AddParticipants, Conversation, Description, GroupName } from "./conversations.ts";
import { ErasureCertificate, UserExport } from "./erasure.ts";
import { RecoveryResult } from "./keeping.ts";
import { MAX_CUSTOM_EVENT_BYTES, MAX_USERS_BATCH } from "./limits.ts";
import { SendMessage } from "./messages.ts";
import { MAX_EXTERNAL_ID_LENGTH } from "./scopes.ts";
import { ConversationType, SettingsPatch } from "./settings.ts";
import { codePoints, hasVisible } from "./text.ts";
import { DisplayName, User } from "./users.ts";
import { Uuid } from "./uuid.ts";

/** A username as it is stored. Other forms are refused, so that the server knows what it has set. */
const Username = z
  .string()
  .regex(/^[a-z0-9_.-]{3,32}$/, "must be 3 to 32 of a-z, 0-9, _ . -")
  .meta({ minLength: 3, maxLength: 32 });

const profilePatch = {
  username: optional(Username),
  display_name: optional(DisplayName),
  profile_photo_url: HttpUrl.nullable().optional(),
  metadata: AppMetadata.nullable().optional(),
};

/** Makes a user, or changes one. What it leaves out stays. */
export const PutUser = z.object(profilePatch).meta({ id: "PutUser" });
export type PutUser = z.infer<typeof PutUser>;

export const PutUsers = z
  .object({
    users: z
      .array(z.object({ user_id: Uuid, ...profilePatch }))
      .min(1)
      .max(MAX_USERS_BATCH),
  })
  .meta({ id: "PutUsers" });

/** A user as servers see them. */
export const ServerUser = z
  .strictObject({
    ...User.shape,
    external_id: z.string().nullable().meta({ description: "The identity provider's id, once it is known." }),
    metadata: ShownMetadata,
    deactivated_at: Timestamp.nullable(),
    tokens_valid_from: Timestamp.nullable().meta({
      description: "Tokens that were issued before are refused.",
    }),
    created_at: Timestamp,
  })
  .meta({ id: "ServerUser" });
export type ServerUser = z.infer<typeof ServerUser>;

export const ServerUsers = z.strictObject({ users: z.array(ServerUser) }).meta({ id: "ServerUsers" });

export const RevokeTokens = z
  .object({
    issued_before: optional(Timestamp).meta({
      description: "Now, if it is left out. At most a minute ahead.",
    }),
  })
  .meta({ id: "RevokeTokens" });

/** The id of something in the app, such as an order. */
export const ExternalId = CleanText.refine(
  (id) => id !== "" && codePoints(id) <= MAX_EXTERNAL_ID_LENGTH && !/\p{Cc}/u.test(id),
  `must have 1 to ${MAX_EXTERNAL_ID_LENGTH} characters, no control characters among them`,
).meta({ minLength: 1, maxLength: MAX_EXTERNAL_ID_LENGTH });

export const CreateConversation = z
  .object({
    type: ConversationType,
    participants: z.array(Uuid).min(1).max(10_000),
    external_id: optional(ExternalId),
    name: optional(GroupName),
    description: optional(Description),
    settings: optional(SettingsPatch),
    metadata: optional(AppMetadata),
    owner: optional(Uuid),
  })
  .meta({ id: "CreateConversation" });
export type CreateConversation = z.infer<typeof CreateConversation>;

/** A conversation as servers see it. */
export const ServerConversation = z
  .strictObject({ ...Conversation.shape, external_id: z.string().nullable() })
  .meta({ id: "ServerConversation" });
export type ServerConversation = z.infer<typeof ServerConversation>;

/** Names of events that the service itself reports in its own `system` messages. */
const RESERVED_EVENT = /^(?:conversation|participant|message|user)\./;

export const SystemInput = z.object({
  event: z
    .string()
    .regex(/^[a-z0-9_.-]{1,64}$/, "must be 1 to 64 of a-z, 0-9, _ . -")
    .refine((event) => !RESERVED_EVENT.test(event), "is a name of the service itself")
    .meta({ minLength: 1, maxLength: 64 }),
  params: optional(AppMetadata),
});

/** A message by a server: in the name of a member, or of the system. */
export const SendServerMessage = z
  .object({
    sender: optional(Uuid),
    system: optional(SystemInput),
    ...SendMessage.shape,
    type: SendMessage.shape.type
      .nullable()
      .default("text")
      .transform((type) => type ?? "text"),
    silent: optional(z.boolean()).meta({ description: "Push it to nobody." }),
  })
  .refine(({ sender, system }) => (sender === undefined) !== (system === undefined), {
    error: "must have either sender or system",
  })
  .refine(({ system, type, attachment_id, attachment_ids, reply_to_message_id, metadata }) => {
    const isBare = type === "text" && !attachment_id && !attachment_ids && !reply_to_message_id && !metadata;
    return system === undefined || isBare;
  }, "a system message has content only")
  .refine(({ system, content }) => system === undefined || hasVisible(content), {
    error: "must not be empty",
    path: ["content"],
  })
  .meta({ id: "SendServerMessage" });
export type SendServerMessage = z.infer<typeof SendServerMessage>;

export const AddServerParticipants = AddParticipants;

/** The names of events of the app. On the wire they begin with `custom.`. */
const EventName = z
  .string()
  .regex(/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/, "must be words of a-z, 0-9, _ and -, with dots between them")
  .max(64)
  .meta({ minLength: 1, maxLength: 64 });

/** An event of the app, for those who are connected. */
export const SendEvent = z
  .object({
    name: EventName,
    data: z
      .record(z.string(), z.unknown())
      .refine((value) => jsonBytes(value) <= MAX_CUSTOM_EVENT_BYTES, {
        error: `must be at most ${MAX_CUSTOM_EVENT_BYTES} bytes of JSON`,
        abort: true,
      })
      .refine(holdsCleanText, "must be well-formed Unicode without NUL")
      .refine(holdsNoProto, "must not have the key __proto__")
      .nullable()
      .default({})
      .transform((data) => data ?? {})
      .meta({ description: `At most ${MAX_CUSTOM_EVENT_BYTES} bytes of JSON.` }),
  })
  .meta({ id: "SendEvent" });
export type SendEvent = z.infer<typeof SendEvent>;

/** The same, as clients hear it. Its `type` is `custom.` and the name. */
export const CustomEvent = z
  .strictObject({
    type: z.string().regex(/^custom\.[a-z0-9_.-]+$/),
    conversation_id: Uuid.optional().meta({ description: "The conversation, if it was sent to one." }),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "CustomEvent", description: "An event of the app. It takes no number and is stored nowhere." });
export type CustomEvent = z.infer<typeof CustomEvent>;

/** What an event of the app begins with. */
export const CUSTOM_PREFIX = "custom.";

export const JobKind = z.enum([
  "apply_retention",
  "delete_conversation",
  "delete_messages",
  "erase_user",
  "export_user",
  "recover_conversation",
]);
export type JobKind = z.infer<typeof JobKind>;
export const JobStatus = z.enum(["running", "done", "failed"]);
export type JobStatus = z.infer<typeof JobStatus>;

/** The answer to what takes longer than a request. */
export const JobStarted = z.strictObject({ job_id: Uuid }).meta({ id: "JobStarted" });

/** What a job could not reach so far. */
export const LateParts = z
  .strictObject({
    count: z.int().min(1),
    ids: z.array(Uuid).meta({ description: "Conversations or users, the first 20 of them." }),
    next_try_at: Timestamp,
  })
  .meta({
    id: "LateParts",
    description:
      "Conversations or people that a job could not reach. It goes on with all others, and tries these again, after longer and longer pauses.",
  });
export type LateParts = z.infer<typeof LateParts>;

export const Job = z
  .strictObject({
    job_id: Uuid,
    status: JobStatus,
    progress: z.number().min(0).max(1),
    error: z.string().optional(),
    late: LateParts.optional().meta({ description: "Of a running job that could not reach everything." }),
    certificate: ErasureCertificate.optional().meta({ description: "Of an erasure that is done." }),
    export: UserExport.optional().meta({ description: "Of an export that is done." }),
    recovery: RecoveryResult.optional().meta({
      description: "Of a conversation that went back, once that is done.",
    }),
  })
  .meta({ id: "Job" });
export type Job = z.infer<typeof Job>;
