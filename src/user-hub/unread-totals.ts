/**
 * The unread totals of one user (rule 30), kept in memory while the object lives.
 *
 * Conversations tell the user's counts with what they hand over anyway: deliveries, answers to commands and to `sync`. What
 * they have not told comes from the directory, which is read at first need: the base. It may lag by a moment, so what was
 * told in this life of the object counts before it. Once a conversation has been answered "idle" it tells nothing any more:
 * everything is forgotten, and the next connect begins with a new base, and what the conversations tell that it wakes.
 */
import type { UnreadTotals as Totals } from "@rocket-chat-api/protocol";
import type { EpochMs } from "../domain/time.ts";
import type { MemberUnread, UnreadBase } from "../domain/unread.ts";
import { errorFields, log } from "../log.ts";
import { UnreadTally } from "./unread-tally.ts";

/** Milliseconds between two events: at most two a second. */
const EVENT_INTERVAL_MS = 500;
/** Milliseconds until a base that could not be loaded is tried again, where it is needed all the time. */
const RETRY_MS = 1_000;
/** Milliseconds until the alarm tries a base again that could not be loaded when a mute had ended. */
const MUTE_RETRY_MS = 30_000;

/** What the totals need of their hub. */
export interface UnreadTotalsHost {
  /** What the directory knows; undefined if there is nothing to ask for yet. It may reject. */
  loadBase(): Promise<UnreadBase | undefined>;
  /** Whether anybody would hear an event. */
  hasSockets(): boolean;
  /** Sends `unread.total` to the sockets here. */
  send(totals: Totals): void;
  /** When a mute ends, as it was written down: it outlives this object. Null if none does. */
  muteEnd(): EpochMs | null;
  setMuteEnd(end: EpochMs | null): void;
  ringBy(time: EpochMs | undefined): void;
}

export class UnreadTotals {
  readonly #host: UnreadTotalsHost;
  #tally = new UnreadTally();
  /** What was told in this life, with the version of the counts: the base may be older. */
  #versions = new Map<string, number>();
  #mutesTold = new Set<string>();
  #hasBase = false;
  #loading: Promise<void> | undefined;
  #failedAt: EpochMs = 0;
  /** What all sockets here have been sent last, as far as this life knows. */
  #sent: Totals | undefined;
  #sentAt: EpochMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: UnreadTotalsHost) {
    this.#host = host;
  }

  /**
   * A conversation tells the user's counts, or what comes from it is no reason to tell them.
   * @param told null if they have not changed; undefined from an object of an older release, which never tells them.
   */
  set(conversationId: string, told: MemberUnread | null | undefined): void {
    if (told === undefined) this.forget();
    if (!told || told.version < (this.#versions.get(conversationId) ?? 0)) return;
    this.#versions.set(conversationId, told.version);
    this.#tally.set(conversationId, told);
    this.#announce();
  }

  /** The user has muted a conversation until a time, or not (0). @param until undefined from an older release. */
  setMuted(conversationId: string, until: EpochMs | undefined): void {
    if (until === undefined) {
      this.forget();
      return;
    }
    this.#mutesTold.add(conversationId);
    this.#tally.setMuted(conversationId, until);
    if (this.#host.hasSockets()) this.#watchMutes();
    this.#announce();
  }

  /** The alarm has rung. If a mute has ended, the totals are other ones, and the sockets are sent them. Never rejects. */
  async alarm(now: EpochMs): Promise<void> {
    const end = this.#host.muteEnd();
    if (end === null) return;
    if (end > now) {
      this.#host.ringBy(end);
      return;
    }
    // Without a socket nobody hears it, and the next connect reads all mutes.
    if (this.#host.hasSockets()) {
      await this.load();
      if (!this.#hasBase) {
        this.#host.ringBy(now + MUTE_RETRY_MS);
        return;
      }
      this.#tally.total(now);
    }
    this.#host.setMuteEnd(null);
    if (!this.#hasBase) return;
    this.#watchMutes();
    this.#announce();
  }

  /** Writes down when the next mute ends, and sets the alarm. */
  #watchMutes(): void {
    const { nextMuteEnd } = this.#tally;
    if (nextMuteEnd === Number.POSITIVE_INFINITY || nextMuteEnd >= (this.#host.muteEnd() ?? Infinity)) return;
    this.#host.setMuteEnd(nextMuteEnd);
    this.#host.ringBy(nextMuteEnd);
  }

  /** The conversations that have told counts. */
  known(): Iterable<string> {
    return this.#versions.keys();
  }

  /** The totals; null if they are not known. */
  total(now: EpochMs): Totals | null {
    return this.#hasBase ? this.#tally.total(now) : null;
  }

  /** Loads the base if it is missing. Never rejects: without the directory the totals stay unknown until the next need. */
  async load(): Promise<void> {
    if (this.#hasBase) return;
    if (!this.#loading && Date.now() < this.#failedAt + RETRY_MS) return;
    this.#loading ??= this.#loadInto(this.#tally);
    await this.#loading;
  }

  /** A socket has been greeted with these totals. @param isFirst whether there is no other socket here. */
  greeted(totals: Totals | null, isFirst: boolean): void {
    const isKnown = totals !== null && (isFirst || (this.#sent !== undefined && isSame(this.#sent, totals)));
    // Where sockets know different totals, the next event is for all of them.
    this.#sent = isKnown ? totals : undefined;
  }

  async #loadInto(tally: UnreadTally): Promise<void> {
    try {
      const base = await this.#host.loadBase();
      // It was forgotten in between: what was read may be too old.
      if (this.#tally !== tally || !base) return;
      for (const [id, counts] of base.counts) if (!this.#versions.has(id)) tally.set(id, counts);
      for (const [id, until] of base.mutes) if (!this.#mutesTold.has(id)) tally.setMuted(id, until);
      this.#hasBase = true;
      this.#watchMutes();
    } catch (error) {
      this.#failedAt = Date.now();
      log("warn", "unread.failed", { ...errorFields(error) });
    } finally {
      if (this.#tally === tally) this.#loading = undefined;
    }
    if (this.#hasBase) this.#announce();
  }

  /** Forgets everything, because counts change without being told. The next need begins with a new base. */
  forget(): void {
    this.#tally = new UnreadTally();
    this.#versions = new Map();
    this.#mutesTold = new Set();
    this.#hasBase = false;
    this.#loading = undefined;
  }

  /** Sends the totals if they are not what was sent last: now, or as soon as the last event is long enough ago. */
  #announce(): void {
    if (this.#timer !== undefined || !this.#host.hasSockets()) return;
    if (!this.#hasBase) {
      void this.load();
      return;
    }
    const now = Date.now();
    const totals = this.#tally.total(now);
    if (this.#sent && isSame(this.#sent, totals)) return;
    const pause = this.#sentAt + EVENT_INTERVAL_MS - now;
    // A clock that was set back must not delay it.
    if (pause > 0 && pause <= EVENT_INTERVAL_MS) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#announce();
      }, pause);
      return;
    }
    this.#sent = totals;
    this.#sentAt = now;
    this.#host.send(totals);
  }
}

function isSame(one: Totals, other: Totals): boolean {
  return (
    one.messages === other.messages &&
    one.mentions === other.mentions &&
    one.conversations === other.conversations &&
    one.muted_messages === other.muted_messages
  );
}
