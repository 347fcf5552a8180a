/**
 * The filters that an isolate holds texts against. The first text waits for them, a second at most; afterwards nothing waits: what is
 * there holds, and every half minute it is looked in the background whether something has changed. While the directory is down, the
 * last known filters hold.
 */
import { FILTER_REFRESH_MS, FILTER_WAIT_MS } from "@rocket-chat-api/protocol";
import { compileRules, type FilterSet, type NormalRule, normalRule } from "../../domain/filter/filter-set.ts";
import type { EpochMs } from "../../domain/time.ts";
import { errorFields, log } from "../../log.ts";
import type { Directory } from "../database.ts";
import { readFilters, versionsOf } from "./filters.ts";

/** A look at the directory that has not ended by then is given up: its request may have been cancelled. */
const GIVEN_UP_AFTER_MS = 20_000;

/** After a failure the directory is asked again so much later. */
const RETRY_MS = 5_000;

/** What keeps a request or an object alive while filters are read. */
export type WaitUntil = (work: Promise<unknown>) => void;

export class FilterCache {
  #set: FilterSet | undefined;
  /** What {@link versionsOf} said of them; undefined if they were never read. */
  #versions: string | undefined;
  #isReady = false;
  #running: { work: Promise<void>; since: EpochMs } | undefined;
  /** How many looks have begun. Only what the newest one has read counts. */
  #looks = 0;
  #dueAt: EpochMs = 0;

  /** Whether texts can be held against filters without waiting: they were read, or could not be read in time. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** The filters as they are known; undefined if there are none. Looks for changes in the background when it is time. */
  current(db: () => Directory, now: EpochMs, waitUntil: WaitUntil): FilterSet | undefined {
    if (now >= this.#dueAt) waitUntil(this.refresh(db(), now));
    return this.#set;
  }

  /** The filters as they were last read; undefined if there are none. */
  get known(): FilterSet | undefined {
    return this.#set;
  }

  /** The same, for who asks the directory anyway: waits for it if it is time to look. */
  async fresh(db: Directory, now: EpochMs): Promise<FilterSet | undefined> {
    if (now >= this.#dueAt) await this.refresh(db, now);
    return this.#set;
  }

  /** Resolves when filters are known, or after a second. */
  async ready(db: Directory, now: EpochMs): Promise<void> {
    if (this.#isReady) return;
    await Promise.race([
      this.refresh(db, now),
      new Promise((resolve) => setTimeout(resolve, FILTER_WAIT_MS)),
    ]);
    this.#isReady = true;
  }

  /** Looks for changes now. Does not throw: what was known stays. */
  async refresh(db: Directory, now: EpochMs): Promise<void> {
    if (!this.#running || this.#running.since + GIVEN_UP_AFTER_MS < now) {
      this.#dueAt = now + FILTER_REFRESH_MS;
      this.#looks += 1;
      const running = { work: this.#read(db, this.#looks, now), since: now };
      this.#running = running;
      void running.work.finally(() => {
        if (this.#running === running) this.#running = undefined;
      });
    }
    await this.#running.work;
  }

  /** A filter was changed by this isolate: reads again, whatever is under way. */
  async changed(db: Directory, now: EpochMs): Promise<void> {
    this.#running = undefined;
    await this.refresh(db, now);
  }

  async #read(db: Directory, look: number, now: EpochMs): Promise<void> {
    try {
      if (this.#versions !== undefined && (await versionsOf(db)) === this.#versions) return;
      const { versions, rules } = await readFilters(db);
      const read: NormalRule[] = [];
      for (const rule of rules) {
        read.push(normalRule(rule));
        // Other requests of the isolate need not wait for all filters.
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      if (look !== this.#looks) return;
      this.#set = compileRules(read);
      this.#versions = versions;
      this.#isReady = true;
    } catch (error) {
      if (look === this.#looks) this.#dueAt = now + RETRY_MS;
      log("warn", "filters.unavailable", { ...errorFields(error) });
    }
  }
}

/** The filters of this isolate. */
export const FILTERS = new FilterCache();
