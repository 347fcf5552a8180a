/** How times are written, each by the language's own rules. */

const DAY_MS = 24 * 3600 * 1000;
const FORMATS = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  const known = FORMATS.get(key) ?? new Intl.DateTimeFormat(locale, options);
  FORMATS.set(key, known);
  return known;
}

/** Days between two moments, by the calendar of this device: 0 is the same day. */
export function daysBetween(earlier: Date, later: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(later) - midnight(earlier)) / DAY_MS);
}

/** The time of day: `14:05`. */
export function timeOfDay(date: Date, locale: string): string {
  return format(locale, { hour: "numeric", minute: "2-digit" }).format(date);
}

/** Short, for a list: the time of today, the weekday of the last six days, else the date. */
export function shortTime(date: Date, now: Date, locale: string): string {
  const days = daysBetween(date, now);
  if (days <= 0) return timeOfDay(date, locale);
  if (days < 7) return format(locale, { weekday: "short" }).format(date);
  const options: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };
  if (date.getFullYear() !== now.getFullYear()) options.year = "numeric";
  return format(locale, options).format(date);
}

/** A day, for a line between messages: "today" and "yesterday" in words, then the weekday, then the date. */
export function dayName(date: Date, now: Date, locale: string): string {
  const days = daysBetween(date, now);
  if (days === 0 || days === 1) {
    return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(-days, "day");
  }
  if (days > 1 && days < 7) return format(locale, { weekday: "long" }).format(date);
  return format(locale, { day: "numeric", month: "long", year: "numeric" }).format(date);
}

/** A whole moment, for a tooltip: date and time. */
export function fullTime(date: Date, locale: string): string {
  return format(locale, { dateStyle: "full", timeStyle: "short" }).format(date);
}
