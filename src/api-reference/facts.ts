/**
 * Limits that no generator can read, because the server checks them in code: limits in code points, and limits that an
 * operator can change. A test tries each against the schema that the server parses with.
 */
import {
  type AttachmentType,
  EXTERNAL_PREFIX,
  MAX_CLIENT_MESSAGE_ID_LENGTH,
  MAX_EXTERNAL_ID_LENGTH,
  MAX_FILE_NAME_LENGTH,
  MAX_METADATA_BYTES,
  MAX_SYNC_CONVERSATIONS,
  MAX_TOKEN_LENGTH,
  MAX_URL_LENGTH,
} from "@rocket-chat-api/protocol";
import type { Facts, FactTable } from "./schemas.ts";

/** Limits that an operator can change (see `settings.ts`). */
export interface DeploymentLimits {
  maxMessageLength: number;
  maxGroupMembers: number;
  maxAttachmentBytes: Record<AttachmentType, number>;
}

/** More than the characters of the longest emoji. */
const MAX_EMOJI_LENGTH = 40;
/** More than the characters of a ticket. */
const MAX_TICKET_LENGTH = 512;
/** Characters of one name in `metadata.mentions`. */
const MAX_MENTION_LENGTH = 64;

const clientMessageId = { minLength: 1, maxLength: MAX_CLIENT_MESSAGE_ID_LENGTH };
const metadata = {
  metadata: { description: `At most ${MAX_METADATA_BYTES} bytes as JSON. Given back as it is.` },
  "metadata.mentions[]": { maxLength: MAX_MENTION_LENGTH },
};

/** A user id in a request. Servers may use the id of the identity provider in its place (rule 28). */
const userId = {
  format: undefined,
  anyOf: [{ format: "uuid" }, { pattern: `^${EXTERNAL_PREFIX}` }],
  maxLength: EXTERNAL_PREFIX.length + MAX_EXTERNAL_ID_LENGTH,
  description: `A user id. With a server credential also \`${EXTERNAL_PREFIX}\` and the id of the identity provider.`,
};

/** Facts about the components of both documents. */
export function componentFacts(limits: DeploymentLimits): FactTable {
  const content = { maxLength: limits.maxMessageLength };
  return {
    SendMessage: { content, client_message_id: clientMessageId, ...metadata },
    EditMessage: { content, ...metadata },
    AddReaction: { emoji: { minLength: 1, maxLength: MAX_EMOJI_LENGTH } },
    CreateDirect: { user_id: userId },
    CreateGroup: { participant_ids: { maxItems: limits.maxGroupMembers }, "participant_ids[]": userId },
    CreateConversation: {
      participants: { maxItems: limits.maxGroupMembers },
      "participants[]": userId,
      owner: userId,
    },
    PutUser: { profile_photo_url: { maxLength: MAX_URL_LENGTH } },
    PutUsers: {
      "users[].user_id": userId,
      "users[].profile_photo_url": { maxLength: MAX_URL_LENGTH },
    },
    SendServerMessage: { sender: userId, content, client_message_id: clientMessageId, ...metadata },
    AddParticipants: {
      user_id: userId,
      user_ids: { maxItems: limits.maxGroupMembers },
      "user_ids[]": userId,
    },
    UpdateConversation: { photo_url: { maxLength: MAX_URL_LENGTH } },
    UpdateMe: { profile_photo_url: { maxLength: MAX_URL_LENGTH } },
    RequestUpload: {
      file_name: { minLength: 1, maxLength: 4 * MAX_FILE_NAME_LENGTH },
      file_size: { maximum: Math.max(...Object.values(limits.maxAttachmentBytes)) },
    },
    AuthRefreshCommand: { token: { maxLength: MAX_TOKEN_LENGTH } },
    SyncCommand: { conversations: { maxProperties: MAX_SYNC_CONVERSATIONS } },
  };
}

/** Facts about parameters, by place and name. A name means the same everywhere. */
export const PARAMETER_FACTS: Readonly<Record<string, Facts>> = {
  "header idempotency-key": clientMessageId,
  "path user_id": userId,
  "path external_id": { minLength: 1, maxLength: MAX_EXTERNAL_ID_LENGTH },
  "path emoji": { minLength: 1, maxLength: MAX_EMOJI_LENGTH },
  "query token": { maxLength: MAX_TOKEN_LENGTH },
  "query ticket": { maxLength: MAX_TICKET_LENGTH },
};
