/** One row of the conversation list: what the server listed, with what the conversation's events have changed since. */
import type { ConversationListItem, LastMessage, Message, Preferences } from "@rocket-chat-api/protocol";
import type { ListedState } from "./host.ts";

/** A person as the list shows them. Presence is in `@rocket-chat-api/client/live`. */
export interface ListPerson {
  readonly user_id: string;
  readonly username: string;
  readonly display_name: string;
  readonly profile_photo_url: string | null;
}

/** A row. It is the same object as long as nothing in it changes. */
export interface ListItem {
  readonly conversation_id: string;
  readonly type: ConversationListItem["type"];
  /** What to show: the group's name, or the other person's. Empty if neither is known. */
  readonly title: string;
  readonly photo_url: string | null;
  readonly participant_count: number;
  /** The other person of a direct chat. */
  readonly other_user: ListPerson | null;
  readonly last_message: LastMessage | null;
  /** When something was said last, or the conversation was created (ISO 8601). */
  readonly last_activity_at: string;
  readonly unread_count: number;
  readonly unread_mentions: number;
  readonly is_muted: boolean;
  readonly muted_until: string | null;
  readonly is_pinned: boolean;
  readonly is_archived: boolean;
  /** A stranger's direct conversation that the viewer has not accepted. */
  readonly is_request: boolean;
}

/** The row of a conversation; undefined where it is not in the list. @param known from the last `GET /sync`. */
export function itemOf(state: ListedState, known: ConversationListItem | undefined): ListItem | undefined {
  const { conversation_id, membership, info, messages, unread_count, unread_mentions, is_request } = state;
  const about = info ?? known;
  if (membership === "removed" || state.is_hidden || !about) return undefined;
  const other_user = about.type === "direct" ? otherOf(state, known) : null;
  const newest = messages.at(-1);
  const last_message = newest ? lastOf(newest) : (known?.last_message ?? null);
  return {
    conversation_id,
    type: about.type,
    title: about.name ?? other_user?.display_name ?? "",
    photo_url: about.photo_url ?? other_user?.profile_photo_url ?? null,
    participant_count: about.participant_count,
    other_user,
    last_message,
    last_activity_at: last_message?.created_at ?? about.created_at,
    ...{ unread_count, unread_mentions, is_request },
    ...shown(state.preferences ?? known),
  };
}

function shown(
  preferences: Preferences | ConversationListItem | undefined,
): Pick<ListItem, "is_muted" | "muted_until" | "is_pinned" | "is_archived"> {
  const { is_muted = false, muted_until = null, is_pinned = false, is_archived = false } = preferences ?? {};
  return { is_muted, muted_until, is_pinned, is_archived };
}

function otherOf(state: ListedState, known: ConversationListItem | undefined): ListPerson | null {
  for (const person of state.members.values())
    if (person.user_id !== state.viewer_id) return personOf(person);
  return known?.other_user ? personOf(known.other_user) : null;
}

function personOf({ user_id, username, display_name, profile_photo_url }: ListPerson): ListPerson {
  return { user_id, username, display_name, profile_photo_url };
}

function lastOf({ message_id, type, content, created_at, sender, is_deleted }: Message): LastMessage {
  return { message_id, type, content, created_at, sender_username: sender.username, is_deleted };
}

/** Whether two values, which JSON can hold, are the same. */
export function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return one === other;
  const fields = Object.entries(one);
  return (
    fields.length === Object.keys(other).length &&
    fields.every(([name, value]) => isSame(value, (other as Record<string, unknown>)[name]))
  );
}

/** The order of the server's list: pinned first, then newest activity, then the id, downwards. */
export function compareItems(one: ListItem, other: ListItem): number {
  if (one.is_pinned !== other.is_pinned) return one.is_pinned ? -1 : 1;
  // ISO 8601 in UTC with milliseconds, as the server writes it, sorts as text.
  if (one.last_activity_at !== other.last_activity_at)
    return one.last_activity_at < other.last_activity_at ? 1 : -1;
  return one.conversation_id < other.conversation_id ? 1 : -1;
}
