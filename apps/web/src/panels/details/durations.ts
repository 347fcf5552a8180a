/** Lengths of time in words. */

const UNITS = [
  ["day", 24 * 3600],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

/** A length of time, in the largest unit of which it is a whole number: "7 days". @param seconds above 0. */
export function duration(seconds: number, locale: string): string {
  const [unit, size] = UNITS.find(([, length]) => seconds % length === 0) ?? ["second", 1];
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(seconds / size);
}
