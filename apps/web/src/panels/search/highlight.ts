/** Search results as text. The API marks matches in HTML; nothing here becomes HTML again. */

/** A piece of a text. */
export interface Piece {
  text: string;
  isMatch: boolean;
}

/** What the server escapes. */
const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&#x27;": "'",
};

function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39|#x27);/g, (entity) => ENTITIES[entity] ?? entity);
}

/** The pieces of a `highlight`: what stands between `<mark>` and `</mark>` is a match. */
export function piecesOf(highlight: string): readonly Piece[] {
  return highlight
    .split(/<mark>(.*?)<\/mark>/s)
    .map((text, at) => ({ text: unescaped(text), isMatch: at % 2 === 1 }))
    .filter(({ text }) => text !== "");
}
