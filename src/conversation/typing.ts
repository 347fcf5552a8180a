/** Who is typing: in memory only, and over after six seconds (rule 22). */
import { TYPING_TTL_MS } from "../protocol/index.ts";
import type { Emission, Room } from "./room.ts";
import type { MemberRow } from "./store.ts";

export class Typing {
  /** When each member's typing ends. */
  readonly #until = new Map<string, number>();

  /** A member types; others hear it once, not with every key. */
  start(room: Room, member: MemberRow, now: number): Emission[] {
    const known = this.#until.has(member.user_id);
    this.#until.set(member.user_id, now + TYPING_TTL_MS);
    return known ? [] : [told(room, member, true)];
  }

  /** A member stopped, sent, or went. Nothing is told of who was not typing. */
  stop(room: Room, userId: string): Emission[] {
    if (!this.#until.delete(userId)) return [];
    const member = room.member(userId);
    return member ? [told(room, member, false)] : [];
  }

  /** Ends what has gone on for too long. @returns what is told, and when to look again. */
  expire(room: Room, now: number): { emissions: Emission[]; next: number | undefined } {
    const over = [...this.#until].filter(([, until]) => until <= now).map(([userId]) => userId);
    const emissions = over.flatMap((userId) => this.stop(room, userId));
    const next = this.#until.size > 0 ? Math.min(...this.#until.values()) : undefined;
    return { emissions, next };
  }
}

/** Everybody hears it but the one who types. */
function told(room: Room, member: MemberRow, is_typing: boolean): Emission {
  const { user_id, username } = member;
  const to = new Set(room.audience);
  to.delete(user_id);
  const data = { user_id, username, is_typing };
  return { event: { type: "typing.indicator", conversation_id: room.id, data }, to };
}
