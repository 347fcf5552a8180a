/** Reads labels of domain names that are written in ASCII (RFC 3492). */

const [BASE, T_MIN, T_MAX, SKEW, DAMP, INITIAL_BIAS, INITIAL_N] = [36, 1, 26, 38, 700, 72, 128] as const;
const MAX_CODE_POINT = 0x10ffff;

function digitOf(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30 + 26;
  return unit >= 0x61 && unit <= 0x7a ? unit - 0x61 : BASE;
}

function adapt(delta: number, count: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? DAMP : 2));
  rest += Math.floor(rest / count);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}

/**
 * Decodes a label.
 * @param encoded what follows `xn--`, in lower case.
 * @returns undefined if it encodes nothing.
 */
export function decodePunycode(encoded: string): string | undefined {
  const dash = encoded.lastIndexOf("-");
  const out = Array.from(encoded.slice(0, Math.max(dash, 0)), (character) => character.codePointAt(0) ?? 0);
  let [n, i, bias]: [number, number, number] = [INITIAL_N, 0, INITIAL_BIAS];
  for (let at = dash + 1; at < encoded.length; i++) {
    const before = i;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = digitOf(encoded.charCodeAt(at++));
      if (Number.isNaN(digit) || digit >= BASE) return undefined;
      i += digit * weight;
      const threshold = Math.min(Math.max(k - bias, T_MIN), T_MAX);
      if (digit < threshold) break;
      weight *= BASE - threshold;
      if (i > MAX_CODE_POINT * (out.length + 1) || at >= encoded.length) return undefined;
    }
    bias = adapt(i - before, out.length + 1, before === 0);
    n += Math.floor(i / (out.length + 1));
    i %= out.length + 1;
    if (n > MAX_CODE_POINT || (n >= 0xd800 && n <= 0xdfff)) return undefined;
    out.splice(i, 0, n);
  }
  return out.length === 0 ? undefined : String.fromCodePoint(...out);
}
