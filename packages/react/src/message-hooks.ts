/** Hooks for the messages of a conversation, and for sending. */
import type { Draft, Message, ReceiptStatus, Receipts } from "@rocket-chat-api/client";
import { type OutgoingFile, receiptStatus } from "@rocket-chat-api/client/outgoing";
import { useCallback, useMemo, useSyncExternalStore } from "react";
import { useConversationPart } from "./conversation-hooks.ts";
import { type MessagesState, NO_MESSAGES } from "./messages-state.ts";
import { useStore } from "./provider.ts";
import { isSameFields, isSameList, useSelected } from "./selected.ts";
import type { Timeline } from "./timeline.ts";

/** The messages, and how to see others. */
export type MessagesView = MessagesState &
  Pick<
    Timeline,
    "loadOlder" | "loadNewer" | "jumpTo" | "jumpToUnread" | "jumpToNewest" | "hold" | "markRead"
  >;

const noMessages = (): MessagesState => NO_MESSAGES;

/** The messages of a conversation: render `messages` by their `key`. */
export function useMessages(conversationId: string): MessagesView {
  const timeline = useStore().timeline(conversationId);
  const shown = useSyncExternalStore(timeline.subscribe, timeline.read, noMessages);
  return useMemo(() => {
    const { loadOlder, loadNewer, jumpTo, jumpToUnread, jumpToNewest, hold, markRead } = timeline;
    return { ...shown, loadOlder, loadNewer, jumpTo, jumpToUnread, jumpToNewest, hold, markRead };
  }, [shown, timeline]);
}

/** How to send. The functions are the same from render to render. */
export interface SendView {
  /**
   * Sends a message, with up to 10 files: it is in `useMessages` at once, and a failure shows there.
   * @returns its `client_message_id`, which is its key.
   */
  send: (draft: Draft, files?: readonly OutgoingFile[]) => string;
  /** Tries a failed message again. @param key of the message. */
  retry: (key: string) => void;
  /** Takes out a message that is on its way, or has failed. */
  cancel: (key: string) => void;
  /** The part of the files on their way that is uploaded, from 0 to 1; null if none are. Each message has its own too. */
  progress: number | null;
}

/** Sends messages to a conversation. */
export function useSend(conversationId: string): SendView {
  const { outgoing, live } = useStore();
  const subscribe = useCallback(
    (listener: () => void) => outgoing.onChange(conversationId, listener),
    [outgoing, conversationId],
  );
  const read = (): number | null => {
    const uploading = outgoing.list(conversationId).filter(({ state }) => state === "uploading");
    if (uploading.length === 0) return null;
    return uploading.reduce((sum, one) => sum + one.progress, 0) / uploading.length;
  };
  const progress = useSelected(subscribe, read, null);
  const calls = useMemo(
    () => ({
      send(draft: Draft, files?: readonly OutgoingFile[]) {
        live.endInput(conversationId, true);
        return outgoing.send(conversationId, draft, files);
      },
      retry: (key: string) => outgoing.retry(key),
      cancel: (key: string) => outgoing.cancel(conversationId, key),
    }),
    [outgoing, live, conversationId],
  );
  return useMemo(() => ({ ...calls, progress }), [calls, progress]);
}

/** One emoji on a message. */
export interface ReactionGroup {
  emoji: string;
  count: number;
  /** Whether the viewer is among them. */
  isMine: boolean;
  usernames: readonly string[];
}

/** The reactions to a message. */
export interface ReactionsView {
  /** In the order in which they came. */
  reactions: readonly ReactionGroup[];
  /** Adds a reaction, or takes the viewer's own away. @throws as requests do. */
  toggle: (emoji: string) => Promise<void>;
}

/** The reactions to a message of `useMessages`, by emoji. */
export function useReactions({ message_id, reactions: all }: Message): ReactionsView {
  const { client } = useStore();
  const { viewer } = client.conversations;
  const reactions = useMemo(() => groupsOf(all, viewer), [all, viewer]);
  const toggle = useCallback(
    async (emoji: string) => {
      const isMine = reactions.some((group) => group.emoji === emoji && group.isMine);
      if (isMine) await client.rest.removeReaction({ message_id, emoji });
      else await client.rest.addReaction({ message_id, emoji });
    },
    [client, message_id, reactions],
  );
  return useMemo(() => ({ reactions, toggle }), [reactions, toggle]);
}

function groupsOf(all: Message["reactions"], viewer: string): ReactionGroup[] {
  const groups = new Map<string, ReactionGroup>();
  for (const { emoji, user_id, username } of all) {
    const { count = 0, isMine = false, usernames = [] } = groups.get(emoji) ?? {};
    groups.set(emoji, {
      emoji,
      count: count + 1,
      isMine: isMine || user_id === viewer,
      usernames: [...usernames, username],
    });
  }
  return [...groups.values()];
}

/** Who has got a message. */
export interface ReceiptsView {
  /** For the viewer's own message: the lowest status among the members who were there. */
  status: ReceiptStatus;
  /** Ids of the members who have read it, without its sender. Empty in groups of over 100 members: `load` there. */
  readBy: readonly string[];
  /** Asks the server, who was it delivered to and who has read it, and when. @throws as requests do. */
  load: () => Promise<Receipts>;
}

/** The receipts of a message of `useMessages`. */
export function useReceipts(message: Message): ReceiptsView {
  const { client } = useStore();
  const { conversation_id, message_id, seq, sender_id } = message;
  const readBy = useConversationPart(
    conversation_id,
    (state) =>
      [...(state?.watermarks ?? [])].flatMap(([userId, mark]) =>
        userId !== sender_id && mark.joined_seq <= seq && mark.last_read_seq >= seq ? [userId] : [],
      ),
    NOBODY,
    isSameList,
  );
  const { status } = useConversationPart(
    conversation_id,
    (state) => ({ status: state ? receiptStatus(state, message) : SENT.status }),
    SENT,
    isSameFields,
  );
  const load = useCallback(() => client.rest.listReceipts({ message_id }), [client, message_id]);
  return useMemo(() => ({ status, readBy, load }), [status, readBy, load]);
}

const NOBODY: readonly string[] = [];
const SENT: { status: ReceiptStatus } = { status: "sent" };
