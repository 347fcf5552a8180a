/** What a server asks of a conversation beside the operations of members (rule 28). */
import type {
  ConversationSnapshot,
  CustomEvent,
  Message,
  SystemInput,
  UpdateConversation,
} from "@rocket-chat-api/protocol";
import type { z } from "zod";
import type { Caller } from "./caller.ts";
import type { ModeratedMessage, ModerationStep } from "./moderation-steps.ts";
import type { EpochMs } from "./time.ts";

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
  addPeople: { input: { people: Caller[] }; answer: ConversationSnapshot };
  removeMember: { input: { user_id: string }; answer: null };
  sendEvent: { input: CustomEvent; answer: null };
  /** Withholds a message, brings it back, or deletes it (rule 29). */
  moderateMessage: { input: { seq: number; step: ModerationStep }; answer: ModeratedMessage };
  /** Deletes some of a person's messages. Null as the answer's `before` when none is left. */
  deleteFrom: {
    input: { user_id: string; since: EpochMs; before: number };
    answer: { before: number | null };
  };
  /** Ends every membership and deletes what was said. */
  erase: { input: null; answer: null };
  /** Deletes everything that is stored, after `erase` has reached everybody and the directory. */
  destroy: { input: null; answer: null };
}

export type ServerRequestName = keyof ServerRequests;
