/** Times in which a user wants to hear nothing, in their own time zone (rule 27). Pure. */
import type { QuietPeriod } from "@rocket-chat-api/protocol";
import type { EpochMs } from "../../domain/time.ts";

type Day = QuietPeriod["days"][number];

const DAYS: readonly Day[] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** What a clock on the wall shows. */
interface WallTime {
  day: Day;
  yesterday: Day;
  /** Like `07:30`. */
  time: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone);
  if (known) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  formats.set(timezone, format);
  return format;
}

/** What the clock shows in a time zone. The platform knows when daylight saving begins and ends there. */
function wallTime(timezone: string, now: EpochMs): WallTime {
  const parts = new Map(
    formatOf(timezone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const index = DAYS.indexOf((parts.get("weekday") ?? "").toLowerCase() as Day);
  const dayAt = (at: number) => DAYS[at % 7] ?? "sun";
  return {
    day: dayAt(index),
    yesterday: dayAt(index + 6),
    time: `${parts.get("hour")}:${parts.get("minute")}`,
  };
}

/**
 * Whether a time lies in one of these periods. A period that ends at or before its beginning lasts until the next day, and
 * belongs to the day on which it begins. It is compared with the wall clock, so an hour that daylight saving skips or
 * repeats is quiet if the clock shows a quiet time.
 */
export function isQuiet(periods: readonly QuietPeriod[], timezone: string, now: EpochMs): boolean {
  if (periods.length === 0) return false;
  const { day, yesterday, time } = wallTime(timezone, now);
  return periods.some(({ days, from, to }) => {
    if (from < to) return days.includes(day) && from <= time && time < to;
    return (days.includes(day) && from <= time) || (days.includes(yesterday) && time < to);
  });
}
