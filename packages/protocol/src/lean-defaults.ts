/**
 * What fields of events hold when nothing is set. On a socket with `?lean=1` an event leaves such a field out. The schemas
 * publish the same values as `default`. Without zod, because clients put the values back.
 *
 * A value that was released never changes, and a field that was released without one gets none: clients that are out
 * there would not put it back. A new field may have one from the start.
 */

/** A list is always the empty one. */
export type LeanDefault = string | number | boolean | null | readonly [];
export type LeanDefaults = Readonly<Record<string, LeanDefault>>;

const user = { profile_photo_url: null };
const standing = { role: "member", is_owner: false };
/** What a member has beside it. */
const member = { mute: null };
/** What can be mentioned and attached to a text, also when it is edited. */
const text = { metadata: null, mentions: [], mentions_all: false } as const;

export const LEAN_DEFAULTS = {
  user,
  standing,
  member,
  quote: { type: "text", content: "", is_deleted: false },
  message: {
    type: "text",
    content: "",
    status: "sent",
    client_message_id: null,
    is_edited: false,
    edited_at: null,
    is_deleted: false,
    reply_to: null,
    attachments: [],
    reactions: [],
    ...text,
    is_pinned: false,
    pinned_at: null,
    pinned_by: null,
    expires_at: null,
    system: null,
  },
  fetched: { receipt_status: "sent" },
  edited: { is_edited: true, ...text },
  deleted: { for_everyone: true, reason: "deleted" },
  reaction: { action: "add" },
  typing: { is_typing: true },
  receipt: { up_to: true },
  presence: { last_seen_at: null },
  conversation: { name: null, photo_url: null, description: null, metadata: null },
  /** A whole conversation besides: as it is to whom it is shown. */
  whole: { is_request: false },
  preferences: { is_muted: false, muted_until: null, is_pinned: false, is_archived: false, push_level: null },
  changes: {
    is_last: true,
    limited: false,
    membership: "member",
    conversation: null,
    messages: [],
    has_more: false,
    members: [],
    removed_user_ids: [],
    former_members: [],
    hidden_message_ids: [],
    is_hidden: false,
    is_request: false,
    read_states: [],
    unread_count: 0,
    unread_mentions: 0,
  },
} as const satisfies Record<string, LeanDefaults>;
