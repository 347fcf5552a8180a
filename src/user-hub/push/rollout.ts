/** Tells the conversations how much they are to tell, when devices or preferences have changed. */
import type { PushChoice } from "../../directory/device-tokens.ts";
import { earliest, retryPause } from "../../domain/deadlines.ts";
import type { NumberedWord, PushNote } from "../../domain/push-note.ts";
import type { EpochMs } from "../../domain/time.ts";
import { errorFields, log } from "../../log.ts";
import { concurrently } from "../../realtime/concurrently.ts";
import { NOTHING_SET, newConversation } from "./conversation-rows.ts";
import type { PushInbox } from "./push-inbox.ts";
import type { ConversationRow, PushStore } from "./push-store.ts";
import { reworded, wishOf } from "./wish.ts";

/** Conversations that are called at a time. */
const CONCURRENCY = 16;
/** Conversations that are looked up at a time. */
const PAGE = 128;
/** Milliseconds until the alarm looks after conversations that are being told. */
const SAFETY_NET_MS = 5_000;

/** What the rollout needs of its hub. */
export interface RolloutHost {
  /** The user's conversations and what they have set there, from the directory. */
  choices(): Promise<PushChoice[]>;
  /** The conversations that skip this user, because no socket is open here. The directory may not list the newest yet. */
  idleIn(): string[];
  /**
   * Gives a conversation its word.
   * @param seq of a message that is asked for; 0 for none.
   * @param isRaised it asks for more than the one before: the state names the unread messages.
   * @returns the user's state there; undefined if there is no such conversation.
   */
  setWord(
    conversationId: string,
    word: NumberedWord,
    seq: number,
    isRaised: boolean,
  ): Promise<PushNote | undefined>;
  ringBy(time: EpochMs | undefined): void;
}

export class Rollout {
  readonly #store: PushStore;
  readonly #inbox: PushInbox;
  readonly #host: RolloutHost;
  #running: Promise<void> | undefined;
  #isAskedAgain = false;
  #endedBan: EpochMs | undefined;
  /** Conversations of which the user has set something, while the directory is being read. */
  #chosen = new Set<string>();

  constructor(store: PushStore, inbox: PushInbox, host: RolloutHost) {
    this.#store = store;
    this.#inbox = inbox;
    this.#host = host;
  }

  /** Something that words depend on has changed. @returns whether any word is another one now. */
  reword(now: EpochMs): boolean {
    const state = this.#store.state();
    if (!state) return false;
    const rows = this.#store.conversations();
    const wish = wishOf(this.#store, state);
    const changed = rows.map((row) => reworded(row, wish, now, now));
    this.#host.ringBy(this.#store.nextMuteEnd(now));
    const news = changed.filter((row) => row !== undefined);
    if (news.length > 0) this.#store.nextVersion();
    for (const row of news) this.#store.putConversation(row);
    // If this object dies, the alarm goes on.
    if (news.length > 0) this.#host.ringBy(now + SAFETY_NET_MS);
    return news.length > 0;
  }

  /** The alarm has rung: a mute may have ended, and what could not be told may be due again. */
  async alarm(now: EpochMs): Promise<void> {
    const retryAt = this.#store.state()?.retry_at ?? 0;
    const isNews = [this.#endBan(now), this.#endMutes(now)].includes(true);
    this.#host.ringBy(this.#store.nextMuteEnd(now));
    if (isNews || retryAt <= now) await this.run();
    else this.#host.ringBy(retryAt);
  }

  /** A ban that has ended by itself: devices get pushes again. Looked at once in each life. @returns as {@link reword}. */
  #endBan(now: EpochMs): boolean {
    const ended = this.#store.endedBan(now);
    if (ended === undefined || ended === this.#endedBan) return false;
    this.#endedBan = ended;
    return this.reword(now);
  }

  /** Ends the mutes whose time is over. @returns whether any word is another one now. */
  #endMutes(now: EpochMs): boolean {
    const state = this.#store.state();
    let isNews = false;
    for (let page = state && this.#store.endedMutes(now, PAGE); state && page?.length; ) {
      const wish = wishOf(this.#store, state);
      for (const row of page) {
        const unmuted = { ...row, is_muted: false, muted_until: null };
        const changed = reworded(unmuted, wish, now, row.muted_until ?? now);
        this.#store.putConversation(changed ?? unmuted);
        if (row.is_muted) this.#inbox.badges.raise(row, now);
        isNews ||= changed !== undefined;
      }
      page = this.#store.endedMutes(now, PAGE);
    }
    if (isNews) this.#store.nextVersion();
    return isNews;
  }

  /** Tells all conversations that do not know. Never rejects: what could not be told is told by the alarm. */
  async run(): Promise<void> {
    this.#isAskedAgain = true;
    while (this.#isAskedAgain) {
      this.#running ??= this.#runOnce().finally(() => {
        this.#running = undefined;
      });
      await this.#running;
    }
  }

  async #runOnce(): Promise<void> {
    try {
      let failed = 0;
      while (this.#isAskedAgain) {
        this.#isAskedAgain = false;
        await this.#seed();
        failed = await this.#tellUntold();
      }
      this.#ended(failed === 0, Date.now());
    } catch (error) {
      log("warn", "push.not_seeded", { ...errorFields(error) });
      this.#isAskedAgain = false;
      this.#ended(false, Date.now());
    }
  }

  /** Notes when to try again. Written down, because this object does not live that long. */
  #ended(isDone: boolean, now: EpochMs): void {
    const state = this.#store.state();
    if (!state) return;
    const failures = isDone ? 0 : state.failures + 1;
    const retry_at = isDone ? null : now + retryPause(failures);
    if (failures !== state.failures) this.#store.putState({ ...state, failures, retry_at });
    // Mutes that the directory has told of end here, too.
    this.#host.ringBy(earliest(retry_at ?? undefined, this.#store.nextMuteEnd(now)));
  }

  /** The user has set something for a conversation: the directory may have been read before. */
  chosen(conversationId: string): void {
    this.#chosen.add(conversationId);
  }

  /** Adds the conversations that this hub does not know yet. */
  async #seed(): Promise<void> {
    const before = this.#store.state();
    if (!before || before.is_seeded || !this.#store.hasActiveDevice) return;
    this.#chosen = new Set();
    const choices = await this.#host.choices();
    const state = this.#store.state() ?? before;
    const isLevelSomewhere = choices.some(({ push_level: level }) => level === "all" || level === "mentions");
    const wish = { ...wishOf(this.#store, state), isLevelSomewhere };
    for (const { conversation_id, is_muted, muted_until, push_level } of [
      ...choices,
      ...this.#unlisted(choices),
    ]) {
      const row = this.#store.conversation(conversation_id) ?? newConversation(conversation_id);
      const read = { is_muted: Boolean(is_muted), muted_until, push_level };
      const chosen = this.#chosen.has(conversation_id) ? row : { ...row, ...read };
      const now = Date.now();
      this.#store.putConversation(reworded(chosen, wish, now, state.wanted_since ?? now) ?? chosen);
    }
    this.#store.putState({ ...state, is_seeded: true, version: state.version + 1 });
  }

  /**
   * Conversations that the directory has not listed. Those that do not skip this user will call, and hear their word with the
   * answer; a user who has left hears of it when they are told.
   */
  #unlisted(choices: readonly PushChoice[]): PushChoice[] {
    const listed = new Set(choices.map(({ conversation_id }) => conversation_id));
    const unlisted = this.#host.idleIn().filter((id) => !listed.has(id) && !this.#store.conversation(id));
    return unlisted.map((conversation_id) => ({ conversation_id, ...NOTHING_SET, is_muted: 0 }));
  }

  /** @returns how many could not be told. If none of a page can be reached, the others are not tried. */
  async #tellUntold(): Promise<number> {
    let failed = 0;
    for (let after = 0; ; ) {
      const page = this.#store.untold(PAGE, after);
      const last = page.at(-1);
      if (!last) return failed;
      const failedHere = await this.#tellAll(page);
      failed += failedHere;
      if (failedHere === page.length) return failed;
      after = last.rowid;
    }
  }

  /** @returns how many could not be told. */
  async #tellAll(rows: readonly ConversationRow[]): Promise<number> {
    let failed = 0;
    await concurrently(rows, CONCURRENCY, async (row) => {
      try {
        await this.#tell(row);
      } catch (error) {
        failed += 1;
        log("warn", "push.word_not_told", { ...errorFields(error) });
      }
    });
    return failed;
  }

  async #tell({ conversation_id }: ConversationRow): Promise<void> {
    // Its word may have changed while others were told.
    const row = this.#store.conversation(conversation_id);
    if (!row || row.is_told) return;
    // What has changed before the conversation knew its word is in no note.
    const [first = 0, ...others] = row.word === "none" ? [] : this.#inbox.seqsOnDevices(conversation_id);
    for (const seq of [first, ...others]) {
      // The first answer has what is new.
      const since = (row.word !== "none" && seq === first && row.wanted_since) || undefined;
      const word = this.#store.numbered(row);
      const note = await this.#host.setWord(conversation_id, word, seq, since !== undefined);
      if (!note) {
        this.#store.removeConversation(conversation_id);
        return;
      }
      const isCurrent = row.word === "none" || this.#inbox.stateSeen(note, Date.now(), since);
      if (!isCurrent && seq > 0) throw new Error("a note has overtaken the answer");
    }
    const known = this.#store.conversation(conversation_id);
    if (known?.word === row.word)
      this.#store.putConversation({ ...known, is_told: true, wanted_since: null });
  }
}
