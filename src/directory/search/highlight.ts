/** Highlights: the matching part of a message as safe HTML. */
import { type Phrase, placesOf, type Token, tokens } from "../../domain/tokens.ts";

/** Characters of a long message that are shown. */
const WINDOW = 200;
/** Characters at the start of a long message that are searched first. */
const HEAD = 4 * WINDOW;
/** Characters shown before the first match. */
const LEAD = 60;

interface Span {
  start: number;
  end: number;
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** The position of the first match of any phrase, or undefined. */
function firstMatch(text: readonly Token[], phrases: readonly Phrase[]): number | undefined {
  const places = phrases.flatMap((phrase) => placesOf(phrase, text).next().value ?? []);
  return text[Math.min(...places)]?.start;
}

/** The matches in the shown part, in order and without overlap. */
function matches(text: readonly Token[], phrases: readonly Phrase[], shown: Span): Span[] {
  const found: Span[] = [];
  for (const phrase of phrases) {
    for (const place of placesOf(phrase, text)) {
      const start = text[place]?.start ?? 0;
      if (start >= shown.end) break;
      found.push({ start, end: text[place + phrase.covers - 1]?.end ?? start });
    }
  }
  const spans: Span[] = [];
  for (const { start, end } of found.sort((one, other) => one.start - other.start)) {
    const before = spans.at(-1);
    if (before && start <= before.end) before.end = Math.max(before.end, end);
    else spans.push({ start, end });
  }
  return spans;
}

/** The shown part of a long text: about {@link WINDOW} characters around a match, cut between words. */
function windowAround(match: number, content: string, text: readonly Token[]): Span {
  if (content.length <= WINDOW) return { start: 0, end: content.length };
  const earliest = Math.min(match - LEAD, content.length - WINDOW);
  const start = earliest <= 0 ? 0 : (text.find((token) => token.start >= earliest)?.start ?? match);
  const latest = start + WINDOW;
  if (latest >= content.length) return { start, end: content.length };
  const end = text.findLast((token) => token.end <= latest)?.end ?? start;
  return { start, end: end > match ? end : wholeCharacters(content, latest) };
}

/** The last position up to `end` that does not split a surrogate pair. */
function wholeCharacters(content: string, end: number): number {
  return content.slice(0, end).isWellFormed() ? end : end - 1;
}

/**
 * The content as HTML: escaped, with `<mark>` around matches. Of a long text only the part around the first match. That
 * is usually near the start, and then the rest is not searched.
 */
export function highlight(content: string, phrases: readonly Phrase[]): string {
  if (content.length > 2 * HEAD) {
    const head = tokens(content.slice(0, HEAD));
    // The shown part of a later match could reach beyond the head.
    const first = firstMatch(head, phrases) ?? HEAD;
    if (first < HEAD - 2 * WINDOW) return render(content, phrases, head, first);
  }
  const text = tokens(content);
  return render(content, phrases, text, firstMatch(text, phrases) ?? 0);
}

function render(content: string, phrases: readonly Phrase[], text: readonly Token[], first: number): string {
  const shown = windowAround(first, content, text);
  let html = shown.start > 0 ? "…" : "";
  let done = shown.start;
  for (const span of matches(text, phrases, shown)) {
    const start = Math.max(span.start, done);
    const end = Math.min(span.end, shown.end);
    if (start >= end) continue;
    html += `${escapeHtml(content.slice(done, start))}<mark>${escapeHtml(content.slice(start, end))}</mark>`;
    done = end;
  }
  return `${html}${escapeHtml(content.slice(done, shown.end))}${shown.end < content.length ? "…" : ""}`;
}
