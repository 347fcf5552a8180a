/**
 * Filters a stream of bytes. Each input chunk gives at most one output chunk, so the cost depends on the number of
 * bytes and not on how finely a file is divided. A program yields steps for the next bytes. It runs synchronously
 * within a chunk.
 */

/**
 * Finds the end of a run of bytes: a position in the chunk, and whether the run ends there. Later bytes are passed
 * again.
 */
export type Scanner = (chunk: Uint8Array, from: number) => { at: number; done: boolean };

/** What to do with the next bytes. */
type Step =
  | { do: "take"; count: number }
  | { do: "pass" | "drop" | "blank"; count: number }
  | { do: "scan"; scanner: Scanner; keep: boolean }
  | { do: "emit"; bytes: Uint8Array };

/** Yields steps. A step returns undefined if the file ends before it is complete. `take` returns the bytes. */
export type Program = Generator<Step, void, Uint8Array | undefined>;

/**
 * Returns the next bytes to the program. They are only written if it emits them. Keep `count` small: they are held in
 * memory.
 */
export const take = (count: number): Step => ({ do: "take", count });
/** Passes bytes through. */
export const pass = (count: number): Step => ({ do: "pass", count });
/** Removes bytes. */
export const drop = (count: number): Step => ({ do: "drop", count });
/** Replaces bytes by zeros. */
export const blank = (count: number): Step => ({ do: "blank", count });
/** Passes bytes through up to the end that the scanner finds. */
export const passUntil = (scanner: Scanner): Step => ({ do: "scan", scanner, keep: true });
/** Removes bytes up to the end that the scanner finds. */
export const dropUntil = (scanner: Scanner): Step => ({ do: "scan", scanner, keep: false });
/** Writes bytes. */
export const emit = (bytes: Uint8Array): Step => ({ do: "emit", bytes });

const NOTHING: Uint8Array = new Uint8Array(0);

/** Runs one program over one file. */
export class ByteFilter {
  readonly #program: Program;
  readonly #output = new Output();
  #step: Step | undefined;
  /** Bytes left in the current step, and bytes collected over several chunks. */
  #left = 0;
  #gathered: Uint8Array | undefined;
  /** Bytes that a scanner must see again together with the next chunk. */
  #rest = NOTHING;

  constructor(program: Program) {
    this.#program = program;
    this.#next(NOTHING);
  }

  /** Whether the program has ended. No more output follows. */
  get isDone(): boolean {
    return this.#step === undefined;
  }

  /** Processes the next bytes of the file. @returns the output. */
  push(chunk: Uint8Array): Uint8Array {
    const bytes = this.#rest.length === 0 ? chunk : concat([this.#rest, chunk]);
    this.#rest = NOTHING;
    for (let at = 0; this.#step !== undefined; ) {
      const next = this.#advance(this.#step, bytes, at);
      if (next === undefined) break;
      at = next;
    }
    return this.#output.flush();
  }

  /** Ends the file. @returns the last output. */
  end(): Uint8Array {
    if (this.#step?.do === "scan" && this.#step.keep) this.#output.add(this.#rest);
    while (this.#step !== undefined) {
      if (this.#step.do === "emit") this.#output.add(this.#step.bytes);
      this.#next(this.#step.do === "emit" ? NOTHING : undefined);
    }
    return this.#output.flush();
  }

  /** Runs a step. @returns where the next one starts; undefined if it needs more bytes. */
  #advance(step: Step, bytes: Uint8Array, at: number): number | undefined {
    if (step.do === "emit") {
      this.#output.add(step.bytes);
      this.#next(NOTHING);
      return at;
    }
    if (step.do === "scan") return this.#scan(step, bytes, at);
    const end = Math.min(at + this.#left, bytes.length);
    const part = bytes.subarray(at, end);
    this.#left -= part.length;
    if (step.do === "take") return this.#take(step.count, part, end);
    if (step.do === "pass") this.#output.add(part);
    else if (step.do === "blank") this.#output.add(new Uint8Array(part.length));
    if (this.#left > 0) return undefined;
    this.#next(NOTHING);
    return end;
  }

  #scan(step: Step & { do: "scan" }, bytes: Uint8Array, from: number): number | undefined {
    const { at, done } = step.scanner(bytes, from);
    if (step.keep) this.#output.add(bytes.subarray(from, at));
    if (done) this.#next(NOTHING);
    else this.#rest = bytes.subarray(at);
    return done ? at : undefined;
  }

  #take(count: number, part: Uint8Array, end: number): number | undefined {
    const isWhole = part.length === count;
    if (!isWhole) {
      this.#gathered ??= new Uint8Array(count);
      this.#gathered.set(part, count - this.#left - part.length);
    }
    if (this.#left > 0) return undefined;
    const taken = isWhole ? part : this.#gathered;
    this.#gathered = undefined;
    this.#next(taken);
    return end;
  }

  #next(answer: Uint8Array | undefined): void {
    const { value, done } = this.#program.next(answer);
    this.#step = done ? undefined : value;
    this.#left = this.#step && "count" in this.#step ? this.#step.count : 0;
  }
}

/** Collects output. Adjacent bytes stay one piece, without a copy. */
class Output {
  #parts: Uint8Array[] = [];
  /** The last piece: it may grow, so it is not cut yet. */
  #buffer: ArrayBufferLike | undefined;
  #from = 0;
  #to = 0;

  add({ buffer, byteOffset, length }: Uint8Array): void {
    if (length === 0) return;
    if (buffer !== this.#buffer || byteOffset !== this.#to) {
      this.#cut();
      this.#buffer = buffer;
      this.#from = byteOffset;
    }
    this.#to = byteOffset + length;
  }

  flush(): Uint8Array {
    this.#cut();
    const parts = this.#parts;
    this.#parts = [];
    return concat(parts);
  }

  #cut(): void {
    if (this.#buffer) this.#parts.push(new Uint8Array(this.#buffer, this.#from, this.#to - this.#from));
    this.#buffer = undefined;
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [only = NOTHING] = parts;
  if (parts.length < 2) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Filters a stream. Stops reading when the program has ended. */
export async function* filtered(
  source: AsyncIterable<Uint8Array>,
  program: Program,
): AsyncGenerator<Uint8Array, void> {
  const filter = new ByteFilter(program);
  for await (const chunk of source) {
    const piece = filter.push(chunk);
    if (piece.length > 0) yield piece;
    // Leaving the loop cancels the source.
    if (filter.isDone) return;
  }
  const last = filter.end();
  if (last.length > 0) yield last;
}
