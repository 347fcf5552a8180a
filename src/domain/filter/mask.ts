/** Replaces what was found by stars. */
import { hasVisible } from "@rocket-chat-api/protocol";

/** A stretch of a text, in code units. */
export type Span = readonly [start: number, end: number];

const STAR = "*";
/** What stays: spaces, and signs of the text direction, which come in pairs. */
const KEPT = /^[\s\u202a-\u202e\u2066-\u2069]+$/u;
/** Characters as people see them: an emoji of several code points, or a letter with its accents, is one. */
const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });

/** Text in which every code unit is a visible character or a space. */
const SIMPLE = /^[ -~\n]*$/;

function maskSimple(text: string, hidden: readonly Span[]): string {
  let out = "";
  let shown = 0;
  for (const [start, end] of hidden) {
    out += text.slice(shown, start) + text.slice(start, end).replace(/\S/g, STAR);
    shown = end;
  }
  return out + text.slice(shown);
}

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
 * Puts one star in the place of each visible character in these spans. Spaces and signs of direction
 * stay, and what else is invisible goes. A character that
 * is only partly in a span is replaced as a whole.
 */
export function mask(text: string, spans: readonly Span[]): string {
  const hidden = joined(spans);
  if (SIMPLE.test(text)) return maskSimple(text, hidden);
  let out = "";
  let next = 0;
  for (const { segment, index } of segmenter.segment(text)) {
    while (next < hidden.length && (hidden[next]?.[1] ?? 0) <= index) next += 1;
    const isShown = index + segment.length <= (hidden[next]?.[0] ?? text.length);
    if (isShown || KEPT.test(segment)) out += segment;
    else if (hasVisible(segment)) out += STAR;
  }
  return out;
}
