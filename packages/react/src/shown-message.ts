/** Messages as a list shows them: the real ones and those on their way, each under a key that it keeps. */
import type { ConversationState, Message } from "@rocket-chat-api/client";
import type { OutgoingMessage } from "@rocket-chat-api/client/outgoing";

/** A message in the list. It is the same object as long as nothing in it changes. */
export interface ShownMessage {
  /** The `key` for React: the same while the message is on its way and when it is there. */
  readonly key: string;
  /** The message; of one on its way, what it is going to be. Its `message_id` is then its `client_message_id`. */
  readonly message: Message;
  /** How far a message on its way is; null for one that is there. */
  readonly outgoing: OutgoingMessage | null;
}

const SHOWN = new WeakMap<Message, ShownMessage>();
const PENDING = new WeakMap<OutgoingMessage, ShownMessage>();

/** A message that is there. */
export function shownOf(message: Message): ShownMessage {
  const known = SHOWN.get(message);
  if (known) return known;
  const made = { key: message.client_message_id ?? message.message_id, message, outgoing: null };
  SHOWN.set(message, made);
  return made;
}

/** A message on its way. */
export function pendingOf(outgoing: OutgoingMessage, state: ConversationState | undefined): ShownMessage {
  const known = PENDING.get(outgoing);
  if (known) return known;
  const message = outgoing.message ?? toBe(outgoing, state);
  const made = { key: outgoing.client_message_id, message, outgoing };
  PENDING.set(outgoing, made);
  return made;
}

/** What a message is going to be, as far as it is known here. */
function toBe(outgoing: OutgoingMessage, state: ConversationState | undefined): Message {
  const { client_message_id, conversation_id, data, queued_at } = outgoing;
  const sender_id = state?.viewer_id ?? "";
  const { username = "", display_name = "", profile_photo_url = null } = state?.members.get(sender_id) ?? {};
  return {
    message_id: client_message_id,
    conversation_id,
    // After all others, for code that compares places.
    seq: Number.MAX_SAFE_INTEGER,
    changed_seq: Number.MAX_SAFE_INTEGER,
    sender_id,
    sender: { user_id: sender_id, username, display_name, profile_photo_url },
    type: data.type,
    content: data.content,
    created_at: new Date(queued_at).toISOString(),
    status: "sent",
    client_message_id,
    is_edited: false,
    edited_at: null,
    is_deleted: false,
    reply_to: quoteOf(data.reply_to_message_id, state),
    attachments: [],
    reactions: [],
    is_pinned: false,
    pinned_at: null,
    pinned_by: null,
    metadata: data.metadata ?? null,
    mentions: [],
    mentions_all: false,
    expires_at: null,
    system: null,
  };
}

function quoteOf(id: string | null | undefined, state: ConversationState | undefined): Message["reply_to"] {
  const quoted = id && state?.messages.find(({ message_id }) => message_id === id);
  if (!quoted) return null;
  const { message_id, sender, type, content, is_deleted } = quoted;
  return { message_id, sender, type, content, is_deleted };
}
