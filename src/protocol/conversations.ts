/** Conversations, as REST shows them. */
import { z } from "zod";
import { boundedText, limitParam, queryInteger, Timestamp } from "./common.ts";
import { Uuid } from "./ids.ts";
import { DEFAULT_LIST_LIMIT, MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH } from "./limits.ts";
import { User, UserSummary } from "./users.ts";

export const ConversationType = z.enum(["direct", "group"]);
export type ConversationType = z.infer<typeof ConversationType>;

/** Rule 8. */
export const Role = z.enum(["owner", "admin", "member"]);
export type Role = z.infer<typeof Role>;

/** A member, as the conversation knows them. */
export const Member = z.strictObject({ ...UserSummary.shape, role: Role }).meta({ id: "Member" });
export type Member = z.infer<typeof Member>;

/** A member with their presence, which only the directory knows. */
export const Participant = z.strictObject({ ...User.shape, role: Role }).meta({ id: "Participant" });
export type Participant = z.infer<typeof Participant>;

export const Settings = z
  .strictObject({
    only_admins_can_send: z.boolean(),
    disappearing_messages_enabled: z.boolean(),
    disappearing_ttl_seconds: z.int().positive(),
  })
  .meta({ id: "Settings" });
export type Settings = z.infer<typeof Settings>;

const identityShape = {
  conversation_id: Uuid,
  type: ConversationType,
  name: z.string().nullable(),
  photo_url: z.string().nullable(),
};

const wholeShape = {
  ...identityShape,
  description: z.string().nullable(),
  created_by: Uuid,
  created_at: Timestamp,
  participant_count: z.int(),
  settings: Settings,
  seq: z.int().meta({ description: "The conversation's counter at the time of the answer." }),
};

/** One conversation as its events carry it. */
export const ConversationSnapshot = z
  .strictObject({ ...wholeShape, participants: z.array(Member) })
  .meta({ id: "ConversationSnapshot" });
export type ConversationSnapshot = z.infer<typeof ConversationSnapshot>;

/** One conversation, whole: the answer to a creation and to a request for details. */
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
    is_muted: z.boolean(),
    is_pinned: z.boolean(),
    created_at: Timestamp,
    participant_count: z.int(),
    participants: z.array(Participant),
    other_user: Participant.nullable().meta({ description: "The other person of a direct chat." }),
  })
  .meta({ id: "ConversationListItem" });
export type ConversationListItem = z.infer<typeof ConversationListItem>;

export const ConversationListQuery = z.object({
  page: queryInteger(1, 1_000_000, 1),
  limit: limitParam(DEFAULT_LIST_LIMIT),
});

export const ConversationList = z
  .strictObject({
    conversations: z.array(ConversationListItem),
    total: z.int(),
    page: z.int(),
    has_more: z.boolean(),
  })
  .meta({ id: "ConversationList" });
export type ConversationList = z.infer<typeof ConversationList>;

export const CreateDirect = z.object({ user_id: Uuid }).meta({ id: "CreateDirect" });

export const CreateGroup = z
  .object({
    name: boundedText(1, MAX_NAME_LENGTH),
    description: boundedText(0, MAX_DESCRIPTION_LENGTH).optional(),
    participant_ids: z.array(Uuid).max(10_000),
  })
  .meta({ id: "CreateGroup" });
export type CreateGroup = z.infer<typeof CreateGroup>;

export const ConversationParams = z.object({ conversation_id: Uuid });
