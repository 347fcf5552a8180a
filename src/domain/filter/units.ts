/** Texts as filters read them: code units, each with its place in the original. */

/** A text that was read. */
export interface UnitText {
  units: Uint16Array;
  /** For each unit: where its source starts and ends in the original. */
  starts: Int32Array;
  ends: Int32Array;
}

/** Collects units. Few characters become several. */
export class Units {
  #units = new Uint16Array(0);
  #starts = new Int32Array(0);
  #ends = new Int32Array(0);
  length = 0;

  constructor(capacity: number) {
    this.#grow(capacity);
  }

  push(unit: number, start: number, end: number): void {
    if (this.length === this.#units.length) this.#grow(this.length * 2);
    this.#units[this.length] = unit;
    this.#starts[this.length] = start;
    this.#ends[this.length] = end;
    this.length += 1;
  }

  /** What is ignored belongs to the character before it. */
  extend(end: number): void {
    const start = this.#starts[this.length - 1];
    for (let i = this.length - 1; i >= 0 && this.#starts[i] === start; i--) this.#ends[i] = end;
  }

  done(): UnitText {
    const { length } = this;
    return {
      units: this.#units.subarray(0, length),
      starts: this.#starts.subarray(0, length),
      ends: this.#ends.subarray(0, length),
    };
  }

  #grow(capacity: number): void {
    const [units, starts, ends] = [this.#units, this.#starts, this.#ends];
    this.#units = new Uint16Array(capacity);
    this.#starts = new Int32Array(capacity);
    this.#ends = new Int32Array(capacity);
    this.#units.set(units);
    this.#starts.set(starts);
    this.#ends.set(ends);
  }
}
