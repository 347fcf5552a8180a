/** Replaces what was found by stars. */
import { hasVisible } from "@rocket-chat-api/protocol";

/** A stretch of a text, in code units. */
export type Span = readonly [start: number, end: number];

const STAR = "*";
const SPACES = /^\s+$/u;
/** Characters as people see them: an emoji of several code points, or a letter with its accents, is one. */
const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });

/** Joins spans that overlap. @returns them in order. */
function joined(spans: readonly Span[]): [number, number][] {
  const out: [number, number][] = [];
  for (const [start, end] of spans.toSorted(([a], [b]) => a - b)) {
    const last = out.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else out.push([start, end]);
  }
  return out;
}

/**
 * Puts one star in the place of each visible character in these spans. Spaces stay, and what is invisible goes. A character that
 * is only partly in a span is replaced as a whole.
 */
export function mask(text: string, spans: readonly Span[]): string {
  const hidden = joined(spans);
  let out = "";
  let next = 0;
  for (const { segment, index } of segmenter.segment(text)) {
    while (next < hidden.length && (hidden[next]?.[1] ?? 0) <= index) next += 1;
    const isShown = index + segment.length <= (hidden[next]?.[0] ?? text.length);
    if (isShown || SPACES.test(segment)) out += segment;
    else if (hasVisible(segment)) out += STAR;
  }
  return out;
}
