/** The Durable Object of one conversation: its RPC interface. `assemble` creates the components. */

import { DurableObject } from "cloudflare:workers";
import {
  type ConversationChanges,
  type ConversationSnapshot,
  type OperationName,
  type OperationResult,
  PROJECTION_WAIT_MS,
} from "@rocket-chat-api/protocol";
import type { BlockWord } from "../domain/blocks.ts";
import type { Caller } from "../domain/caller.ts";
import type { Command } from "../domain/command.ts";
import { type Outcome, refused } from "../domain/outcome.ts";
import type { NumberedWord, PushNote } from "../domain/push-note.ts";
import type { QuestionName, Questions } from "../domain/questions.ts";
import type { RecoveryInput, RecoveryRequestName } from "../domain/recovery.ts";
import type { Restriction } from "../domain/restriction.ts";
import type { ServerRequestName, ServerRequests } from "../domain/server-requests.ts";
import type { EpochMs } from "../domain/time.ts";
import type { Env } from "../env.ts";
import { reportIfDue } from "../metrics/report.ts";
import { readHandshake } from "../realtime/handshake.ts";
import type {
  ConversationObject,
  HubAnswer,
  NewConversation,
  PresenceFrames,
  Rebuilt,
  Resumed,
  Woken,
} from "../realtime/objects.ts";
import { takeTraces } from "../realtime/traced-calls.ts";
import { inTrace } from "../tracing.ts";
import { onAlarm } from "./alarm.ts";
import { type Assembly, assemble, takeBlocks, takeProfile } from "./assembly.ts";
import { isChange, isRead } from "./commands.ts";
import { changesForSync, resume } from "./delivery/resume.ts";
import { wakeHub } from "./delivery/wake-hub.ts";
import { createConversation } from "./members/create.ts";
import { shownAmong } from "./messages/attachments.ts";
import { ask } from "./queries.ts";
import { isDestroyed } from "./server/destroy.ts";
import { SocketHandler } from "./socket-handler.ts";

/** A rebuild is waited for so long, in milliseconds; the alarm goes on with it. */
const REBUILD_WAIT_MS = 2_000;

export class Conversation extends DurableObject<Env> implements ConversationObject {
  readonly #its: Assembly;
  readonly #sockets: SocketHandler;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#its = assemble(ctx, env, (socket) => {
      this.#its.engine.inTurn({ act: () => ctx.waitUntil(this.#sockets.afterClose(socket)) });
    });
    this.#sockets = new SocketHandler(ctx, env, this.#its);
    const { store, engine, checkpoint } = this.#its;
    if (!store.exists()) return;
    void ctx.blockConcurrencyWhile(async () => {
      await store.migrate();
      if (engine.room) checkpoint.recover(engine.room, Date.now());
    });
  }

  /** Checks that the storage answers. For `/health/ready`. */
  async ping(): Promise<void> {
    this.ctx.storage.sql.exec("SELECT 1").toArray();
  }

  /** Creates the conversation. A retry answers 200 with the existing one. */
  async create(input: NewConversation): Promise<Outcome<ConversationSnapshot>> {
    const { store, engine, hubDelivery, directory } = this.#its;
    if (isDestroyed(this.ctx)) return refused("CONFLICT", "This conversation was deleted");
    if (!store.exists()) await store.migrate();
    const outcome = await engine.change((now) => {
      const change = store.atomically(() => createConversation(store, engine.room, input, now));
      engine.forget();
      return change;
    });
    hubDelivery.callNow();
    await directory.settled(PROJECTION_WAIT_MS);
    return outcome;
  }

  /** Executes an operation of a REST request. After the answer its client looks for the change in its list. */
  async execute<Name extends OperationName>(
    caller: Caller,
    command: Command<Name>,
  ): Promise<Outcome<OperationResult<Name>>> {
    const { commands, hubDelivery, directory } = this.#its;
    const outcome = await commands.execute(caller, command);
    if (isRead(command.operation)) return outcome;
    // A client that connects after the answer must not get earlier events as live ones.
    hubDelivery.callNow();
    if (isChange(command.operation)) await directory.settled(PROJECTION_WAIT_MS);
    return outcome;
  }

  /** Executes what only a server may ask. */
  async executeForServer<Name extends ServerRequestName>(
    name: Name,
    input: ServerRequests[Name]["input"],
  ): Promise<Outcome<ServerRequests[Name]["answer"]>> {
    const { server, hubDelivery, directory } = this.#its;
    const outcome = await server.execute(name, input);
    hubDelivery.callNow();
    await directory.settled(PROJECTION_WAIT_MS);
    return outcome;
  }

  /** Executes an operation that came over a user's socket. The events that it causes there travel with the answer. */
  async executeForHub(caller: Caller, command: Command): Promise<HubAnswer> {
    const { commands, hubDelivery } = this.#its;
    return hubDelivery.answering(caller.user_id, command, (reply) =>
      commands.execute(caller, command, reply),
    );
  }

  /** Answers a question about a caller that is no operation. @param caller null if nobody in particular asks. */
  async ask<Name extends QuestionName>(
    caller: Caller | null,
    name: Name,
    input: Questions[Name]["input"],
  ): Promise<Outcome<Questions[Name]["answer"]>> {
    return ask(this.#its.engine.room, caller, name, input);
  }

  /** The attachments among these that a message still shows. The collector asks before it deletes. */
  async shownAttachments(ids: string[]): Promise<string[]> {
    return shownAmong(this.#its.engine.room, ids);
  }

  /** The caller's changes since a position; null means the newest page (see `changesSince`). */
  async changes(
    caller: Caller,
    since: number | null,
    maxMessages: number,
    mayHaveCopy = false,
  ): Promise<Outcome<ConversationChanges>> {
    const asked = { since, maxMessages, mayHaveCopy };
    return changesForSync(this.#its.engine.room, caller, asked, this.#its.delivered);
  }

  /** The frames that bring a socket of the caller's hub up to date. From now on the hub gets all events. */
  async resume(caller: Caller, since: number, wakeEpoch: number): Promise<Outcome<Resumed>> {
    const { engine, fanOut, hubDelivery, delivered } = this.#its;
    // Pending events are part of the changes, so they must not be delivered again later.
    fanOut.flush();
    hubDelivery.callNow();
    const resumed = resume(engine.room, caller, since, delivered);
    if (resumed.ok) hubDelivery.wake(caller.user_id, wakeEpoch);
    return resumed;
  }

  /** A member's hub has a socket again. @returns when the hub was last skipped, or more; see {@link wakeHub}. */
  async wake(userId: string, wakeEpoch: number, isWhole = false): Promise<EpochMs | Woken> {
    return wakeHub(this.#its, userId, wakeEpoch, isWhole);
  }

  /** What a member's hub asks for before it pushes; see `stateOf`. @param seq of a message that waits; 0 if none does. */
  async pushState(
    userId: string,
    seq: number,
    word?: NumberedWord,
    isRaised?: boolean,
  ): Promise<PushNote | undefined> {
    return this.#its.push.stateOf(userId, seq, word, isRaised);
  }

  /** Sends frames from a user's hub to the user's sockets here. */
  async forward(userId: string, frames: string[]): Promise<void> {
    this.#sockets.forward(userId, frames);
  }

  /** Closes the sockets that a user may no longer have. */
  async closeRestricted(userId: string, restriction: Restriction): Promise<void> {
    this.#its.sessions.closeRestricted(userId, restriction);
  }

  /** Whether a user still has an open socket here. */
  async hasSocket(userId: string, connectionId: string): Promise<boolean> {
    return this.#sockets.has(userId, connectionId);
  }

  /** Sends a member's change of presence to the sockets here. */
  async notifyPresence(userId: string, frames: PresenceFrames): Promise<void> {
    await this.#sockets.notifyPresence(userId, frames);
  }

  /** Takes what members' hubs say of whom they have blocked (rule 29). */
  async setBlocks(words: BlockWord[]): Promise<void> {
    await takeBlocks(this.#its, words);
  }

  /** Updates the profile of a current or former member. */
  async profileChanged(profile: Caller): Promise<void> {
    await takeProfile(this.#its, profile);
  }

  /** Writes the whole projection again (docs/backup.md). @param isBegun to wait for one that is under way. */
  async rebuildProjection(isBegun = false): Promise<Rebuilt> {
    return this.#its.engine.room ? await this.#its.directory.rebuilt(isBegun, REBUILD_WAIT_MS) : "empty";
  }

  /** Takes a step of going back to a point in time (docs/backup.md). Some end this object: then the call fails. */
  async recover<Name extends RecoveryRequestName>(name: Name, input: RecoveryInput<Name>) {
    return await this.#its.recovery.take(name, input);
  }

  /** The deployment keeps messages for another time: the alarm looks whether any is too old. */
  async checkRetention(): Promise<void> {
    if (this.#its.engine.room) this.#its.clock.ringBy(Date.now());
  }

  /** Accepts a member's socket. The Worker has authenticated the caller. */
  override async fetch(request: Request): Promise<Response> {
    const handshake = readHandshake(request);
    const allowed = await this.ask(handshake.caller, "membership", null);
    if (!allowed.ok) return Response.json(allowed.error, { status: 403 });
    return inTrace(handshake.trace, () => this.#sockets.onConnect(handshake));
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    this.#sockets.onMessage(socket, frame);
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    this.#its.sessions.closedByClient(socket, code);
    await this.#sockets.onClose(socket);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    await this.webSocketClose(socket, 1006);
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    await onAlarm(this.#its, now);
    reportIfDue(this.env, now, (work) => this.ctx.waitUntil(work));
  }
}

takeTraces(Conversation.prototype);
