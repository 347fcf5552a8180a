/** What an operation is made of, and what it gets. Each is a handler of its name in the table of operations. */
import type {
  FetchedMessage,
  Message,
  OperationInput,
  OperationName,
  OperationResult,
  UserSummary,
} from "@rocket-chat-api/protocol";
import type { AttachmentClaim, StoredAttachment } from "../../domain/attachments.ts";
import type { Caller } from "../../domain/caller.ts";
import type { Outcome } from "../../domain/outcome.ts";
import type { MessageLimits } from "../../settings.ts";
import type { Change, Emission, Room } from "./room.ts";
import type { MemberRow, MessageRow } from "./store.ts";

/** What a handler has found out before its turn. */
interface Prepared {
  sendMessage: StoredAttachment[];
}

/**
 * What a handler needs of messages as a whole. It is given, not imported: messages are made of parts, and the file of a
 * part holds its handlers too.
 */
export interface Messages {
  /** As the answer to a change. */
  toMessageFor(room: Room, viewer: MemberRow, row: MessageRow): Message;
  /** As they are fetched. */
  toFetched(room: Room, viewer: MemberRow, rows: MessageRow[]): FetchedMessage[];
  /** Writes a `system` message; see system.ts. */
  announce(
    room: Room,
    actor: UserSummary,
    content: string,
    note: { event: string; [detail: string]: unknown },
    now: number,
  ): Emission;
}

/** Who asks for what. */
export interface Context<Name extends OperationName> {
  room: Room;
  /** Who asks. */
  member: MemberRow;
  /** The place of the message that it is done to; 0 for operations on the conversation. */
  seq: number;
  input: OperationInput<Name>;
  /** The users whom the input names. */
  people: Caller[];
  limits: MessageLimits;
  /** Milliseconds since 1970. */
  now: number;
  prepared: Name extends keyof Prepared ? Prepared[Name] | undefined : undefined;
  messages: Messages;
}

/** What operations may ask of the world outside, before their turn. */
export interface Services {
  confirmAttachments(claim: AttachmentClaim): Promise<Outcome<StoredAttachment[]>>;
}

/** What an operation may bring about beside rows and events. */
export interface Effects {
  startTyping(room: Room, member: MemberRow, now: number): void;
  stopTyping(room: Room, userId: string): void;
  /** A member's devices have everything up to `seq`. */
  delivered(userId: string, seq: number): void;
  /** A member has read up to `seq`, which is written. */
  read(room: Room, userId: string, seq: number, now: number): void;
  /** The object's alarm rings at `time` or earlier. */
  ringBy(time: number): void;
}

/** An operation that changes something, in a turn of the conversation. */
export interface ChangeHandler<Name extends OperationName> {
  /** Does what has to wait for others, before the turn. Undefined: there is nothing to wait for. */
  prepare?(
    context: Context<Name>,
    services: Services,
  ): Promise<Outcome<Context<Name>["prepared"]>> | Outcome<Context<Name>["prepared"]> | undefined;
  /** Makes the change: everything that it writes is written when it returns. */
  apply(context: Context<Name>): Change<OperationResult<Name>>;
  /** It writes one row at most, and so is whole without a savepoint. */
  isOneWrite?(context: Context<Name>): boolean;
  /** What follows from a success and is not written. */
  after?(context: Context<Name>, effects: Effects): void;
}

/** An operation that writes nothing: it is answered at once. */
export interface AnswerHandler<Name extends OperationName> {
  answer(context: Context<Name>, effects: Effects): Outcome<OperationResult<Name>>;
}

export type Handler<Name extends OperationName> = ChangeHandler<Name> | AnswerHandler<Name>;

/** A handler for each operation: one that has none does not compile. */
export type Handlers = { [Name in OperationName]: Handler<Name> };
