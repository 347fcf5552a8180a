/** Settles like `work`, or rejects after `ms` milliseconds. The work is not ended by that: it must be harmless to do it twice. */
export async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let stop = () => {};
  const timeout = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error("timed out")), ms);
    stop = () => clearTimeout(timer);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    stop();
  }
}
