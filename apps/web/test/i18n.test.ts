import { describe, expect, it } from "vitest";
import { ar } from "../src/i18n/ar/index.ts";
import { dayName, daysBetween, shortTime } from "../src/i18n/dates.ts";
import { en } from "../src/i18n/en/index.ts";
import { fill, type Text } from "../src/i18n/plural.ts";

/** The places of a text that are filled, without those that a plural form may leave out. */
function placesOf(text: Text): string[] {
  const forms = typeof text === "string" ? [text] : Object.values(text);
  const places = forms.flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name));
  return [...new Set(places)].filter((name) => name !== "count").sort();
}

describe("the texts of the page", () => {
  it("[PAGE-9] every language has the keys of English, with the same places to fill", () => {
    expect(Object.keys(ar).sort()).toEqual(Object.keys(en).sort());
    for (const key of Object.keys(en) as (keyof typeof en)[])
      expect([key, placesOf(ar[key])]).toEqual([key, placesOf(en[key])]);
  });

  it("[PAGE-9] Arabic has each of its plural forms, unless one form stands for all", () => {
    const lacking = Object.entries(ar).flatMap(([key, text]) =>
      typeof text === "string" || Object.keys(text).length === 1 || (text.two && text.few && text.many)
        ? []
        : [key],
    );
    expect(lacking).toEqual([]);
  });

  it("[PAGE-9] a number chooses the form, and is written as the language writes it", () => {
    const text = { one: "{count} thing", other: "{count} things" };
    expect(fill(text, { count: 1 }, "en")).toBe("1 thing");
    expect(fill(text, { count: 1200 }, "en")).toBe("1,200 things");
    expect(fill(ar["list.unread"], { count: 2 }, "ar")).toBe("رسالتان غير مقروءتين");
    expect(fill("{name} and {unknown}", { name: "{count}" }, "en")).toBe("{count} and {unknown}");
  });

  it("[PAGE-10] times are short: today's time, a weekday, a date, with the year where it differs", () => {
    const now = new Date(2026, 4, 20, 12);
    const at = (...parts: [number, number, number, number]) => shortTime(new Date(...parts), now, "en-GB");
    expect(at(2026, 4, 20, 0)).toMatch(/^0?0:00$/);
    expect(at(2026, 4, 19, 23)).toBe("Tue");
    expect(at(2026, 4, 14, 12)).toBe("Thu");
    expect(at(2026, 4, 13, 12)).toBe("13 May");
    expect(at(2025, 4, 13, 12)).toBe("13 May 2025");
    // A clock that is ahead says nothing about tomorrow.
    expect(at(2026, 4, 21, 9)).toMatch(/^0?9:00$/);
  });

  it("[PAGE-10] days are counted by the calendar, and named", () => {
    const now = new Date(2026, 2, 30, 0, 5);
    expect(daysBetween(new Date(2026, 2, 29, 23, 55), now)).toBe(1);
    expect(dayName(new Date(2026, 2, 30), now, "en")).toBe("today");
    expect(dayName(new Date(2026, 2, 29, 23, 55), now, "en")).toBe("yesterday");
    expect(dayName(new Date(2026, 2, 26), now, "en")).toBe("Thursday");
    expect(dayName(new Date(2026, 2, 1), now, "en")).toBe("March 1, 2026");
  });
});
