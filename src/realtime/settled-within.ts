/**
 * Waits for work, but not longer than `ms` milliseconds. The timer is cleared, because a timer keeps an object awake
 * and billed.
 */
export async function settledWithin(work: Promise<unknown>, ms: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    void work.then(() => resolve(), reject).finally(() => clearTimeout(timer));
  });
}
