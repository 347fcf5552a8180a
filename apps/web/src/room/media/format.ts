/** Sizes and durations in words. */
import { numbers } from "../../i18n/plural.ts";

const UNITS = ["kilobyte", "megabyte", "gigabyte"] as const;
const STEP = 1000;
const FORMATS = new Map<string, Intl.NumberFormat>();

/** Bytes as people read them: `1.2 MB`. */
export function sizeText(bytes: number, locale: string): string {
  let value = bytes / STEP;
  let unit = 0;
  while (value >= STEP && unit < UNITS.length - 1) {
    value /= STEP;
    unit += 1;
  }
  const name = UNITS[unit] ?? "kilobyte";
  const key = `${locale} ${name}`;
  const options = {
    style: "unit",
    unit: name,
    unitDisplay: "short",
    maximumFractionDigits: value < 10 ? 1 : 0,
  } as const;
  const format = FORMATS.get(`${key} ${value < 10}`) ?? new Intl.NumberFormat(locale, options);
  FORMATS.set(`${key} ${value < 10}`, format);
  return format.format(Math.max(value, 0.1));
}

/** Seconds as a clock: `1:05`, `1:02:03`. */
export function clockText(seconds: number, locale: string): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  const two = (value: number) => numbers(locale).format(value).padStart(2, numbers(locale).format(0));
  return shown.map((part, index) => (index === 0 ? numbers(locale).format(part) : two(part))).join(":");
}
