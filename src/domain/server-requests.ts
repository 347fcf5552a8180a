/** What a server asks of a conversation beside the operations of members (rule 28). */
import type {
  ConversationSnapshot,
  CustomEvent,
  Message,
  SystemInput,
  UpdateConversation,
} from "@rocket-chat-api/protocol";
import type { z } from "zod";
import type { BlockWord } from "./blocks.ts";
import type { Caller } from "./caller.ts";

/** A message of the system. */
export interface SystemMessage {
  content: string;
  system: z.output<typeof SystemInput>;
  client_message_id: string | null;
  silent: boolean;
}

export interface ServerRequests {
  getSnapshot: { input: null; answer: ConversationSnapshot };
  updateConversation: { input: UpdateConversation; answer: ConversationSnapshot };
  sendSystemMessage: { input: SystemMessage; answer: Message };
  /** `blocks` is what the conversation finds out itself before it adds them. */
  addPeople: { input: { people: Caller[]; blocks?: BlockWord[] }; answer: ConversationSnapshot };
  removeMember: { input: { user_id: string }; answer: null };
  sendEvent: { input: CustomEvent; answer: null };
  /** Ends every membership and deletes what was said. */
  erase: { input: null; answer: null };
  /** Deletes everything that is stored, after `erase` has reached everybody and the directory. */
  destroy: { input: null; answer: null };
}

export type ServerRequestName = keyof ServerRequests;
