/** Valid example values, which the reference page shows in its forms. A test parses each. */

const USER = "0b9f6c1e-58a4-4d8b-9a36-5f0f0f6f2a11";
const OTHER_USER = "5d0f0a3c-2f1b-4c6e-8d57-9a1b2c3d4e5f";
const JOB = "c2f6a1de-8f5b-4d7c-9e0a-6b1d2e3f4a5b";
const CONVERSATION = "9f1c2ab4-77de-8a01-b3c4-000000000000";
const MESSAGE = "9f1c2ab4-77de-8a01-b3c4-000000000007";
const ATTACHMENT = "9f1c2ab4-77de-8a01-b3c4-8c41d20a97e3";

const message = { type: "text", content: "Hello everyone!", metadata: { mentions: ["@jane_doe"] } };

/** Examples of schemas, by component name. */
export const EXAMPLES = {
  CreateDirect: { user_id: USER },
  CreateGroup: { name: "My Group", description: "Group description", participant_ids: [USER] },
  UpdateConversation: { name: "My Group", settings: { only_admins_can_send: false } },
  UpdatePreferences: { is_muted: true, muted_until: null },
  AddParticipants: { user_ids: [USER] },
  ChangeRole: { role: "admin" },
  MuteParticipant: { until: "2026-01-15T10:30:00.000Z", reason: "Spam", announce: true },
  BanUser: { reason: "Spam", delete_messages: "day" },
  SendMessage: message,
  EditMessage: { content: "Updated message content" },
  AddReaction: { emoji: "👍" },
  MarkRead: { up_to_message_id: MESSAGE },
  RequestUpload: {
    conversation_id: CONVERSATION,
    file_name: "photo.jpg",
    file_size: 2_048_000,
    mime_type: "image/jpeg",
    attachment_type: "image",
  },
  CreateLinks: { attachment_ids: [ATTACHMENT] },
  RegisterDevice: { platform: "android", provider: "fcm", token: "fGc2q...:APA91b...", locale: "en" },
  UpdatePushPreferences: {
    level: "mentions",
    do_not_disturb: [{ days: ["mon", "tue", "wed", "thu", "sun"], from: "22:00", to: "07:00" }],
    timezone: "Europe/Istanbul",
  },
  UpdatePrivacy: { who_can_message: "shared_conversation", read_receipts: false },
  DeclineRequest: { block: true, report: "spam" },
  UpdateMe: { display_name: "John Doe" },
  PutUser: { username: "jane_doe", display_name: "Jane Doe" },
  PutUsers: { users: [{ user_id: USER, display_name: "Jane Doe" }] },
  EraseUser: { messages: "erase" },
  RecoverConversation: { to: "2026-01-15T10:30:00.000Z" },
  RevokeTokens: { issued_before: "2026-01-15T10:30:00.000Z" },
  CreateConversation: {
    type: "group",
    participants: [USER, OTHER_USER],
    external_id: "order-1042",
    name: "Order 1042",
    metadata: { order: 1042 },
  },
  SendServerMessage: {
    sender: USER,
    content: "Your order has been shipped",
    client_message_id: "order-1042-shipped",
  },
  CreateReport: { message_id: MESSAGE, reason: "harassment", comment: "They insult everybody", block: true },
  DecideItem: { action: "delete", note: "Insults are not allowed (rule 4)" },
  RebuildDirectory: { kind: "conversations", objects: [CONVERSATION] },
  PutAppBan: { reason: "Spam", until: "2026-02-15T10:30:00.000Z", delete_messages: "day" },
  PutFilter: { type: "words", match: "whole_word", action: "mask", entries: ["darn", "holy cow"] },
  CheckPush: { user: USER, message_id: MESSAGE },
  SendEvent: { name: "order.moved", data: { order: 1042, minutes: 12 } },
  Error: {
    code: "VALIDATION_ERROR",
    message: "The request is not valid",
    details: { issues: [{ path: "content", message: "must be a string" }] },
    request_id: "3f0c8a52-3a35-4f53-9d36-1e4f6a2f8e10",
  },
  MessageSendCommand: { type: "message.send", conversation_id: CONVERSATION, data: message, request_id: "1" },
  TypingStartCommand: { type: "typing.start", conversation_id: CONVERSATION },
  TypingStopCommand: { type: "typing.stop", conversation_id: CONVERSATION },
  MessageReadCommand: { type: "message.read", message_id: MESSAGE },
  MessageDeliveredCommand: { type: "message.delivered", message_id: MESSAGE },
  PresenceUpdateCommand: { type: "presence.update", status: "away" },
  SyncCommand: { type: "sync", conversations: { [CONVERSATION]: 7 } },
  DeviceStateCommand: { type: "device.state", foreground: true, conversation_id: CONVERSATION },
  FlowAckCommand: { type: "flow.ack", received: 4096 },
  AuthRefreshCommand: { type: "auth.refresh", token: "eyJhbGciOiJIUzI1NiJ9.e30.signature" },
  PingCommand: { type: "ping" },
};

/** Examples of required parameters, by place and name. */
export const PARAMETER_EXAMPLES: Readonly<Record<string, unknown>> = {
  "path conversation_id": CONVERSATION,
  "path message_id": MESSAGE,
  "path user_id": USER,
  "path external_id": "order-1042",
  "path job_id": JOB,
  "path item_id": JOB,
  "path name": "swear-words",
  "path file": "manifest.json",
  "path attachment_id": ATTACHMENT,
  "path device_id": "3f0c8a52-3a35-4f53-9d36-1e4f6a2f8e10",
  "path emoji": "👍",
  "query q": "hello",
  "query v": "0cc175b9c0f1b6a831c399e269772661",
  "query expires": "1795694400",
  "query sig": "q3JX0yD0m0p5M2nq1mXo2b3v4c5d6e7f8g9h0i1j2kA",
};
