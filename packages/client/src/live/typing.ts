/** Who types, and that the viewer does (rule 22). */
import type { ServerEvent } from "@rocket-chat-api/protocol";
import { TYPING_TTL_MS } from "@rocket-chat-api/protocol/facts";
import { Watchers } from "../watchers.ts";
import type { LiveClient } from "./host.ts";

/** A member who types. */
export interface Typist {
  readonly user_id: string;
  readonly username: string;
}

/** The longest that typing is shown. The server sends one event when it begins and one when it ends, and the second can be lost. */
const MAX_TYPING_MS = 120_000;
/** The server forgets typing after {@link TYPING_TTL_MS}, so a member who goes on says it again before that. */
const REPEAT_MS = TYPING_TTL_MS / 2;

const NOBODY: readonly Typist[] = [];

export class TypingState {
  readonly watchers = new Watchers();
  readonly #client: LiveClient;
  readonly #typists = new Map<string, readonly Typist[]>();
  readonly #ends = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #own = new Map<string, { repeat_at: number; idle: ReturnType<typeof setTimeout> }>();

  constructor(client: LiveClient) {
    this.#client = client;
  }

  /** Who types in a conversation, in the order in which they began. The same array until that changes. */
  typing(conversationId: string): readonly Typist[] {
    return this.#typists.get(conversationId) ?? NOBODY;
  }

  /** Takes what an event says about typing. */
  take(event: ServerEvent): void {
    if (event.type === "typing.indicator") {
      const { user_id, username, is_typing } = event.data;
      if (is_typing) this.#began(event.conversation_id, { user_id, username });
      else this.#ended(event.conversation_id, user_id);
    } else if (event.type === "message.new") this.#ended(event.conversation_id, event.data.sender_id);
    else if (event.type === "participant.removed") this.#ended(event.conversation_id, event.data.user_id);
  }

  /** Typing is no part of a resume: what was known ends with the connection, and the viewer's is said again. */
  clear(): void {
    for (const timer of this.#ends.values()) clearTimeout(timer);
    this.#ends.clear();
    for (const own of this.#own.values()) own.repeat_at = 0;
    const ids = [...this.#typists.keys()];
    this.#typists.clear();
    for (const id of ids) this.watchers.changed(id);
  }

  /** The viewer has typed a key: sends it, but not with every key; six seconds without one end it. */
  input(conversationId: string, now: number): void {
    const known = this.#own.get(conversationId);
    if (known) clearTimeout(known.idle);
    const isDue = now >= (known?.repeat_at ?? 0);
    if (isDue) this.#client.typing(conversationId, true);
    const repeat_at = isDue ? now + REPEAT_MS : (known?.repeat_at ?? 0);
    const idle = setTimeout(() => this.end(conversationId), TYPING_TTL_MS);
    this.#own.set(conversationId, { repeat_at, idle });
  }

  /** The viewer types no longer. @param isSent the message is on its way, which says it too. */
  end(conversationId: string, isSent = false): void {
    const known = this.#own.get(conversationId);
    if (!known) return;
    clearTimeout(known.idle);
    this.#own.delete(conversationId);
    if (!isSent) this.#client.typing(conversationId, false);
  }

  stop(): void {
    this.clear();
    for (const { idle } of this.#own.values()) clearTimeout(idle);
    this.#own.clear();
  }

  #began(id: string, typist: Typist): void {
    if (typist.user_id === this.#client.conversations.viewer) return;
    const key = `${id} ${typist.user_id}`;
    this.#forget(key);
    this.#ends.set(
      key,
      setTimeout(() => this.#ended(id, typist.user_id), MAX_TYPING_MS),
    );
    const known = this.typing(id);
    if (known.some(({ user_id }) => user_id === typist.user_id)) return;
    this.#typists.set(id, [...known, typist]);
    this.watchers.changed(id);
  }

  #ended(id: string, userId: string): void {
    if (!this.#forget(`${id} ${userId}`)) return;
    const left = this.typing(id).filter(({ user_id }) => user_id !== userId);
    if (left.length > 0) this.#typists.set(id, left);
    else this.#typists.delete(id);
    this.watchers.changed(id);
  }

  /** Ends the timer of a typist. @returns whether there was one. */
  #forget(key: string): boolean {
    const timer = this.#ends.get(key);
    if (timer !== undefined) clearTimeout(timer);
    return this.#ends.delete(key);
  }
}
