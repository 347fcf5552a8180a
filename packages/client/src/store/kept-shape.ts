/** Whether what is stored has the shape that this version writes: a row that was damaged must not reach the application. */
import type { Member, Message } from "@rocket-chat-api/protocol";
import type { ConversationState, Watermarks } from "../state.ts";

type Fields = Record<string, unknown>;

/** Whether a value is a record of fields. */
export function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Whether every value of these names is of a kind. */
function areAll(fields: object, names: readonly string[], is: (value: unknown) => boolean): boolean {
  return names.every((name) => is((fields as Fields)[name]));
}

const isText = (value: unknown): boolean => typeof value === "string";
/** An older release has not written all of them. */
const isFlag = (value: unknown): boolean => value === undefined || typeof value === "boolean";
const isNullOrRecord = (value: unknown): boolean => value === null || isRecord(value);

function isMember(member: unknown): member is Member {
  return isRecord(member) && areAll(member, ["user_id", "username", "display_name"], isText);
}

function isMessage(message: unknown): message is Message {
  return (
    isRecord(message) &&
    areAll(message, ["message_id", "type", "content", "created_at"], isText) &&
    areAll(message, ["seq", "changed_seq"], isCount) &&
    areAll(message, ["attachments", "reactions", "mentions"], Array.isArray) &&
    isRecord(message.sender)
  );
}

function areWatermarks(marks: unknown): marks is Watermarks {
  return isRecord(marks) && areAll(marks, ["joined_seq", "last_read_seq", "last_delivered_seq"], isCount);
}

/** Whether a state that was read from a store is one. */
export function isState(state: ConversationState): boolean {
  return (
    areAll(state, ["seq", "loaded_from", "unread_count", "unread_mentions"], isCount) &&
    ["unknown", "member", "removed"].includes(state.membership) &&
    areAll(state, ["info", "preferences"], isNullOrRecord) &&
    areAll(state, ["is_hidden", "is_request"], isFlag) &&
    [...state.members.values()].every(isMember) &&
    [...state.watermarks.values()].every(areWatermarks) &&
    [...state.hidden].every(isCount) &&
    [...state.stale].every((pair) => pair.every(isCount)) &&
    state.messages.every(isMessage)
  );
}
