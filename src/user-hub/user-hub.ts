/** The Durable Object of one user: what other parts may ask of it. `assemble` puts the pieces behind it together. */
import { DurableObject } from "cloudflare:workers";
import type { CloseKind, ErasedMessages, Failure, PresenceStatus } from "@rocket-chat-api/protocol";
import { openDirectory } from "../directory/database.ts";
import type { BlockRequestName, BlockRequests } from "../domain/block-requests.ts";
import type { Caller, Identity } from "../domain/caller.ts";
import type { BatchPlace, DeliveredFrames } from "../domain/delivered-frames.ts";
import type { ErasureOrder } from "../domain/erased-person.ts";
import { type Outcome, refused } from "../domain/outcome.ts";
import { type ConversationChoice, endOfMute } from "../domain/preferences.ts";
import type { NumberedWord, PushNote } from "../domain/push-note.ts";
import type { PushRequestName, PushRequests } from "../domain/push-requests.ts";
import { type Overspent, type Spending, spend } from "../domain/quota.ts";
import type { Restriction } from "../domain/restriction.ts";
import type { Screen } from "../domain/screen.ts";
import type { EpochMs } from "../domain/time.ts";
import type { MemberUnread } from "../domain/unread.ts";
import type { DeliveryAnswer } from "../domain/wake.ts";
import type { Env } from "../env.ts";
import { reportIfDue } from "../metrics/report.ts";
import { EncodedEvent } from "../realtime/encoded-event.ts";
import { readHandshake } from "../realtime/handshake.ts";
import type { DirectSocket, Rebuilt, TicketHolder, UserHubObject } from "../realtime/objects.ts";
import { takeTraces } from "../realtime/traced-calls.ts";
import { onAlarm } from "./alarm.ts";
import { type Assembly, assemble } from "./assembly.ts";
import { eraseHub, forgetPerson, NOBODY } from "./erase.ts";
import { restoreDirectory } from "./restore.ts";
import { SocketHandler } from "./socket-handler.ts";

export class UserHub extends DurableObject<Env> implements UserHubObject {
  #its: Assembly;
  #sockets: SocketHandler;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ({ its: this.#its, sockets: this.#sockets } = begin(ctx, env));
    const { store } = this.#its;
    if (store.exists()) void ctx.blockConcurrencyWhile(() => store.migrate());
  }

  /** Deletes everything that is known of the user, for good. Their sockets close. Repeating it is harmless. */
  async erase(userId: string, messages: ErasedMessages): Promise<void> {
    await eraseHub(this.ctx.storage, this.#its, userId, messages);
    // What the old pieces remember is as it was.
    ({ its: this.#its, sockets: this.#sockets } = begin(this.ctx, this.env));
  }

  /** Forgets another person, who was erased. Repeating it is harmless. */
  async forgetPerson(order: ErasureOrder): Promise<void> {
    await forgetPerson(this.ctx.storage, this.#its, order);
  }

  /**
   * Delivers events of one conversation to this user's sockets.
   * @param seqs the number of each event, 0 for events without one.
   * @param place the place of this batch among all that the conversation hands over; an older release names none.
   * @param people is there if the events are in their short form; see {@link DeliveredFrames}.
   * @param unread the user's counts, null if they have not changed; an older release tells none.
   * @param note what is new to a user with devices.
   * @returns "idle" when no socket is open; the hub then remembers the conversation and wakes it on the next connect.
   */
  async deliver(
    conversationId: string,
    frames: readonly string[],
    seqs: readonly number[],
    place?: BatchPlace,
    people?: DeliveredFrames["people"],
    unread?: MemberUnread | null,
    note?: PushNote,
  ): Promise<DeliveryAnswer> {
    if (this.#its.access.isErased) return NOBODY;
    const { delivery, push } = this.#its;
    const delivered = { frames, seqs, place, ...(people && { people }) };
    const answer = await delivery.deliver(conversationId, delivered, unread);
    reportIfDue(this.env, Date.now(), (work) => this.ctx.waitUntil(work));
    const word = note ? push.noted(note) : push.wordOf(conversationId);
    return word ? { ...answer, push: word } : answer;
  }

  /** A conversation tells what is new to this user. @returns how much it is to tell from now on. */
  async pushNoted(note: PushNote): Promise<NumberedWord> {
    return this.#its.access.isErased ? NOBODY.push : this.#its.push.noted(note);
  }

  /** Asks about the user's devices, or changes them. */
  async askPush<Name extends PushRequestName>(
    userId: string,
    name: Name,
    input: PushRequests[Name]["input"],
  ): Promise<Outcome<PushRequests[Name]["result"]>> {
    if (this.#its.access.isErased) return refused("USER_DEACTIVATED");
    return await this.#its.push.ask(userId, name, input);
  }

  /** Asks about the user's blocks, or changes them (rule 29). */
  async askBlocks<Name extends BlockRequestName>(
    userId: string,
    name: Name,
    input: BlockRequests[Name]["input"],
  ): Promise<Outcome<BlockRequests[Name]["result"]>> {
    if (this.#its.access.isErased) return refused("USER_DEACTIVATED");
    return await this.#its.blocks.ask(userId, name, input);
  }

  /** Delivers a frame to this user's sockets here, if there are any. */
  async deliverFrame(frame: string): Promise<void> {
    this.#its.sender.broadcast([EncodedEvent.fromFull(frame)]);
  }

  /** The user has set something for one conversation. Resolves when nothing pushes that must not. @param frame for their sockets. */
  async preferencesChanged(
    userId: string,
    conversation_id: string,
    choice: ConversationChoice,
    frame: string,
  ): Promise<void> {
    if (this.#its.access.isErased) return;
    await this.#its.push.ask(userId, "choose", { conversation_id, ...choice });
    this.ctx.waitUntil(this.#its.delivery.notify(frame, conversation_id, endOfMute(choice)));
  }

  /** The user has opened a socket at a conversation itself. @returns why it must close, if it must. */
  async attach(userId: string, socket: DirectSocket): Promise<CloseKind | undefined> {
    const { access, directSockets } = this.#its;
    const refusal = access.closeReason(socket.issued_at);
    if (!refusal) await directSockets.attach(userId, socket);
    return refusal;
  }

  /** A server restricts the user, or no longer does. Resolves when the sockets that this concerns are closed. */
  async restrict(userId: string, restriction: Restriction): Promise<void> {
    const { access, push } = this.#its;
    await access.restrict(userId, restriction);
    push.restricted(Date.now());
  }

  /** Why the user may open no socket. @param issued_at when their token was issued. */
  async checkAccess(issued_at: EpochMs): Promise<Failure | undefined> {
    return this.#its.access.check(issued_at);
  }

  /** Sends an event to all of the user's sockets, here and at conversations. */
  async sendCustom(frame: string): Promise<void> {
    await this.#its.access.sendCustom(frame);
  }

  /** A socket at a conversation has closed. */
  async detach(connectionId: string): Promise<void> {
    await this.#its.directSockets.detach(connectionId);
  }

  /** A socket at a conversation sets the status of its device (rule 22). */
  async setStatus(userId: string, status: PresenceStatus, socket: DirectSocket): Promise<Outcome<null>> {
    return await this.#its.directSockets.setStatus(userId, status, socket);
  }

  /** A socket at a conversation says what its app shows; null if it is in the background. */
  async setScreen(userId: string, screen: Screen | null, socket: DirectSocket): Promise<Outcome<null>> {
    return await this.#its.directSockets.setScreen(userId, screen, socket);
  }

  /** The user's profile has changed in the directory. Resolves when that is certain to reach all conversations. */
  async profileChanged(profile: Caller): Promise<void> {
    if (!this.#its.access.isErased) await this.#its.profiles.onChange(profile);
  }

  /** A newer token has come over a socket. Its claims count as they would with a request. */
  async claimsSeen(identity: Identity): Promise<void> {
    if (!this.#its.access.isErased) await this.#its.profiles.claimsSeen(identity);
  }

  /** Makes a ticket that opens one socket within half a minute (rule 4). */
  async issueTicket(holder: TicketHolder): Promise<string> {
    // Of a user who was erased none is kept, so it opens nothing.
    if (this.#its.access.isErased) return `${holder.caller.user_id}.${crypto.randomUUID()}`;
    return await this.#its.tickets.issue(holder);
  }

  /** Uses a ticket up; undefined if it is unknown, used or expired. */
  async redeemTicket(ticket: string): Promise<TicketHolder | undefined> {
    const holder = this.#its.tickets.redeem(ticket);
    return holder && !this.#its.access.check(holder.issued_at ?? 0) ? holder : undefined;
  }

  /** Takes from the user's budgets. @returns the reason if a budget does not suffice; then nothing is taken. */
  async spend(wanted: Spending): Promise<Overspent | undefined> {
    const { store, access } = this.#its;
    if (access.isErased) return undefined;
    const result = spend(store.spent(), wanted, Date.now());
    if ("refused" in result) return result.refused;
    store.putSpent(result.spent);
    return undefined;
  }

  /** Gives the directory back what it has lost of this user (docs/backup.md). */
  async restoreDirectory(): Promise<Rebuilt> {
    return await restoreDirectory(this.#its, openDirectory(this.env.DB));
  }

  /** Opens a socket of this user. The Worker has authenticated the caller. */
  override async fetch(request: Request): Promise<Response> {
    return await this.#sockets.onConnect(readHandshake(request));
  }

  override async webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> {
    await this.#sockets.onMessage(socket, frame);
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    this.#its.sessions.closedByClient(socket, code);
    await this.#sockets.onClose(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    await this.webSocketClose(socket, 1006);
  }

  override async alarm(): Promise<void> {
    await onAlarm(this.#its, Date.now());
  }
}

takeTraces(UserHub.prototype);

/** Puts the pieces of a hub together. */
function begin(ctx: DurableObjectState, env: Env): { its: Assembly; sockets: SocketHandler } {
  const its = assemble(ctx, env, (socket) => ctx.waitUntil(sockets.afterClose(socket)));
  const sockets = new SocketHandler(ctx, env, its);
  return { its, sockets };
}
