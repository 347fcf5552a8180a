/** Changes as the frames that a socket receives (rule 21). */

import {
  type ConversationChanges,
  encodeEvent,
  failure,
  SYNC_FRAME_MESSAGES,
} from "@rocket-chat-api/protocol";

/** Changes as frames of at most {@link SYNC_FRAME_MESSAGES} messages, after an error if `since` is ahead of the conversation. */
export function toFrames(changes: ConversationChanges): string[] {
  const { messages, conversation_id } = changes;
  const chunks: ConversationChanges[] = [];
  for (let i = 0; i === 0 || i < messages.length; i += SYNC_FRAME_MESSAGES) {
    const rest = i === 0 ? changes : { ...changes, ...NOTHING_MORE };
    const is_last = i + SYNC_FRAME_MESSAGES >= messages.length;
    // Only the last frame completes the answer, so only it moves the client's cursor.
    const seq = is_last ? changes.seq : changes.since;
    chunks.push({ ...rest, messages: messages.slice(i, i + SYNC_FRAME_MESSAGES), is_last, seq });
  }
  const frames = chunks.map((data) => encodeEvent({ type: "conversation.sync", conversation_id, data }));
  return changes.membership === "member" && changes.since > changes.seq
    ? [encodeEvent({ type: "error", ...sinceIsAhead(changes) }), ...frames]
    : frames;
}

/** What only the first frame carries. */
const NOTHING_MORE = {
  conversation: null,
  members: [],
  removed_user_ids: [],
  former_members: [],
  hidden_message_ids: [],
  read_states: [],
} satisfies Partial<ConversationChanges>;

function sinceIsAhead({ conversation_id, since, seq }: ConversationChanges) {
  return failure("VALIDATION_ERROR", "`since` is ahead of this conversation", {
    conversation_id,
    since,
    seq,
  });
}
