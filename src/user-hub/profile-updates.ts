/** Sends a changed profile to the user's conversations, until all have it (profile-rollout.ts). */

import { encodeEvent } from "@rocket-chat-api/protocol";
import type { Directory } from "../directory/database.ts";
import { conversationsOf, lateConversationsOf, recentConversationsOf } from "../directory/memberships.ts";
import { markAnnounced } from "../directory/unannounced.ts";
import { refreshFromClaims, toCaller } from "../directory/users.ts";
import { type Caller, type Identity, summaryOf } from "../domain/caller.ts";
import { backoff } from "../domain/deadlines.ts";
import type { EpochMs } from "../domain/time.ts";
import { errorFields, log } from "../log.ts";
import { concurrently } from "../realtime/concurrently.ts";
import { settledWithin } from "../realtime/settled-within.ts";
import { newRollout, nextStep, type ProfileRollout, type RolloutStep } from "./profile-rollout.ts";
import type { HubStore } from "./store.ts";

/** Conversations reached at once, the most recently active ones. */
const RECENT = 100;
/** Conversations reached by one alarm. */
const PAGE = 500;
/** Calls in flight. */
const CONCURRENCY = 16;
/** A request that changes a profile waits this long for conversations to have it, in milliseconds. */
const CHANGE_WAIT_MS = 250;

/** What the updates need of their hub. */
export interface ProfileUpdatesHost {
  directory(): Directory;
  /** Sends a frame to the user's own sockets here. */
  notifySelf(frame: string): void;
  /** Hands the profile to a conversation. */
  notifyConversation(id: string, profile: Caller): Promise<void>;
  ringBy(time: EpochMs): void;
  waitUntil(work: Promise<unknown>): void;
}

export class ProfileUpdates {
  readonly #store: HubStore;
  readonly #host: ProfileUpdatesHost;
  #running: Promise<void> | undefined;

  constructor(store: HubStore, host: ProfileUpdatesHost) {
    this.#store = store;
    this.#host = host;
  }

  /** Takes a changed profile. Resolves when the most recently active conversations have it, or after a moment. */
  async onChange(profile: Caller): Promise<void> {
    await this.#store.ensureTables();
    const changed = this.changed(profile, Date.now());
    this.#host.waitUntil(changed);
    await settledWithin(changed, CHANGE_WAIT_MS);
  }

  /** The newest profile of a caller: while it is rolled out, a conversation may not have it yet. */
  newest(caller: Caller): Caller {
    const { profile } = this.#store.rollout() ?? {};
    return profile && profile.profile_version > caller.profile_version ? profile : caller;
  }

  /** Takes over what a newer token says of its owner. */
  async claimsSeen(identity: Identity): Promise<void> {
    try {
      const row = await refreshFromClaims(this.#host.directory(), identity, Date.now());
      if (row.is_untold) await this.onChange(toCaller(row));
    } catch (error) {
      // Chat goes on while the directory is down; the next request with this token does it.
      log("warn", "profile.unavailable", { ...errorFields(error) });
    }
  }

  /** The profile has changed. Resolves when the most recently active conversations have it. */
  async changed(profile: Caller, now: EpochMs): Promise<void> {
    if (profile.profile_version > this.#store.rowOf(profile.user_id).profile_version) {
      this.#store.startRollout(newRollout(profile, now));
      this.#host.notifySelf(encodeEvent({ type: "user.updated", data: summaryOf(profile) }));
      // Before the first await: if this object dies, the alarm carries on.
      this.#host.ringBy(now + backoff(1));
    }
    await this.run(now);
  }

  /** Runs the steps that are due. */
  async run(now: EpochMs): Promise<void> {
    // A change that comes while steps run is picked up too: the rollout is read again after each step.
    this.#running ??= this.#runSteps(now).finally(() => {
      this.#running = undefined;
    });
    await this.#running;
    const rollout = this.#store.rollout();
    if (rollout) this.#host.ringBy(nextStep(rollout, this.#hasMissed).at);
  }

  async #runSteps(now: EpochMs): Promise<void> {
    for (let rollout = this.#store.rollout(); rollout; rollout = this.#store.rollout()) {
      const { step, at } = nextStep(rollout, this.#hasMissed);
      if (at > now) return;
      await this.#tryStep(step, rollout, now);
      // Callers wait for the recent conversations only. The alarm does the rest, one page each.
      const next = this.#store.rollout();
      if (next && next.rev !== null) return;
    }
  }

  async #tryStep(step: RolloutStep, rollout: ProfileRollout, now: EpochMs): Promise<void> {
    try {
      const patch = await this.#runStep(step, rollout);
      this.#save(rollout, patch === "done" ? null : { ...rollout, failures: 0, due_at: now, ...patch });
    } catch (error) {
      const failures = rollout.failures + 1;
      log("warn", "profile.not_told", {
        step,
        failures,
        ...errorFields(error),
      });
      this.#save(rollout, { ...rollout, failures, due_at: now + backoff(failures) });
    }
  }

  /** Saves a step, unless a newer profile has come in between: its rollout starts from the beginning. */
  #save(done: ProfileRollout, next: ProfileRollout | null): void {
    const current = this.#store.rollout();
    if (current?.profile.profile_version === done.profile.profile_version) this.#store.setRollout(next);
  }

  async #runStep(step: RolloutStep, rollout: ProfileRollout): Promise<Partial<ProfileRollout> | "done"> {
    const { profile } = rollout;
    const db = this.#host.directory();
    switch (step) {
      case "recent": {
        const { ids, rev } = await recentConversationsOf(db, profile.user_id, RECENT);
        await this.#notifyAll(ids, profile);
        return { rev, after: ids.length < RECENT ? null : "" };
      }
      case "rest": {
        const ids = await conversationsOf(db, profile.user_id, rollout.after ?? "", PAGE);
        await this.#notifyAll(ids, profile);
        return { after: ids.length < PAGE ? null : (ids.at(-1) ?? null) };
      }
      case "missed": {
        const failed = await this.#notifyAll(this.#store.missed(PAGE), profile);
        if (failed > 0) throw new Error("conversations that cannot be reached");
        return {};
      }
      case "late":
        return await this.#runLateStep(db, rollout);
      default:
        return step satisfies never;
    }
  }

  async #runLateStep(
    db: Directory,
    { profile, rev, failures }: ProfileRollout,
  ): Promise<Partial<ProfileRollout> | "done"> {
    const late = await lateConversationsOf(db, profile.user_id, rev ?? 0, PAGE);
    await this.#notifyAll(
      late.map(({ id }) => id),
      profile,
    );
    const reached = late.at(-1)?.rev ?? rev;
    if (late.length === PAGE) return { rev: reached };
    // Their pauses go on growing.
    if (this.#hasMissed) return { rev: reached, is_late_done: true, failures };
    await markAnnounced(db, profile.user_id, profile.profile_version);
    return "done";
  }

  get #hasMissed(): boolean {
    return this.#store.missed(1).length > 0;
  }

  /** Notifies conversations, some at a time, and remembers those that fail. @returns how many fail. */
  async #notifyAll(ids: readonly string[], profile: Caller): Promise<number> {
    let failed = 0;
    await concurrently(ids, CONCURRENCY, async (id) => {
      try {
        await this.#host.notifyConversation(id, profile);
        this.#store.removeMissed(id);
      } catch {
        failed += 1;
        this.#store.addMissed(id);
      }
    });
    return failed;
  }
}
