/**
 * React hooks for the Rocket Chat API, for React 18 and 19, web and React Native.
 *
 * ```tsx
 * const client = new ChatClient({ url: "https://chat.example.com", token: () => session.token() });
 * <ChatProvider client={client}><Inbox /></ChatProvider>;
 *
 * function Inbox() {
 *   const { items } = useConversations();
 *   return items.map((item) => <p key={item.conversation_id}>{item.title} ({item.unread_count})</p>);
 * }
 * ```
 *
 * What they promise: a component renders when what it shows has changed, and not for a message in another conversation. A
 * message keeps its place and key from the moment it is sent. Rendering on a server opens no socket and asks nothing.
 */

export {
  type ConversationsOptions,
  type ConversationsState,
  type ConversationView,
  useConnection,
  useConversation,
  useConversations,
  useMembers,
  useUnread,
} from "./conversation-hooks.ts";
export { type TypingView, usePresence, useTyping } from "./live-hooks.ts";
export {
  type MessagesView,
  type ReactionGroup,
  type ReactionsView,
  type ReceiptsView,
  type SendView,
  useMessages,
  useReactions,
  useReceipts,
  useSend,
} from "./message-hooks.ts";
export type { MessagesState } from "./messages-state.ts";
export { ChatProvider, type ChatProviderProps, useChatClient } from "./provider.ts";
export { type BlocksView, useBlocks } from "./safety-hooks.ts";
export { type SearchView, type SearchWhere, useSearch } from "./search-hook.ts";
export type { ShownMessage } from "./shown-message.ts";
export type { ConnectionState } from "./store.ts";
export {
  type UploadItem,
  type UploadMedia,
  type UploadsView,
  useAttachmentUrl,
  useUpload,
} from "./upload-hooks.ts";
