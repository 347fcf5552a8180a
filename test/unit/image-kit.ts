/** Bytes as a stream gives them. */

/** Bytes in chunks of these sizes, then of the last one. */
export async function* chunked(whole: Uint8Array, sizes: number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < whole.length; i++) {
    const size = sizes[Math.min(i, sizes.length - 1)] ?? whole.length;
    yield whole.slice(at, at + size);
    at += size;
  }
}
