/** Conditional and range requests (RFC 9110 §13 and §14), as far as files that never change need them. Pure. */

export interface ByteRange {
  offset: number;
  length: number;
}

/** Whether the client has these bytes already. */
export function isUnmodified(headers: Headers, etag: string): boolean {
  const tags = headers.get("if-none-match");
  if (tags === null) return false;
  return tags.trim() === "*" || tags.split(",").some((tag) => tag.trim().replace(/^W\//, "") === `"${etag}"`);
}

/**
 * The range that a request asks for.
 * @returns undefined for the whole file: nothing was asked, or something that a server may ignore, such as several
 *   ranges, or a range of other bytes than these.
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
