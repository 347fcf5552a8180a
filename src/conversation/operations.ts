/** Everything that a member can do to a conversation, by name. */
import type { StoredAttachment } from "../domain/attachments.ts";
import type { Caller } from "../domain/caller.ts";
import type {
  ConversationSnapshot,
  EditMessage,
  Member,
  Message,
  Reaction,
  ReadResult,
  Role,
  SendMessage,
  UpdateConversation,
} from "../protocol/index.ts";
import { remove } from "./delete.ts";
import { edit } from "./edit.ts";
import { addReaction, removeReaction } from "./reactions.ts";
import { markRead } from "./read.ts";
import type { Change, Room } from "./room.ts";
import { addParticipants, changeRole, leave, removeParticipant } from "./roster.ts";
import { send } from "./send.ts";
import { update } from "./settings.ts";
import type { MemberRow } from "./store.ts";

/** What is done. Positions (`seq`) are of messages of this conversation. */
export type Operation =
  | { type: "send"; input: SendMessage; attachments?: StoredAttachment[] }
  | { type: "edit"; seq: number; input: EditMessage }
  | { type: "delete"; seq: number; for_everyone: boolean }
  | { type: "react"; seq: number; emoji: string }
  | { type: "unreact"; seq: number; emoji: string }
  | { type: "read"; seq: number }
  | { type: "update"; patch: UpdateConversation }
  | { type: "add"; people: Caller[] }
  | { type: "remove"; user_id: string }
  | { type: "role"; user_id: string; role: Role }
  | { type: "leave" };

/** What each operation answers with. */
export interface OperationResult {
  send: Message;
  edit: Message;
  delete: null;
  react: Reaction;
  unreact: null;
  read: ReadResult;
  update: ConversationSnapshot;
  add: ConversationSnapshot;
  remove: null;
  role: Member;
  leave: null;
}

/** Figures that an operator may set. */
export interface Limits {
  maxMessageLength: number;
  maxGroupMembers: number;
}

/** Does it, as a member. Everything it writes is written when it returns. */
export function perform(
  room: Room,
  member: MemberRow,
  operation: Operation,
  limits: Limits,
  now: number,
): Change<OperationResult[Operation["type"]]> {
  switch (operation.type) {
    case "send":
      return send(room, member, operation, limits.maxMessageLength, now);
    case "edit":
      return edit(room, member, operation.seq, operation.input, limits.maxMessageLength, now);
    case "delete":
      return remove(room, member, operation.seq, operation.for_everyone, now);
    case "react":
      return addReaction(room, member, operation.seq, operation.emoji, now);
    case "unreact":
      return removeReaction(room, member, operation.seq, operation.emoji);
    case "read":
      return markRead(room, member, operation.seq, now);
    case "update":
      return update(room, member, operation.patch, now);
    case "add":
      return addParticipants(room, member, operation.people, limits.maxGroupMembers, now);
    case "remove":
      return removeParticipant(room, member, operation.user_id, now);
    case "role":
      return changeRole(room, member, operation.user_id, operation.role, now);
    case "leave":
      return leave(room, member, now);
    default:
      return operation satisfies never;
  }
}
