/**
 * Waits for work, but not longer than `ms` milliseconds. The timer is left to fire, because a cleared one costs memory (see
 * `timer.ts`). Until then it keeps the object awake, so it must be seconds.
 */
export async function settledWithin(work: Promise<unknown>, ms: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    setTimeout(resolve, ms);
    void work.then(() => resolve(), reject);
  });
}
