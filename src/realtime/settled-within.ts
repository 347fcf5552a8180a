/**
 * Waits for work, but not longer than `ms` milliseconds. The timer is cleared, because a timer keeps an object awake
 * and billed.
 */
export async function settledWithin(work: Promise<unknown>, ms: number): Promise<void> {
  let timer = 0;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
