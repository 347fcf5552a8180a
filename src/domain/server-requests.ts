/** What a server asks of a conversation beside the operations of members (rule 28). */
import type {
  Ban,
  BanPage,
  BansQuery,
  BanUser,
  ConversationSnapshot,
  CustomEvent,
  Member,
  Message,
  MuteParticipant,
  SystemInput,
  UpdateConversation,
} from "@rocket-chat-api/protocol";
import type { z } from "zod";
import type { BlockWord } from "./blocks.ts";
import type { Caller } from "./caller.ts";
import type { ErasedSome, ErasureOrder, SettledErasure, SettleOrder } from "./erased-person.ts";
import type { ExportedPage, ExportQuery } from "./export.ts";
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
  /** `blocks` is what the conversation finds out itself before it adds them. */
  addPeople: { input: { people: Caller[]; blocks?: BlockWord[] }; answer: ConversationSnapshot };
  removeMember: { input: { user_id: string }; answer: null };
  muteParticipant: { input: MuteParticipant & { user_id: string }; answer: Member };
  unmuteParticipant: { input: { user_id: string; announce: boolean }; answer: null };
  banUser: { input: BanUser & { user_id: string; people: Caller[] }; answer: Ban };
  unbanUser: { input: { user_id: string; announce: boolean }; answer: null };
  listBans: { input: BansQuery; answer: BanPage };
  sendEvent: { input: CustomEvent; answer: null };
  /** Withholds a message, brings it back, or deletes it (rule 29). */
  moderateMessage: { input: { seq: number; step: ModerationStep }; answer: ModeratedMessage };
  /** Deletes some of what a person has said since a time, and until another; again, without `isFirst`, some more. */
  purge: {
    input: { user_id: string; since: EpochMs; until?: EpochMs; isFirst: boolean };
    answer: { more: boolean };
  };
  /** Erases some of what is here of a person; again, some more. */
  eraseSome: { input: ErasureOrder; answer: ErasedSome };
  /** Ends an erasure: writes the storage anew, once the directory has everything. */
  settleErasure: { input: SettleOrder; answer: SettledErasure };
  /** A page of what a person has done here, for an export. */
  exportSome: { input: ExportQuery; answer: ExportedPage };
  /** Ends every membership and deletes what was said. */
  erase: { input: null; answer: null };
  /** Deletes everything that is stored, after `erase` has reached everybody and the directory. */
  destroy: { input: null; answer: null };
}

export type ServerRequestName = keyof ServerRequests;
