/**
 * Waits for work, but not for long. The timer is cleared: one that is left keeps an object awake, and billed.
 * @param ms at most, in milliseconds.
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
