/**
 * Executes the commands of members, from REST and from both kinds of socket: finds the message, checks the membership, runs
 * the handler.
 */
import {
  declarationOf,
  OPERATIONS,
  type OperationName,
  type OperationResult,
  seqWithin,
} from "@rocket-chat-api/protocol";
import type { Caller } from "../domain/caller.ts";
import type { Command } from "../domain/command.ts";
import { type Outcome, refused } from "../domain/outcome.ts";
import type { Reply } from "../realtime/frames.ts";
import type { MessageLimits } from "../settings.ts";
import { inTrace } from "../tracing.ts";
import type { Engine } from "./engine.ts";
import { refreshProfile } from "./members/profiles.ts";
import { toFetched } from "./messages/history.ts";
import { announce } from "./messages/system.ts";
import { toMessageFor } from "./messages/views.ts";
import { HANDLERS } from "./operations.ts";
import { refuseOutsider } from "./state/bans.ts";
import type { ChangeHandler, Context, Effects, Handler, Messages, Services } from "./state/handler.ts";
import type { Change } from "./state/room.ts";

const MESSAGES: Messages = { toMessageFor, toFetched, announce };

/** Whether an operation can change something. */
export function isChange(operation: OperationName): boolean {
  return "apply" in HANDLERS[operation];
}

/** Whether an operation only reads. */
export function isRead(operation: OperationName): boolean {
  return declarationOf(operation).rest?.[0] === "GET";
}

/** Whether filters look at what an operation writes. */
function isFiltered(operation: OperationName): boolean {
  const handler = HANDLERS[operation];
  return "apply" in handler && handler.isFiltered === true;
}

export class Commands {
  readonly #engine: Engine;
  readonly #limits: MessageLimits;
  readonly #services: Services;
  readonly #effects: Effects;

  constructor(engine: Engine, limits: MessageLimits, services: Services, effects: Effects) {
    this.#engine = engine;
    this.#limits = limits;
    this.#services = services;
    this.#effects = effects;
  }

  /**
   * Executes a command. Resolves when its changes are written. The output gate holds everything sent until that is on
   * disk.
   * @param reply gets the answer inside the turn, so that the output gate holds it too.
   */
  async execute<Name extends OperationName>(
    caller: Caller,
    command: Command<Name>,
    reply?: Reply,
  ): Promise<Outcome<OperationResult<Name>>> {
    // TypeScript cannot infer that the handler found by a name belongs to that name.
    const handler = HANDLERS[command.operation] as unknown as Handler<Name>;
    if ("answer" in handler) {
      const context = this.#contextOf(caller, command, Date.now(), undefined);
      const answered = context.ok ? handler.answer(context.body, this.#effects) : context;
      reply?.(answered);
      return answered;
    }
    if (isFiltered(command.operation) && !this.#services.filters.isReady)
      await this.#services.filters.ready(Date.now());
    // Most commands prepare nothing. They must not wait here, or they would miss the turn that runs.
    const prepared = handler.needsPreparing?.(command.input)
      ? await this.#prepare(caller, command, handler)
      : undefined;
    if (prepared && !prepared.ok) return prepared;
    return await this.#engine.change(
      (now) => this.#apply(caller, command, handler, now, prepared?.body as Context<Name>["prepared"]),
      reply,
      command.trace ?? null,
    );
  }

  async #prepare<Name extends OperationName>(
    caller: Caller,
    command: Command<Name>,
    handler: ChangeHandler<Name>,
  ): Promise<Outcome<unknown> | undefined> {
    const context = this.#contextOf(caller, command, Date.now(), undefined);
    if (!context.ok) return context;
    return await inTrace(command.trace, () => handler.prepare?.(context.body, this.#services));
  }

  #apply<Name extends OperationName>(
    caller: Caller,
    command: Command<Name>,
    handler: ChangeHandler<Name>,
    now: number,
    prepared: Context<Name>["prepared"],
  ): Change<OperationResult<Name>> {
    const { room, store } = this.#engine;
    const renamed = room ? refreshProfile(room, caller) : [];
    const context = this.#contextOf(caller, command, now, prepared);
    if (!context.ok) return { outcome: context, emissions: renamed };
    const change = handler.isOneWrite?.(context.body)
      ? handler.apply(context.body)
      : store.atomically(() => handler.apply(context.body));
    if (change.outcome.ok) handler.after?.(context.body, this.#effects);
    return renamed.length === 0 ? change : { ...change, emissions: [...renamed, ...change.emissions] };
  }

  /** Builds the handler's context, or a refusal. Non-members only learn whether the conversation exists (rule 6). */
  #contextOf<Name extends OperationName>(
    { user_id }: Caller,
    { operation, conversation_id, message_id, input, people = [], silent = false }: Command<Name>,
    now: number,
    prepared: unknown,
  ): Outcome<Context<Name>> {
    const { room } = this.#engine;
    if (!room)
      return conversation_id ? refused("CONVERSATION_NOT_FOUND") : refused("NOT_FOUND", "No such message");
    const member = room.member(user_id);
    if (!member) return refused(refuseOutsider(room, user_id, now));
    if (room.erased.has(user_id)) return refused("USER_DEACTIVATED");
    const seq = OPERATIONS[operation].on === "message" ? seqWithin(room.id, message_id ?? "") : 0;
    if (seq === undefined) return refused("NOT_FOUND", "No such message");
    const context = {
      room,
      member,
      seq,
      input,
      people,
      isSilent: silent,
      limits: this.#limits,
      filters: isFiltered(operation) ? this.#services.filters.current(now) : undefined,
      now,
      prepared,
      messages: MESSAGES,
    };
    return { ok: true, status: 200, body: context as Context<Name> };
  }
}
