/** Bytes out of chunks: so many at a time, or up to the next JPEG marker. */

const isRestart = (byte: number) => byte >= 0xd0 && byte <= 0xd7;

export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next `count` bytes; undefined if fewer are left. */
  async take(count: number): Promise<Uint8Array | undefined> {
    while (this.#chunk.length - this.#at < count) if (!(await this.#more())) return undefined;
    this.#at += count;
    return this.#chunk.subarray(this.#at - count, this.#at);
  }

  /** The next marker of a JPEG, past the fill bytes before it; undefined at the end, 0 if something else comes. */
  async marker(): Promise<number | undefined> {
    const start = await this.take(1);
    if (start && start[0] !== 0xff) return 0;
    let code = await this.take(1);
    while (code?.[0] === 0xff) code = await this.take(1);
    return code?.[0];
  }

  /** Nothing more is read: whoever delivers the bytes may stop. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  /** The bytes of a scan, up to the marker that ends it. In a scan, FF is followed by 00 or counts restarts. */
  async *untilMarker(): AsyncGenerator<Uint8Array> {
    for (let from = this.#at; ; ) {
      const marker = this.#chunk.indexOf(0xff, from);
      const known = marker < 0 ? this.#chunk.length : marker;
      const next = marker < 0 ? undefined : this.#chunk[marker + 1];
      if (next === 0 || (next !== undefined && isRestart(next))) {
        from = marker + 2;
        continue;
      }
      if (known > this.#at) yield this.#chunk.subarray(this.#at, known);
      this.#at = known;
      if (next !== undefined) return;
      if (!(await this.#more())) return;
      from = this.#at;
    }
  }

  /** Reads one more chunk behind what is left. */
  async #more(): Promise<boolean> {
    const { done, value } = await this.#source.next();
    if (done) return false;
    const left = this.#chunk.subarray(this.#at);
    if (left.length === 0) this.#chunk = value;
    else {
      this.#chunk = new Uint8Array(left.length + value.length);
      this.#chunk.set(left);
      this.#chunk.set(value, left.length);
    }
    this.#at = 0;
    return true;
  }
}
