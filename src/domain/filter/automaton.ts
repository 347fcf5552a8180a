/**
 * Finds many patterns in a text at once (Aho and Corasick, 1975). The states lie in arrays, in the order of a breadth-first search,
 * so that the children of one lie together: 14 bytes for each state, since every isolate keeps one for all filters.
 */

/** The patterns that are looked for, and the filters (one bit each) of every pattern. */
export interface PatternSet {
  /** Distinct, sorted by code units, none of them empty. */
  patterns: readonly string[];
  filters: Int32Array;
}

export interface Automaton {
  /** The unit that leads into each state. */
  units: Uint16Array;
  /** Where the children of each state begin. They end where those of the next state begin. */
  children: Int32Array;
  /** The state of the longest proper suffix. */
  fallbacks: Int32Array;
  /** The longest pattern that ends in each state; -1 if none does. */
  longest: Int32Array;
  /** Children of the first state, by unit: it has the most. */
  first: Int32Array;
  lengths: Int32Array;
  filters: Int32Array;
  /** For each pattern: the longest other one that it ends with; -1 if there is none. */
  shorter: Int32Array;
  /** For each pattern: its filters, and those of all that it ends with. */
  chained: Int32Array;
}

const ROOT = 0;
const NONE = -1;
/** Every filter. */
const ALL = -1;

/** Builds the automaton. Its time is that of reading the patterns, its states at most their characters and one. */
export function buildAutomaton({ patterns, filters }: PatternSet): Automaton {
  let characters = 0;
  for (const pattern of patterns) characters += pattern.length;
  const states = new States(characters + 1, patterns);
  const its: Automaton = {
    ...states,
    first: new Int32Array(0x10000),
    lengths: Int32Array.from(patterns, ({ length }) => length),
    filters,
    shorter: new Int32Array(patterns.length).fill(NONE),
    chained: filters.slice(),
  };
  let count = 1;
  for (let state = ROOT; state < count; state++) {
    its.children[state] = count;
    count = states.expand(state, count);
    its.children[state + 1] = count;
    for (let child = its.children[state] ?? 0; child < count; child++) link(its, state, child);
  }
  return {
    ...its,
    units: its.units.slice(0, count),
    children: its.children.slice(0, count + 1),
    fallbacks: its.fallbacks.slice(0, count),
    longest: its.longest.slice(0, count),
  };
}

/** States while they are made. Each stands for the patterns from `from` to `to` that begin alike, up to its depth. */
class States {
  readonly units: Uint16Array;
  readonly children: Int32Array;
  readonly fallbacks: Int32Array;
  readonly longest: Int32Array;
  readonly #patterns: readonly string[];
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  readonly #depths: Int32Array;

  constructor(capacity: number, patterns: readonly string[]) {
    this.#patterns = patterns;
    this.units = new Uint16Array(capacity);
    this.children = new Int32Array(capacity + 1);
    this.fallbacks = new Int32Array(capacity);
    this.longest = new Int32Array(capacity).fill(NONE);
    this.#from = new Int32Array(capacity);
    this.#to = new Int32Array(capacity);
    this.#depths = new Int32Array(capacity);
    this.#to[ROOT] = patterns.length;
  }

  /** Makes the children of a state. @param next the number of the first. @returns the number after the last. */
  expand(state: number, next: number): number {
    const depth = this.#depths[state] ?? 0;
    const to = this.#to[state] ?? 0;
    let from = this.#from[state] ?? 0;
    // Of patterns that begin alike, the shortest comes first. It ends here.
    if ((this.#patterns[from]?.length ?? 0) === depth && from < to) {
      this.longest[state] = from;
      from += 1;
    }
    while (from < to) {
      const unit = this.#patterns[from]?.charCodeAt(depth) ?? 0;
      let end = from + 1;
      while (end < to && this.#patterns[end]?.charCodeAt(depth) === unit) end += 1;
      this.units[next] = unit;
      this.#from[next] = from;
      this.#to[next] = end;
      this.#depths[next] = depth + 1;
      if ((this.#patterns[from]?.length ?? 0) === depth + 1) this.longest[next] = from;
      next += 1;
      from = end;
    }
    return next;
  }
}

/** Finds where a new state falls back to, and which patterns end in it. */
function link(its: Automaton, parent: number, child: number): void {
  const unit = its.units[child] ?? 0;
  let fallback = ROOT;
  if (parent === ROOT) {
    its.first[unit] = child;
  } else {
    let state = its.fallbacks[parent] ?? ROOT;
    while (state !== ROOT && childOf(its, state, unit) === ROOT) state = its.fallbacks[state] ?? ROOT;
    fallback = childOf(its, state, unit);
  }
  its.fallbacks[child] = fallback;
  const own = its.longest[child] ?? NONE;
  const inherited = its.longest[fallback] ?? NONE;
  if (own === NONE) {
    its.longest[child] = inherited;
  } else if (inherited !== NONE) {
    its.shorter[own] = inherited;
    its.chained[own] = (its.chained[own] ?? 0) | (its.chained[inherited] ?? 0);
  }
}

/** The child of a state by its unit; the first state if there is none. */
function childOf({ units, children, first }: Automaton, state: number, unit: number): number {
  if (state === ROOT) return first[unit] ?? ROOT;
  let low = children[state] ?? 0;
  let high = (children[state + 1] ?? 0) - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const there = units[middle] ?? 0;
    if (there === unit) return middle;
    if (there < unit) low = middle + 1;
    else high = middle - 1;
  }
  return ROOT;
}

/** What a search needs to know of filters: one bit each. */
export interface SearchPlan {
  /** Filters whose patterns are found inside of words too. */
  anywhere: number;
  /** Filters of which every place is wanted. Of the others it is enough to know that they match. */
  placed: number;
}

/** What was found. */
export interface Found {
  /** The filters that match. */
  filters: number;
  /** Where the placed ones do: start and end, again and again, the ends ascending. */
  places: number[];
  /** Moves between states, and patterns looked at: what the time is proportional to. */
  steps: number;
}

/** Searches a text. @param boundaries 1 where whole words may begin or end. */
export function search(
  its: Automaton,
  units: Uint16Array,
  boundaries: { starts: Uint8Array; ends: Uint8Array },
  { anywhere, placed }: SearchPlan,
): Found {
  const found: Found = { filters: 0, places: [], steps: 0 };
  const { fallbacks, longest, shorter, chained, lengths, filters } = its;
  let state = ROOT;
  for (let i = 0; i < units.length; i++) {
    const unit = units[i] ?? 0;
    let next = childOf(its, state, unit);
    found.steps += 1;
    while (next === ROOT && state !== ROOT) {
      state = fallbacks[state] ?? ROOT;
      next = childOf(its, state, unit);
      found.steps += 1;
    }
    state = next;
    let pattern = longest[state] ?? NONE;
    if (pattern === NONE) continue;
    const end = i + 1;
    const isEnd = boundaries.ends[end] === 1;
    const possible = isEnd ? ALL : anywhere;
    // Of patterns that end here, the longest that counts hides the same letters as all shorter ones.
    let isPlaced = false;
    for (; pattern !== NONE; pattern = shorter[pattern] ?? NONE) {
      const wanted = ((isPlaced ? 0 : placed) | ~found.filters) & possible;
      if (((chained[pattern] ?? 0) & wanted) === 0) break;
      found.steps += 1;
      const start = end - (lengths[pattern] ?? 0);
      const isWhole = isEnd && boundaries.starts[start] === 1;
      const matching = (filters[pattern] ?? 0) & (isWhole ? ALL : anywhere);
      if (matching === 0) continue;
      found.filters |= matching;
      if (!isPlaced && (matching & placed) !== 0) {
        found.places.push(start, end);
        isPlaced = true;
      }
    }
  }
  return found;
}
