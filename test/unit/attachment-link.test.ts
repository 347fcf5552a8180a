import { describe, expect, it } from "vitest";
import { linkExpiry, resizedWidth, secondsLeft } from "../../src/domain/attachment-link.ts";

const NOON = Date.parse("2026-11-26T12:00:00Z");

describe("when links end", () => {
  it("[R26 LINK-1] in ten to fifteen minutes, and links of the same five minutes end together", () => {
    const ends = (ms: number) => linkExpiry(NOON + ms) - NOON / 1000;
    expect([ends(0), ends(1), ends(299_999), ends(300_000)]).toEqual([900, 900, 900, 1200]);
  });

  it("[R26 LINK-1] seconds are counted up, and never below 0", () => {
    const expires = linkExpiry(NOON);
    expect(secondsLeft(expires, NOON)).toBe(900);
    expect(secondsLeft(expires, NOON + 899_001)).toBe(1);
    expect(secondsLeft(expires, NOON + 900_000)).toBe(0);
    expect(secondsLeft(expires, NOON + 9_000_000)).toBe(0);
  });
});

describe("widths of images", () => {
  it("[R26 LINK-2] go up to the next step, and never beyond the original", () => {
    expect([1, 64, 65, 300, 2048].map((wanted) => resizedWidth(wanted, 4000))).toEqual([
      64, 64, 128, 512, 2048,
    ]);
    expect(resizedWidth(2049, 4000)).toBeUndefined();
    expect(resizedWidth(0, 4000)).toBeUndefined();
    expect(resizedWidth(300, 512)).toBeUndefined();
    expect(resizedWidth(300, 513)).toBe(512);
    expect(resizedWidth(300, undefined)).toBe(512);
  });
});
