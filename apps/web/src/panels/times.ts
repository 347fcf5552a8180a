/** Times in sentences. */
import type { Presence } from "@rocket-chat-api/client/live";
import { dayName, daysBetween, timeOfDay } from "../i18n/dates.ts";
import type { I18n } from "../i18n/i18n.tsx";

const HOUR_MS = 3600 * 1000;

/** A moment as a part of a sentence: the time alone if it is of today. */
export function moment(date: Date, now: Date, locale: string): string {
  const time = timeOfDay(date, locale);
  if (daysBetween(date, now) === 0) return time;
  const day =
    date > now
      ? new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short" }).format(date)
      : dayName(date, now, locale);
  return `${day}, ${time}`;
}

/** Whether a person is there, in words; undefined is not known, or not shown to the viewer. */
export function presenceText(presence: Presence | undefined, { t, language }: I18n): string | undefined {
  if (!presence) return undefined;
  if (presence.status !== "offline") return t(`panels.${presence.status}`);
  if (presence.last_seen_at === null) return undefined;
  return t("panels.last_seen", { when: moment(new Date(presence.last_seen_at), new Date(), language) });
}

/** So many hours from now, as the API takes times. */
export function inHours(hours: number): string {
  return new Date(Date.now() + hours * HOUR_MS).toISOString();
}
