/**
 * The runs of an application that share a store: one for each tab. Each holds a lock with its name as long as it lives, so that
 * none sends what waits in the outbox of another. Where there are no locks every run sends everything: it arrives once all the
 * same, by its id.
 */

/** The part of the Web Locks API that is used. */
export interface RunLocks {
  request(name: string, options: { signal: AbortSignal }, held: () => Promise<void>): Promise<unknown>;
  query(): Promise<{ held?: { name?: string }[] }>;
}

/** Runs of an application. */
export interface Runs {
  /** This run may have something to send from now on. */
  begin(run: string): void;
  /** The names of the runs that live. */
  alive(): Promise<ReadonlySet<string>>;
  /** This run sends nothing any more. */
  end(run: string): void;
}

/** Where there is one run at a time. */
export const ONE_RUN: Runs = {
  begin: () => undefined,
  alive: async () => new Set(),
  end: () => undefined,
};

/** The runs that are known by locks. @param name of their store. @param find the locks; undefined where there are none. */
export function lockedRuns(name: string, find: () => RunLocks | undefined): Runs {
  const prefix = `${name} run `;
  const held = new Map<string, () => void>();
  return {
    begin(run) {
      if (held.has(run)) return;
      const abort = new AbortController();
      const until = new Promise<void>((resolve) => {
        held.set(run, () => {
          abort.abort();
          resolve();
        });
      });
      // Refused where the page may hold no locks; then it is as if there were none.
      find()
        ?.request(prefix + run, { signal: abort.signal }, () => until)
        .catch(() => undefined);
    },
    async alive() {
      const { held: all = [] } = (await find()?.query()) ?? {};
      return new Set(
        all.flatMap(({ name: one = "" }) => (one.startsWith(prefix) ? [one.slice(prefix.length)] : [])),
      );
    },
    end(run) {
      held.get(run)?.();
      held.delete(run);
    },
  };
}
