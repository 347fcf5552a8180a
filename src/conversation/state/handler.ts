/** The types of operation handlers. Each handler has the name of its operation. */

import type {
  FetchedMessage,
  Message,
  OperationInput,
  OperationName,
  OperationResult,
  UserSummary,
} from "@rocket-chat-api/protocol";
import type { AttachmentClaim, StoredAttachment } from "../../domain/attachments.ts";
import type { BlockWord } from "../../domain/blocks.ts";
import type { Caller } from "../../domain/caller.ts";
import type { FilterSet } from "../../domain/filter/filter-set.ts";
import type { Outcome } from "../../domain/outcome.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { MessageLimits } from "../../settings.ts";
import type { Change, Emission, Room } from "./room.ts";
import type { MemberRow, MessageRow } from "./store.ts";

/** The result of a handler's `prepare`. */
interface Prepared {
  sendMessage: StoredAttachment[];
  addParticipants: BlockWord[];
}

/**
 * What handlers need of whole messages. It is passed in, not imported: messages consist of parts, and the file of a
 * part has handlers too.
 */
export interface Messages {
  /** A message as the answer to a change. */
  toMessageFor(room: Room, viewer: MemberRow, row: MessageRow): Message;
  /** Messages as a member fetches them. */
  toFetched(room: Room, viewer: MemberRow, rows: MessageRow[]): FetchedMessage[];
  /** Writes a system message; see system.ts. */
  announce(
    room: Room,
    actor: UserSummary,
    note: { event: string; [detail: string]: unknown },
    now: EpochMs,
  ): Emission;
}

/** The input of a handler. */
export interface Context<Name extends OperationName> {
  room: Room;
  /** The calling member. */
  member: MemberRow;
  /** The `seq` of the message; 0 for operations on the conversation. */
  seq: number;
  input: OperationInput<Name>;
  /** The users that the input names. */
  people: Caller[];
  /** Whether what is sent pushes to nobody. */
  isSilent?: boolean;
  limits: MessageLimits;
  /** What the app filters texts by; undefined if it does not. */
  filters?: FilterSet | undefined;
  now: EpochMs;
  prepared: Name extends keyof Prepared ? Prepared[Name] | undefined : undefined;
  messages: Messages;
}

/** The filters of the app, as this isolate knows them. */
export interface Filters {
  /** Whether they are known, or could not be read in time. */
  readonly isReady: boolean;
  /** Resolves when they are ready, within a second. */
  ready(now: EpochMs): Promise<void>;
  /** Undefined if there are none. */
  current(now: EpochMs): FilterSet | undefined;
}

/** Services that operations may call before their turn. */
export interface Services {
  filters: Filters;
  confirmAttachments(claim: AttachmentClaim): Promise<Outcome<StoredAttachment[]>>;
  /** Who has blocked whom, between new people and all who are or were members. */
  blocksAmong(newIds: string[], rosterIds: string[]): Promise<BlockWord[]>;
}

/** Effects of operations besides rows and events. */
export interface Effects {
  startTyping(room: Room, member: MemberRow, now: EpochMs): void;
  stopTyping(room: Room, userId: string): void;
  /** A member's devices have everything up to `seq`. */
  delivered(userId: string, seq: number): void;
  /** A member has read up to `seq`, which is already written. */
  read(room: Room, userId: string, seq: number, now: EpochMs): void;
  /** Sets the object's alarm to `time` or earlier. */
  ringBy(time: number): void;
}

/** An operation that changes something, in a turn. */
export interface ChangeHandler<Name extends OperationName> {
  /** Whether filters look at what it writes. */
  isFiltered?: true;
  /** Whether {@link prepare} is needed. Every command is asked, so it looks at the input alone. */
  needsPreparing?(input: OperationInput<Name>): boolean;
  /** Waits for other services before the turn. Undefined if there is nothing to wait for after all. */
  prepare?(
    context: Context<Name>,
    services: Services,
  ): Promise<Outcome<Context<Name>["prepared"]>> | Outcome<Context<Name>["prepared"]> | undefined;
  /** Makes the change. All rows are written when it returns. */
  apply(context: Context<Name>): Change<OperationResult<Name>>;
  /** Whether it writes at most one row, so that it needs no savepoint. */
  isOneWrite?(context: Context<Name>): boolean;
  /** Effects of a success that are not written. */
  after?(context: Context<Name>, effects: Effects): void;
}

/** An operation that writes nothing and is answered at once. */
export interface AnswerHandler<Name extends OperationName> {
  answer(context: Context<Name>, effects: Effects): Outcome<OperationResult<Name>>;
}

export type Handler<Name extends OperationName> = ChangeHandler<Name> | AnswerHandler<Name>;

/** All handlers. A missing one does not compile. */
export type Handlers = { [Name in OperationName]: Handler<Name> };
