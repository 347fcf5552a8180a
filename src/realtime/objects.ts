/**
 * The two objects as their callers see them. The platform's stubs do not know our types; here they get them, once.
 */
import type {
  AppMetadata,
  CloseKind,
  ConversationChanges,
  ConversationSnapshot,
  ConversationType,
  ErasedMessages,
  Failure,
  OperationName,
  OperationResult,
  PresenceStatus,
  Settings,
} from "@rocket-chat-api/protocol";
import type { BlockRequestName, BlockRequests } from "../domain/block-requests.ts";
import type { BlockWord } from "../domain/blocks.ts";
import type { Caller, Identity } from "../domain/caller.ts";
import type { Command } from "../domain/command.ts";
import type { BatchPlace, DeliveredFrames } from "../domain/delivered-frames.ts";
import type { ErasureOrder } from "../domain/erased-person.ts";
import type { FilterNote } from "../domain/filter/verdict.ts";
import type { MessageRequest } from "../domain/message-request.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { ConversationChoice } from "../domain/preferences.ts";
import type { NumberedWord, PushNote } from "../domain/push-note.ts";
import type { PushRequestName, PushRequests } from "../domain/push-requests.ts";
import type { QuestionName, Questions } from "../domain/questions.ts";
import type { Overspent, Spending } from "../domain/quota.ts";
import type { RecoveryRequestName, RecoveryRequests } from "../domain/recovery.ts";
import type { Restriction } from "../domain/restriction.ts";
import type { Screen } from "../domain/screen.ts";
import type { ServerRequestName, ServerRequests } from "../domain/server-requests.ts";
import type { EpochMs } from "../domain/time.ts";
import type { MemberUnread } from "../domain/unread.ts";
import type { DeliveryAnswer } from "../domain/wake.ts";
import type { Env } from "../env.ts";
import { currentTrace } from "../tracing.ts";
import type { Handshake } from "./handshake.ts";
import { carrying } from "./traced-calls.ts";

/** What a conversation is made of. */
export interface NewConversation {
  conversation_id: string;
  type: ConversationType;
  name: string | null;
  description: string | null;
  /** The owner of a group; null if a server makes it for nobody in particular. */
  creator: Caller | null;
  /** All other members. */
  others: Caller[];
  /** Settings that are not the usual ones. */
  settings?: Partial<Settings>;
  metadata?: AppMetadata | null;
  /** Of a direct conversation: that the others have not accepted it. */
  request?: MessageRequest | null;
  /** What filters have masked or flagged in its name and description. */
  filtered?: FilterNote[];
  /** The blocks between its members (rule 29). */
  blocks?: BlockWord[];
}

/** A change of presence. */
export interface PresenceFrames {
  open: string;
  /** For members who do not show when they were last online: they do not see it of others (rule 29). */
  discreet: string;
}

/** The user who gets in with a ticket, and when their token ends. */
export type TicketHolder = Pick<Handshake, "caller" | "expires_at" | "issued_at">;

/** A socket at a conversation itself, as its user's hub knows it. */
export interface DirectSocket {
  connection_id: string;
  conversation_id: string;
  expires_at: EpochMs;
  /** When its token was issued; 0 if the token does not say. */
  issued_at: EpochMs;
}

/** A conversation's answer to a resume. */
export interface Resumed {
  frames: string[];
  /** The `seq` that a client has reached with them; 0 if the user is not a member. */
  seq: number;
  /** The user's counts now. An older release tells none. */
  unread?: MemberUnread;
}

/** A conversation's answer to a hub that wakes it. */
export interface Woken {
  /** When it last skipped a member. */
  skipped_at: EpochMs;
  /** The user's counts, where the directory may not have them yet. */
  unread: MemberUnread | null;
}

/** The answer to a command that came over a user's socket. */
export interface HubAnswer {
  /** Its body is JSON: to pass a message on as an object costs more than the rest of a call. */
  outcome: Outcome<string | undefined>;
  /** What the hub would get by a call otherwise. */
  events: DeliveredFrames | undefined;
  /** The user's counts, if the command or the events may have changed them. An older release tells none. */
  unread?: MemberUnread | null;
}

/** A conversation (conversation/conversation.ts). */
export interface ConversationObject {
  fetch(request: Request): Promise<Response>;
  ping(): Promise<void>;
  create(input: NewConversation): Promise<Outcome<ConversationSnapshot>>;
  /** What only a server may ask. */
  executeForServer<Name extends ServerRequestName>(
    name: Name,
    input: ServerRequests[Name]["input"],
  ): Promise<Outcome<ServerRequests[Name]["answer"]>>;
  execute<Name extends OperationName>(
    caller: Caller,
    command: Command<Name>,
  ): Promise<Outcome<OperationResult<Name>>>;
  executeForHub(caller: Caller, command: Command): Promise<HubAnswer>;
  ask<Name extends QuestionName>(
    caller: Caller | null,
    name: Name,
    input: Questions[Name]["input"],
  ): Promise<Outcome<Questions[Name]["answer"]>>;
  shownAttachments(ids: string[]): Promise<string[]>;
  changes(
    caller: Caller,
    since: number | null,
    maxMessages: number,
    mayHaveCopy?: boolean,
  ): Promise<Outcome<ConversationChanges>>;
  resume(caller: Caller, since: number, wakeEpoch: number): Promise<Outcome<Resumed>>;
  wake(userId: string, wakeEpoch: number, isWhole: true): Promise<EpochMs | Woken>;
  pushState(
    userId: string,
    seq: number,
    word?: NumberedWord,
    isRaised?: boolean,
  ): Promise<PushNote | undefined>;
  forward(userId: string, frames: string[]): Promise<void>;
  closeRestricted(userId: string, restriction: Restriction): Promise<void>;
  hasSocket(userId: string, connectionId: string): Promise<boolean>;
  notifyPresence(userId: string, frames: PresenceFrames): Promise<void>;
  profileChanged(profile: Caller): Promise<void>;
  /** Takes what hubs say about blocks between members. Repeating it is harmless; an unknown conversation writes nothing. */
  setBlocks(words: BlockWord[]): Promise<void>;
  /** Takes a step of going back to a point in time. Those that start the object again fail. */
  recover<Name extends RecoveryRequestName>(
    name: Name,
    input: RecoveryRequests[Name]["input"],
  ): Promise<Outcome<RecoveryRequests[Name]["answer"]>>;
  rebuildProjection(isBegun?: boolean): Promise<Rebuilt>;
  /** The deployment keeps messages for another time. An unknown conversation writes nothing. */
  checkRetention(): Promise<void>;
}

/** A user's hub (user-hub/user-hub.ts). */
export interface UserHubObject {
  fetch(request: Request): Promise<Response>;
  deliver(
    conversationId: string,
    frames: readonly string[],
    seqs: readonly number[],
    place: BatchPlace,
    people: DeliveredFrames["people"],
    unread: MemberUnread | null,
    note: PushNote | undefined,
  ): Promise<DeliveryAnswer>;
  pushNoted(note: PushNote): Promise<NumberedWord>;
  /** A frame for the user's devices that are connected to the hub. */
  deliverFrame(frame: string): Promise<void>;
  preferencesChanged(
    userId: string,
    conversationId: string,
    choice: ConversationChoice,
    frame: string,
  ): Promise<void>;
  /** @returns why the socket must close, if it must. */
  attach(userId: string, socket: DirectSocket): Promise<CloseKind | undefined>;
  restrict(userId: string, restriction: Restriction): Promise<void>;
  /** Deletes everything that is known of the user, for good. */
  erase(userId: string, messages: ErasedMessages): Promise<void>;
  /** Forgets another person, who was erased. */
  forgetPerson(order: ErasureOrder): Promise<void>;
  /** Why the user may open no socket. @param issued_at when their token was issued. */
  checkAccess(issued_at: EpochMs): Promise<Failure | undefined>;
  sendCustom(frame: string): Promise<void>;
  detach(connectionId: string): Promise<void>;
  setStatus(userId: string, status: PresenceStatus, socket: DirectSocket): Promise<Outcome<null>>;
  setScreen(userId: string, screen: Screen | null, socket: DirectSocket): Promise<Outcome<null>>;
  askPush<Name extends PushRequestName>(
    userId: string,
    name: Name,
    input: PushRequests[Name]["input"],
  ): Promise<Outcome<PushRequests[Name]["result"]>>;
  askBlocks<Name extends BlockRequestName>(
    userId: string,
    name: Name,
    input: BlockRequests[Name]["input"],
  ): Promise<Outcome<BlockRequests[Name]["result"]>>;
  profileChanged(profile: Caller): Promise<void>;
  claimsSeen(identity: Identity): Promise<void>;
  issueTicket(holder: TicketHolder): Promise<string>;
  redeemTicket(ticket: string): Promise<TicketHolder | undefined>;
  spend(wanted: Spending): Promise<Overspent | undefined>;
  /** Gives the directory back what it has lost of this user. */
  restoreDirectory(): Promise<Rebuilt>;
}

/** How far an object is with giving the directory back what it has lost. `empty`: the object holds nothing. */
export type Rebuilt = "done" | "pending" | "empty";

/** Where the stubs of one class of objects come from. */
export type Namespace = Pick<DurableObjectNamespace, "idFromName" | "get">;

/** The length of the platform's own id of an object. */
const PLATFORM_ID_LENGTH = 64;

/** The stub of an object that is named by an id of ours, or by the platform's own. @throws if it is of another class. */
export function stubById<T>(namespace: DurableObjectNamespace, id: string): T {
  return id.length === PLATFORM_ID_LENGTH
    ? (namespace.get(namespace.idFromString(id)) as unknown as T)
    : stubOf<T>(namespace, id);
}

/** The conversation with this id. Calls carry the trace of what runs now. */
export function conversationObject(env: Pick<Env, "CONVERSATION">, id: string): ConversationObject {
  return carrying(stubOf<ConversationObject>(env.CONVERSATION, id), currentTrace());
}

/** A user's hub. Calls carry the trace of what runs now. */
export function hubObject(env: Pick<Env, "USER_HUB">, userId: string): UserHubObject {
  return carrying(stubOf<UserHubObject>(env.USER_HUB, userId), currentTrace());
}

/** The stub of an object. The one place where it gets its type. */
export function stubOf<T>(namespace: Namespace, name: string): T {
  return namespace.get(namespace.idFromName(name)) as unknown as T;
}
