/** Conditional and range requests (RFC 9110 §13 and §14) for files that never change. */

export interface ByteRange {
  offset: number;
  length: number;
}

/** Whether the client already has these bytes. */
export function isUnmodified(headers: Headers, etag: string): boolean {
  const tags = headers.get("if-none-match");
  if (tags === null) return false;
  return tags.trim() === "*" || tags.split(",").some((tag) => tag.trim().replace(/^W\//, "") === `"${etag}"`);
}

/**
 * The requested range.
 * @returns undefined for the whole file: there is no range, or one that a server may ignore, such as several ranges or
 *   a range of another version.
 */
export function requestedRange(
  headers: Headers,
  size: number,
  etag: string,
): ByteRange | "unsatisfiable" | undefined {
  const ifRange = headers.get("if-range");
  if (ifRange !== null && ifRange.trim() !== `"${etag}"`) return undefined;
  const [, first = "", last = ""] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(headers.get("range") ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { offset: size - length, length };
  }
  const offset = Number(first);
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  if (last !== "" && Number(last) < offset) return undefined;
  return offset >= size ? "unsatisfiable" : { offset, length: end - offset };
}
