/** Reads and writes single values in bytes. Bytes beyond the end read as 0. */

/** Two bytes, big-endian. */
export function uint16(bytes: Uint8Array, at = 0): number {
  return (bytes[at] ?? 0) * 0x100 + (bytes[at + 1] ?? 0);
}

/** Four bytes, big-endian. */
export function uint32(bytes: Uint8Array, at = 0): number {
  return uint16(bytes, at) * 0x10000 + uint16(bytes, at + 2);
}

/** A little-endian number. */
export function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 0x100 + (bytes[at + i] ?? 0);
  return value;
}

/** A four-character code. */
export function name4(bytes: Uint8Array, at = 0): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** Encodes a text with one byte for each character. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Whether bytes start with this text. */
export function startsWith(bytes: Uint8Array, text: string): boolean {
  if (bytes.length < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Whether both have the same bytes. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
