/** Access to R2. */
import { timedBucket } from "../metrics/timed.ts";

const opened = new WeakMap<R2Bucket, R2Bucket>();

/** Opens the bucket: what it is asked is counted and timed. Cached for each binding. */
export function openBucket(bucket: R2Bucket): R2Bucket {
  const known = opened.get(bucket) ?? timedBucket(bucket);
  opened.set(bucket, known);
  return known;
}
