/**
 * What can be asked of a conversation, declared once. From a row here follow the REST route and its documentation, the
 * command over the sockets, the budget that it counts against, the method of the client library, and the rows that the
 * tests must have. What it does is a handler of the same name in the conversation's object.
 *
 * Schemas are named, not imported: clients use this table too, and they have no zod.
 */
import type { z } from "zod";
import type * as conversations from "./conversations.ts";
import type { RATE_LIMITS } from "./limits.ts";
import type * as messages from "./messages.ts";

type Schemas = typeof conversations & typeof messages;
/** The name of a schema of messages.ts or conversations.ts. */
type SchemaName = { [Name in keyof Schemas]: Schemas[Name] extends z.ZodType ? Name : never }[keyof Schemas];

/** One operation. */
export interface Declaration {
  /** What it is done to: the conversation itself, or one of its messages. */
  on: "conversation" | "message";
  /** It changes nothing: any number of them may run at any time. */
  reads?: true;
  /** The budget that it counts against, as a request and as a command (rule 24). */
  budget: keyof typeof RATE_LIMITS;
  /** Method and path, behind `/api/v1`. */
  rest?: readonly ["GET" | "POST" | "PUT" | "PATCH" | "DELETE", string];
  /** The type of its command over a socket: the address, and the body as `data`. */
  socket?: string;
  /** What the request carries beside the ids of its path. The handler gets all of it as one input. */
  params?: SchemaName;
  query?: SchemaName;
  headers?: SchemaName;
  body?: SchemaName;
  /** The field of the body that names the message, where the path does not. */
  message?: string;
  /** What it answers with; null is nothing (204). */
  result: SchemaName | null;
  /** What REST answers with, where that is more than the conversation knows. */
  shown?: SchemaName;
  tag: string;
  summary: string;
  /** The answer in words: of 200, and of 201 where something new was made. */
  answers?: { readonly 200?: string; readonly 201?: string };
  /** It can contradict what is stored (409). */
  conflicts?: true;
  /** It reads or writes for many: refused where it cannot be counted. */
  isCostly?: true;
}

const CONVERSATION = "/conversations/{conversation_id}";
const MESSAGE = "/messages/{message_id}";

export const OPERATIONS = {
  getConversation: {
    on: "conversation",
    reads: true,
    budget: "requests",
    rest: ["GET", CONVERSATION],
    result: "ConversationSnapshot",
    shown: "Conversation",
    tag: "Conversations",
    summary: "Get conversation details",
    answers: { 200: "The conversation." },
  },
  updateConversation: {
    on: "conversation",
    budget: "requests",
    rest: ["PUT", CONVERSATION],
    body: "UpdateConversation",
    result: "ConversationSnapshot",
    shown: "Conversation",
    tag: "Conversations",
    summary: "Change a conversation's name, description, photo or settings",
    answers: { 200: "The updated conversation." },
  },
  leaveConversation: {
    on: "conversation",
    budget: "requests",
    rest: ["DELETE", CONVERSATION],
    result: null,
    tag: "Conversations",
    summary: "Leave a conversation; a direct one is hidden until the next message",
  },
  addParticipants: {
    on: "conversation",
    budget: "requests",
    rest: ["POST", `${CONVERSATION}/participants`],
    body: "AddParticipants",
    result: "ConversationSnapshot",
    shown: "Conversation",
    tag: "Participants",
    summary: "Add participants to a group",
    answers: { 200: "All of them were in already.", 201: "The group with the new participants." },
    isCostly: true,
  },
  removeParticipant: {
    on: "conversation",
    budget: "requests",
    rest: ["DELETE", `${CONVERSATION}/participants/{user_id}`],
    params: "UserParams",
    result: null,
    tag: "Participants",
    summary: "Remove a participant from a group, or leave it",
  },
  changeRole: {
    on: "conversation",
    budget: "requests",
    rest: ["PATCH", `${CONVERSATION}/participants/{user_id}`],
    params: "UserParams",
    body: "ChangeRole",
    result: "Member",
    shown: "Participant",
    tag: "Participants",
    summary: "Change a participant's role",
    answers: { 200: "The updated participant." },
  },
  sendMessage: {
    on: "conversation",
    budget: "requests",
    rest: ["POST", `${CONVERSATION}/messages`],
    socket: "message.send",
    headers: "SendHeaders",
    body: "SendMessage",
    result: "Message",
    tag: "Messages",
    summary: "Send a message",
    answers: {
      200: "It was sent before with this `client_message_id`; nothing happened twice.",
      201: "The message, on disk.",
    },
    conflicts: true,
  },
  listMessages: {
    on: "conversation",
    reads: true,
    budget: "requests",
    rest: ["GET", `${CONVERSATION}/messages`],
    query: "HistoryQuery",
    result: "MessagePage",
    tag: "Messages",
    summary: "Get messages",
    answers: { 200: "A page, newest first." },
  },
  getMessage: {
    on: "message",
    reads: true,
    budget: "requests",
    rest: ["GET", MESSAGE],
    result: "FetchedMessage",
    tag: "Messages",
    summary: "Get one message",
    answers: { 200: "The message." },
  },
  editMessage: {
    on: "message",
    budget: "requests",
    rest: ["PUT", MESSAGE],
    body: "EditMessage",
    result: "Message",
    tag: "Messages",
    summary: "Edit a message",
    answers: { 200: "The edited message." },
    conflicts: true,
  },
  deleteMessage: {
    on: "message",
    budget: "requests",
    rest: ["DELETE", MESSAGE],
    query: "DeleteQuery",
    result: null,
    tag: "Messages",
    summary: "Delete a message for yourself or for everyone",
  },
  listMessageEdits: {
    on: "message",
    reads: true,
    budget: "requests",
    rest: ["GET", `${MESSAGE}/edits`],
    query: "EditsQuery",
    result: "MessageEdits",
    tag: "Messages",
    summary: "Get the versions of a message",
    answers: { 200: "The newest versions, oldest first." },
  },
  addReaction: {
    on: "message",
    budget: "requests",
    rest: ["POST", `${MESSAGE}/reactions`],
    body: "AddReaction",
    result: "Reaction",
    tag: "Reactions",
    summary: "Add a reaction",
    answers: { 200: "It was there already.", 201: "The new reaction." },
    conflicts: true,
  },
  removeReaction: {
    on: "message",
    budget: "requests",
    rest: ["DELETE", `${MESSAGE}/reactions/{emoji}`],
    params: "ReactionParams",
    result: null,
    tag: "Reactions",
    summary: "Remove a reaction",
  },
  pinMessage: {
    on: "message",
    budget: "requests",
    rest: ["PUT", `${MESSAGE}/pin`],
    socket: "message.pin",
    result: "Message",
    tag: "Messages",
    summary: "Pin a message",
    answers: { 200: "The pinned message." },
    conflicts: true,
  },
  unpinMessage: {
    on: "message",
    budget: "requests",
    rest: ["DELETE", `${MESSAGE}/pin`],
    socket: "message.unpin",
    result: null,
    tag: "Messages",
    summary: "Unpin a message",
  },
  listPins: {
    on: "conversation",
    reads: true,
    budget: "requests",
    rest: ["GET", `${CONVERSATION}/pins`],
    query: "PinsQuery",
    result: "PinPage",
    tag: "Messages",
    summary: "List the pinned messages of a conversation",
    answers: { 200: "A page, the newest pin first." },
  },
  markAsRead: {
    on: "message",
    budget: "signals",
    rest: ["PUT", `${CONVERSATION}/read`],
    socket: "message.read",
    body: "MarkRead",
    message: "up_to_message_id",
    result: "ReadResult",
    tag: "Receipts",
    summary: "Mark messages as read",
    answers: { 200: "What the watermark passed, and what is left." },
  },
  markAsDelivered: {
    on: "message",
    budget: "signals",
    socket: "message.delivered",
    result: null,
    tag: "Receipts",
    summary: "Mark messages as delivered",
  },
  listReceipts: {
    on: "message",
    reads: true,
    budget: "requests",
    rest: ["GET", `${MESSAGE}/receipts`],
    result: "Receipts",
    tag: "Receipts",
    summary: "Get who has received and read a message",
    answers: { 200: "The members other than the sender." },
  },
  startTyping: {
    on: "conversation",
    budget: "signals",
    rest: ["POST", `${CONVERSATION}/typing`],
    socket: "typing.start",
    result: null,
    tag: "Typing",
    summary: "Start typing; it ends by itself after 6 seconds",
  },
  stopTyping: {
    on: "conversation",
    budget: "signals",
    rest: ["DELETE", `${CONVERSATION}/typing`],
    socket: "typing.stop",
    result: null,
    tag: "Typing",
    summary: "Stop typing",
  },
} as const satisfies Record<string, Declaration>;

export type OperationName = keyof typeof OPERATIONS;
type Row<Name extends OperationName> = (typeof OPERATIONS)[Name];

/** What a schema of this name makes of a value. */
type Parsed<Name> = Name extends SchemaName ? z.output<Schemas[Name]> : unknown;
/** What a request carries in one of its places; nothing where the row names none. */
type Carried<Name extends OperationName, Place extends "params" | "query" | "body"> =
  Row<Name> extends { readonly [P in Place]: infer Schema } ? Parsed<Schema> : unknown;

/** What an operation is asked with, beside the ids of what it is done to. */
export type OperationInput<Name extends OperationName> =
  Row<Name> extends { message: string }
    ? unknown
    : Carried<Name, "params"> & Carried<Name, "query"> & Carried<Name, "body">;

/** What an operation answers with, from the conversation itself. */
export type OperationResult<Name extends OperationName> = Row<Name>["result"] extends SchemaName
  ? Parsed<Row<Name>["result"]>
  : null;

/** What its route answers with. */
export type OperationAnswer<Name extends OperationName> =
  Row<Name> extends { shown: infer Schema } ? Parsed<Schema> : OperationResult<Name>;

/** The declaration of an operation, as any of them. */
export function declarationOf(name: OperationName): Declaration {
  return OPERATIONS[name];
}

/** The names of all operations. */
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];
