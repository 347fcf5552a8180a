/** Cuts the lines of a notification until its payload is small enough. */

/** Bytes of a title. The body has the rest. */
const MAX_TITLE_BYTES = 512;
const ELLIPSIS = "…";

interface Lines {
  title: string;
  body: string;
}

const encoder = new TextEncoder();

/** Bytes of a text in UTF-8. */
export function bytesOf(text: string): number {
  return encoder.encode(text).length;
}

/**
 * The lines with as much of the body as fits, and with an ellipsis where it is cut. It is cut between graphemes, so never
 * within an emoji.
 * @param measure bytes of the payload with these lines. More text is never fewer bytes.
 * @param max bytes that the payload may have.
 */
export function fitLines<T extends Lines>(lines: T, measure: (lines: T) => number, max: number): T {
  const title = cut(lines.title, (text) => bytesOf(text) <= MAX_TITLE_BYTES);
  const body = cut(lines.body, (text) => measure({ ...lines, title, body: text }) <= max);
  return { ...lines, title, body };
}

/** The longest beginning of a text that fits. Empty if nothing does. */
function cut(text: string, fits: (text: string) => boolean): string {
  if (fits(text)) return text;
  const graphemes = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)];
  const beginning = (count: number) => text.slice(0, graphemes[count]?.index ?? text.length) + ELLIPSIS;
  let low = 0;
  let high = graphemes.length;
  // `low` graphemes fit, or it is 0; `high` do not.
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fits(beginning(middle))) low = middle;
    else high = middle;
  }
  return low === 0 ? "" : beginning(low);
}
