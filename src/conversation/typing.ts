/** Typing indicators: in memory only, and ended after 6 seconds (rule 22). */
import { TYPING_TTL_MS } from "@rocket-chat-api/protocol";
import { checkOpen, checkSend } from "../domain/access.ts";
import { isKeptApart } from "../domain/message-request.ts";
import { checkWrite } from "../domain/moderation.ts";
import { found, refused } from "../domain/outcome.ts";
import type { EpochMs } from "../domain/time.ts";
import type { Context, Effects, Handlers } from "./state/handler.ts";
import { checkWriting } from "./state/message-requests.ts";
import type { Emission, Room } from "./state/room.ts";
import type { MemberRow } from "./state/store.ts";

export class Typing {
  readonly #emit: (emissions: Emission[]) => void;
  /** When each member's typing ends. */
  readonly #until = new Map<string, EpochMs>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param emit sends the events. */
  constructor(emit: (emissions: Emission[]) => void) {
    this.#emit = emit;
  }

  /** Starts typing. Others are notified once, not with every key. */
  start(room: Room, member: MemberRow, now: EpochMs): void {
    const known = this.#until.has(member.user_id);
    this.#until.set(member.user_id, now + TYPING_TTL_MS);
    if (!known) this.#emit([typingEvent(room, member, true)]);
    this.#watch(room, now);
  }

  /** Ends typing, after a stop, a message, or leaving. Does nothing if the member was not typing. */
  stop(room: Room, userId: string): void {
    if (!this.#until.delete(userId)) return;
    // The roster also contains members who have just left.
    const member = room.roster.get(userId);
    if (member) this.#emit([typingEvent(room, member, false)]);
  }

  /** Two members are apart from now on: what each was shown of the other's typing ends. */
  separate(room: Room, one: string, other: string): void {
    for (const [typist, viewer] of [
      [one, other],
      [other, one],
    ] as const) {
      const member = this.#until.has(typist) ? room.member(typist) : undefined;
      if (member && room.member(viewer)) this.#emit([typingEvent(room, member, false, new Set([viewer]))]);
    }
  }

  /** One timer, set for the typing that ends first. */
  #watch(room: Room, now: EpochMs): void {
    if (this.#timer !== undefined || this.#until.size === 0) return;
    const next = Math.min(...this.#until.values());
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#expire(room, Date.now());
      },
      Math.max(next - now, 0),
    );
  }

  #expire(room: Room, now: EpochMs): void {
    for (const [userId, until] of this.#until) if (until <= now) this.stop(room, userId);
    this.#watch(room, now);
  }
}

/** Members who may not send may not type. Who was silenced while they typed may still stop. */
function type(
  { room, member, now }: Context<"startTyping" | "stopTyping">,
  effects: Effects,
  isTyping: boolean,
) {
  const { settings } = room.info;
  const refusal =
    (isTyping ? (checkOpen(room.blocks.isClosed) ?? checkWrite(member, settings, now)) : undefined) ??
    checkSend(member, settings) ??
    checkWriting(room, member);
  if (refusal) return refused(refusal);
  // Who types an answer to a stranger has not answered yet.
  if (isKeptApart(member.request)) return found(null);
  if (isTyping) effects.startTyping(room, member, now);
  else effects.stopTyping(room, member.user_id);
  return found(null);
}

export const typingHandlers = {
  startTyping: { answer: (context, effects) => type(context, effects, true) },
  stopTyping: { answer: (context, effects) => type(context, effects, false) },
} satisfies Partial<Handlers>;

/** The event, for all members except the typing one and those who are apart from them (rule 29). */
function typingEvent(
  room: Room,
  { user_id, username }: MemberRow,
  is_typing: boolean,
  audience = room.blocks.withoutApart(user_id, room.audience),
): Emission {
  const to = new Set(audience);
  to.delete(user_id);
  const data = { user_id, username, is_typing };
  return { event: { type: "typing.indicator", conversation_id: room.id, data }, to };
}
