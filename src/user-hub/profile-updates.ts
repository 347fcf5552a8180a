/** Tells the conversations that a user is in of a changed profile, until all have it (domain/profile-news.ts). */

import { encodeEvent } from "@rocket-chat-api/protocol";
import type { Directory } from "../directory/database.ts";
import { conversationsOf, lateConversationsOf, recentConversationsOf } from "../directory/memberships.ts";
import { markTold } from "../directory/users.ts";
import { type Caller, summaryOf } from "../domain/caller.ts";
import { backoff } from "../domain/deadlines.ts";
import { errorFields, log } from "../log.ts";
import { type NewsStep, newsOf, nextStep, type ProfileNews } from "./profile-news.ts";
import type { HubStore } from "./store.ts";

/** Conversations told at once, the most recent ones. */
const RECENT = 100;
/** Conversations told by one alarm. */
const PAGE = 500;
/** Calls in flight. */
const CONCURRENCY = 16;

/** What the updates need of their hub. */
export interface ProfileUpdatesHost {
  directory(): Directory;
  /** Hands a frame to the user's own devices here. */
  tellSelf(frame: string): void;
  /** Hands the profile to a conversation. */
  tellConversation(id: string, profile: Caller): Promise<void>;
  ringBy(time: number): void;
}

export class ProfileUpdates {
  readonly #store: HubStore;
  readonly #host: ProfileUpdatesHost;
  #running: Promise<void> | undefined;

  constructor(store: HubStore, host: ProfileUpdatesHost) {
    this.#store = store;
    this.#host = host;
  }

  /** The profile has changed. Resolves when the conversations where something was said last have been told. */
  async changed(profile: Caller, now: number): Promise<void> {
    if (profile.profile_version > this.#store.rowOf(profile.user_id).profile_version) {
      this.#store.beginNews(newsOf(profile, now));
      this.#host.tellSelf(encodeEvent({ type: "user.updated", data: summaryOf(profile) }));
      // Before anything is awaited: the alarm goes on if this object does not.
      this.#host.ringBy(now + backoff(1));
    }
    await this.run(now);
  }

  /** Does what is due. */
  async run(now: number): Promise<void> {
    // What has come meanwhile is done too: the news are read again after each step.
    this.#running ??= this.#steps(now).finally(() => {
      this.#running = undefined;
    });
    await this.#running;
    const news = this.#store.news();
    if (news) this.#host.ringBy(nextStep(news, this.#hasMissed).at);
  }

  async #steps(now: number): Promise<void> {
    for (let news = this.#store.news(); news; news = this.#store.news()) {
      const { step, at } = nextStep(news, this.#hasMissed);
      if (at > now) return;
      await this.#do(step, news, now);
      // The rest is for the alarm, one page each: who waits here waits for the recent ones only.
      const next = this.#store.news();
      if (next && next.rev !== null) return;
    }
  }

  async #do(step: NewsStep, news: ProfileNews, now: number): Promise<void> {
    try {
      const patch = await this.#take(step, news);
      this.#save(news, patch === "done" ? null : { ...news, failures: 0, due_at: now, ...patch });
    } catch (error) {
      const failures = news.failures + 1;
      log("warn", "profile.not_told", {
        step,
        failures,
        ...errorFields(error),
      });
      this.#save(news, { ...news, failures, due_at: now + backoff(failures) });
    }
  }

  /** Newer news that came meanwhile stay: they begin from the beginning. */
  #save(done: ProfileNews, next: ProfileNews | null): void {
    const current = this.#store.news();
    if (current?.profile.profile_version === done.profile.profile_version) this.#store.setNews(next);
  }

  async #take(step: NewsStep, news: ProfileNews): Promise<Partial<ProfileNews> | "done"> {
    const { profile } = news;
    const db = this.#host.directory();
    switch (step) {
      case "recent": {
        const { ids, rev } = await recentConversationsOf(db, profile.user_id, RECENT);
        await this.#tell(ids, profile);
        return { rev, after: ids.length < RECENT ? null : "" };
      }
      case "rest": {
        const ids = await conversationsOf(db, profile.user_id, news.after ?? "", PAGE);
        await this.#tell(ids, profile);
        return { after: ids.length < PAGE ? null : (ids.at(-1) ?? null) };
      }
      case "missed": {
        const left = await this.#tell(this.#store.missed(PAGE), profile);
        if (left > 0) throw new Error("conversations that cannot be reached");
        return {};
      }
      case "late":
        return await this.#late(db, news);
      default:
        return step satisfies never;
    }
  }

  async #late(db: Directory, { profile, rev }: ProfileNews): Promise<Partial<ProfileNews> | "done"> {
    const late = await lateConversationsOf(db, profile.user_id, rev ?? 0, PAGE);
    await this.#tell(
      late.map(({ id }) => id),
      profile,
    );
    const last = late.at(-1);
    if (last && (late.length === PAGE || this.#hasMissed)) return { rev: last.rev };
    await markTold(db, profile.user_id, profile.profile_version);
    return "done";
  }

  get #hasMissed(): boolean {
    return this.#store.missed(1).length > 0;
  }

  /** Tells conversations, some at a time; those that cannot be reached are remembered. @returns how many those are. */
  async #tell(ids: readonly string[], profile: Caller): Promise<number> {
    const waiting = [...ids];
    let failed = 0;
    const tellNext = async (): Promise<void> => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
        try {
          await this.#host.tellConversation(id, profile);
          this.#store.forgetMissed(id);
        } catch {
          failed += 1;
          this.#store.rememberMissed(id);
        }
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, tellNext));
    return failed;
  }
}
