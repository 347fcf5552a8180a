/**
 * Which errors may pass. For the entries beside the main one: by the fields of the errors, since their classes belong to the
 * main entry.
 */

/** Whether another attempt can help: there was no answer, or the server is busy. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, code, status = 0 } = error as Error & { code?: string; status?: number };
  return name === "ConnectionLost" || code === "RATE_LIMIT_EXCEEDED" || status === 429 || status >= 500;
}

/** How long the server asks to wait, in milliseconds; undefined if it does not say. */
export function retryAfter(error: unknown): number | undefined {
  return (error as { retry_after_ms?: number }).retry_after_ms;
}
