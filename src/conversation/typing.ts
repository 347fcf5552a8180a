/** Who is typing: in memory only, and over after six seconds (rule 22). */
import { TYPING_TTL_MS } from "@rocket-chat-api/protocol";
import { refuseSend } from "../domain/access.ts";
import { found } from "../domain/outcome.ts";
import type { Context, Effects, Handlers } from "./state/handler.ts";
import type { Emission, Room } from "./state/room.ts";
import type { MemberRow } from "./state/store.ts";

export class Typing {
  readonly #emit: (emissions: Emission[]) => void;
  /** When each member's typing ends. */
  readonly #until = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param emit tells those who are to hear. */
  constructor(emit: (emissions: Emission[]) => void) {
    this.#emit = emit;
  }

  /** A member types; others hear it once, not with every key. */
  start(room: Room, member: MemberRow, now: number): void {
    const known = this.#until.has(member.user_id);
    this.#until.set(member.user_id, now + TYPING_TTL_MS);
    if (!known) this.#emit([typingEvent(room, member, true)]);
    this.#watch(room, now);
  }

  /** A member stopped, sent, or went. Nothing is told of who was not typing. */
  stop(room: Room, userId: string): void {
    if (!this.#until.delete(userId)) return;
    // Also of who has just left: a roster never forgets.
    const member = room.roster.get(userId);
    if (member) this.#emit([typingEvent(room, member, false)]);
  }

  /** One timer for everybody, set for the first who will have typed for too long. */
  #watch(room: Room, now: number): void {
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

  #expire(room: Room, now: number): void {
    for (const [userId, until] of this.#until) if (until <= now) this.stop(room, userId);
    this.#watch(room, now);
  }
}

/** Whoever may not send may not type either. */
function type(
  { room, member, now }: Context<"startTyping" | "stopTyping">,
  effects: Effects,
  isTyping: boolean,
) {
  const refusal = refuseSend(member, room.info.settings);
  if (refusal) return { ok: false as const, error: refusal };
  if (isTyping) effects.startTyping(room, member, now);
  else effects.stopTyping(room, member.user_id);
  return found(null);
}

export const typingHandlers = {
  startTyping: { answer: (context, effects) => type(context, effects, true) },
  stopTyping: { answer: (context, effects) => type(context, effects, false) },
} satisfies Partial<Handlers>;

/** Everybody hears it but the one who types. */
function typingEvent(room: Room, member: MemberRow, is_typing: boolean): Emission {
  const { user_id, username } = member;
  const to = new Set(room.audience);
  to.delete(user_id);
  const data = { user_id, username, is_typing };
  return { event: { type: "typing.indicator", conversation_id: room.id, data }, to };
}
