/** Conversations, as REST shows them. */
import { z } from "zod";
import { AppMetadata, ShownMetadata } from "./app-metadata.ts";
import {
  boundedText,
  HttpUrl,
  limitParam,
  optional,
  queryInteger,
  Timestamp,
  withDefaults,
} from "./common.ts";
import { LEAN_DEFAULTS } from "./lean-defaults.ts";
import { DEFAULT_LIST_LIMIT, MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH } from "./limits.ts";
import { PushLevel } from "./push-preferences.ts";
import { ConversationType, Settings, SettingsPatch } from "./settings.ts";
import { closesDirections, hasVisible, lineProblem } from "./text.ts";
import { User, UserSummary } from "./users.ts";
import { Uuid } from "./uuid.ts";

/** Roles as they are stored and given (rule 8). */
export const Role = z.enum(["owner", "admin", "moderator", "member"]);
export type Role = z.infer<typeof Role>;

/** A role as clients see it: the owner is an admin, as in the guide, and `is_owner` tells them apart (rule 8). */
const standingShape = withDefaults(
  {
    role: Role.exclude(["owner"]).meta({ description: "The owner is an `admin` too." }),
    is_owner: z.boolean().meta({ description: "Whether this member owns the group." }),
  },
  LEAN_DEFAULTS.standing,
);
export const Standing = z.strictObject(standingShape);
export type Standing = z.infer<typeof Standing>;

/** What a moderator has forbidden a member: to write, until a time (rule 29). */
export const Mute = z
  .strictObject({
    until: Timestamp.nullable().meta({
      description: "A time that has passed: the mute is over. Null: it lasts until it is taken back.",
    }),
  })
  .meta({ id: "Mute" });
export type Mute = z.infer<typeof Mute>;

const memberShape = withDefaults(
  {
    ...standingShape,
    mute: Mute.nullable().meta({ description: "The newest mute that nobody has taken back; null for most." }),
  },
  LEAN_DEFAULTS.member,
);

/** A member, as the conversation knows them. */
export const Member = z.strictObject({ ...UserSummary.shape, ...memberShape }).meta({ id: "Member" });
export type Member = z.infer<typeof Member>;

/** A member with their presence, which only the directory knows. */
export const Participant = z.strictObject({ ...User.shape, ...memberShape }).meta({ id: "Participant" });
export type Participant = z.infer<typeof Participant>;

const identityShape = {
  conversation_id: Uuid,
  type: ConversationType,
  name: z.string().nullable(),
  photo_url: z.string().nullable(),
};

const wholeShape = withDefaults(
  {
    ...identityShape,
    description: z.string().nullable(),
    created_by: Uuid,
    created_at: Timestamp,
    participant_count: z.int(),
    settings: Settings,
    metadata: ShownMetadata,
    is_request: z.boolean().meta({
      description: "Whether this is a stranger's direct chat that the caller has not accepted.",
    }),
    seq: z.int().meta({ description: "The conversation's newest `seq` at the time of the answer." }),
  },
  { ...LEAN_DEFAULTS.conversation, ...LEAN_DEFAULTS.whole },
);

/** One conversation as its events carry it. */
export const ConversationSnapshot = z
  .strictObject({ ...wholeShape, participants: z.array(Member) })
  .meta({ id: "ConversationSnapshot" });
export type ConversationSnapshot = z.infer<typeof ConversationSnapshot>;

/** One conversation with everything: the answer to a creation and to a request for details. */
export const Conversation = z
  .strictObject({ ...wholeShape, participants: z.array(Participant) })
  .meta({ id: "Conversation" });
export type Conversation = z.infer<typeof Conversation>;

export const LastMessage = z
  .strictObject({
    message_id: Uuid,
    type: z.string(),
    content: z.string(),
    created_at: Timestamp,
    sender_username: z.string(),
    is_deleted: z.boolean(),
  })
  .meta({ id: "LastMessage" });
export type LastMessage = z.infer<typeof LastMessage>;

export const ConversationListItem = z
  .strictObject({
    ...identityShape,
    last_message: LastMessage.nullable(),
    unread_count: z.int(),
    unread_mentions: z.int(),
    is_muted: z.boolean(),
    muted_until: Timestamp.nullable(),
    is_pinned: z.boolean(),
    is_archived: z.boolean(),
    push_level: PushLevel.nullable(),
    created_at: Timestamp,
    participant_count: z.int(),
    participants: z.array(Participant),
    other_user: Participant.nullable().meta({ description: "The other person of a direct chat." }),
    is_request: z.boolean().meta({
      description:
        "Whether this is a stranger's direct chat that the caller has not accepted. It counts in no total.",
    }),
  })
  .meta({ id: "ConversationListItem" });
export type ConversationListItem = z.infer<typeof ConversationListItem>;

export const ConversationListQuery = z.object({
  page: queryInteger(1, 1_000_000, 1),
  limit: limitParam(DEFAULT_LIST_LIMIT),
  cursor: z.string().max(200).optional().meta({ description: "`next_cursor` of the last page." }),
  filter: z.enum(["requests"]).optional().meta({ description: "`requests`: only those." }),
});
export type ConversationListQuery = z.infer<typeof ConversationListQuery>;

export const ConversationList = z
  .strictObject({
    conversations: z.array(ConversationListItem),
    total: z.int(),
    page: z.int(),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "ConversationList" });
export type ConversationList = z.infer<typeof ConversationList>;

export const CreateDirect = z.object({ user_id: Uuid }).meta({ id: "CreateDirect" });

/** A group's name is part of the server's own sentences, so it must be visible and stay in its line. */
export const GroupName = boundedText(1, MAX_NAME_LENGTH)
  .refine(hasVisible, "must contain a visible character")
  .refine((name) => lineProblem(name) === undefined, {
    error: ({ input }) => lineProblem(String(input)) ?? "must be one line",
  });

/** A description may have several lines. It must not change the direction of the text after it. */
export const Description = boundedText(0, MAX_DESCRIPTION_LENGTH).refine(
  closesDirections,
  "must close every text direction that it opens",
);

export const CreateGroup = z
  .object({
    name: GroupName,
    description: optional(Description),
    participant_ids: z.array(Uuid).max(10_000),
  })
  .meta({ id: "CreateGroup" });
export type CreateGroup = z.infer<typeof CreateGroup>;

/** What `PUT /conversations/:id` merges (rule 8). */
export const UpdateConversation = z
  .object({
    name: optional(GroupName),
    description: Description.nullable().optional(),
    photo_url: HttpUrl.nullable().optional(),
    settings: optional(SettingsPatch),
    metadata: AppMetadata.nullable().optional(),
  })
  .meta({ id: "UpdateConversation" });
export type UpdateConversation = z.infer<typeof UpdateConversation>;

export const AddParticipants = z
  .object({ user_id: optional(Uuid), user_ids: optional(z.array(Uuid).min(1).max(10_000)) })
  .refine((body) => (body.user_id === undefined) !== (body.user_ids === undefined), {
    message: "must have either user_id or user_ids",
  })
  .meta({ id: "AddParticipants" });

export const ChangeRole = z.object({ role: Role }).meta({ id: "ChangeRole" });

/** The caller's own view of a conversation (rule 9). */
export const UpdatePreferences = z
  .object({
    is_muted: optional(z.boolean()),
    muted_until: Timestamp.nullable().optional(),
    is_pinned: optional(z.boolean()),
    is_archived: optional(z.boolean()),
    push_level: PushLevel.nullable().optional().meta({
      description: "Which messages push to my devices. Null: those that my push preferences say.",
    }),
  })
  .refine(
    (patch) => Object.values(patch).some((value) => value !== undefined),
    "must contain at least one change",
  )
  .meta({ id: "UpdatePreferences" });
export type UpdatePreferences = z.infer<typeof UpdatePreferences>;

export const Preferences = z
  .strictObject(
    withDefaults(
      {
        conversation_id: Uuid,
        is_muted: z.boolean(),
        muted_until: Timestamp.nullable(),
        is_pinned: z.boolean(),
        is_archived: z.boolean(),
        push_level: PushLevel.nullable(),
      },
      LEAN_DEFAULTS.preferences,
    ),
  )
  .meta({ id: "Preferences" });
export type Preferences = z.infer<typeof Preferences>;

/** A member, named in a path. */
export const UserParams = z.object({ user_id: Uuid });

export const ConversationParams = z.object({ conversation_id: Uuid });
