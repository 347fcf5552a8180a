import type { Message, UnreadTotals } from "@rocket-chat-api/protocol";
import type { Rest } from "./rest.ts";
import type { ConversationState } from "./state.ts";

/** What the conversations need of their client. */
export interface ConversationsHost {
  rest: Rest;
  keepMessages: number | undefined;
  changed(state: ConversationState): void;
  /** Something is missing until the cursor is at `upTo`, or in any case. */
  missing(conversationId: string, upTo: number | undefined): void;
  /** A message of the viewer's own is in the conversation. */
  ownMessage(message: Message): void;
  /** The totals of all conversations have changed. */
  unread(totals: UnreadTotals | null): void;
  /** All pages of the list have come. */
  listed(): void;
}
