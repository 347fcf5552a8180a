/** What a server may ask of a conversation (rule 28). The Worker has checked its credential and scope. */
import type { ConversationSnapshot, Message } from "@rocket-chat-api/protocol";
import { checkContent } from "../../domain/content.ts";
import { created, found, refused } from "../../domain/outcome.ts";
import type { SystemMessage } from "../../domain/server-requests.ts";
import { SYSTEM } from "../../domain/system-user.ts";
import { eraseSome } from "../erasure/erase-some.ts";
import { exportSome } from "../export/export-some.ts";
import { addPeople, removeMember } from "../members/membership.ts";
import { applyUpdate, checkRetention, isForGroups } from "../members/settings.ts";
import { toSnapshot } from "../members/views.ts";
import { append, NotWritten } from "../messages/append.ts";
import { sameValue } from "../messages/idempotency.ts";
import { toMessages } from "../messages/views.ts";
import { answer, type Change, type Room, unchanged } from "../state/room.ts";
import type { MessageRow } from "../state/store.ts";
import { erase } from "./erase.ts";
import { type Asked, isGroup, notInDirect, type ServerHandlers } from "./handlers.ts";
import { MODERATION_HANDLERS } from "./moderation.ts";

/** The requests that run in a turn. */
export const SERVER_HANDLERS: ServerHandlers = {
  getSnapshot: ({ room }) => answer(toSnapshot(room)),
  updateConversation,
  sendSystemMessage,
  addPeople: ({ room, input, limits, now }) =>
    isGroup(room)
      ? addPeople(room, { people: input.people, blocks: input.blocks ?? [] }, SYSTEM, limits, now)
      : notInDirect(),
  removeMember: ({ room, input, now }) =>
    isGroup(room) ? removeMember(room, input.user_id, SYSTEM, now) : notInDirect(),
  ...MODERATION_HANDLERS,
  eraseSome: ({ room, input, now }) => eraseSome(room, input, now),
  exportSome: ({ room, input }) => answer(exportSome(room, input)),
  erase: ({ room }) => erase(room),
};

/** Of a direct conversation a server may also say how long messages are kept. */
function updateConversation({ room, input, limits, now }: Asked<"updateConversation">) {
  const refusal = checkRetention(input, limits.retentionDays);
  if (refusal) return unchanged<ConversationSnapshot>(refused(refusal));
  const { retention_days: _, ...settings } = input.settings ?? {};
  const isAllowed = isGroup(room) || !isForGroups({ ...input, settings });
  return isAllowed ? applyUpdate(room, SYSTEM, input, now) : notInDirect();
}

/** Writes a message of the system, once for each `client_message_id` (rule 12). */
function sendSystemMessage({ room, input, limits, now }: Asked<"sendSystemMessage">): Change<Message> {
  const { content, client_message_id, silent } = input;
  const refusal = checkContent({ type: "text", content }, limits.maxMessageLength);
  if (refusal) return unchanged(refused(refusal));
  const said = {
    type: "system" as const,
    content,
    system: noteOf(input),
    client_message_id,
    silent: silent || null,
  };
  try {
    const { message, emission } = append(room, SYSTEM.user_id, said, now);
    return { outcome: created(message), emissions: [emission] };
  } catch (error) {
    const first =
      error instanceof NotWritten && client_message_id !== null
        ? room.store.messageByClientId(SYSTEM.user_id, client_message_id)
        : undefined;
    if (!first) throw error;
    return unchanged(repeated(room, first, input));
  }
}

function noteOf({ system: { event, params } }: SystemMessage) {
  return { event, actor_id: SYSTEM.user_id, ...(params === undefined ? {} : { params }) };
}

function repeated(room: Room, first: MessageRow, again: SystemMessage) {
  const isSame = first.content === again.content && sameValue(first.system, noteOf(again));
  const [message] = isSame ? toMessages(room, [first], null) : [];
  return message
    ? found(message)
    : refused("CONFLICT", "This client_message_id was already used for a different message");
}
