import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { identityFromClaims, summaryOf } from "../../src/domain/caller.ts";

const id = "0b54c8ba-3f7e-4d5c-9f6b-0d7a6f1f2a33";
const claims = { sub: id, username: "john_doe", exp: 2_000_000_000 };

describe("claims", () => {
  it("[CLAIMS] sub or user_id, username and exp are enough", () => {
    const identity = {
      user_id: id,
      username: "john_doe",
      display_name: "john_doe",
      profile_photo_url: null,
      expires_at: 2_000_000_000_000,
    };
    expect(identityFromClaims(claims)).toEqual(identity);
    expect(identityFromClaims({ ...claims, sub: undefined, user_id: id })).toEqual(identity);
    expect(identityFromClaims({ ...claims, user_id: id })).toEqual(identity);
    expect(identityFromClaims({ ...claims, sub: id.toUpperCase() })).toEqual(identity);
  });

  it("[CLAIMS] a broken identity is no identity", () => {
    const other = "1b54c8ba-3f7e-4d5c-9f6b-0d7a6f1f2a33";
    const broken = [
      { sub: undefined },
      { user_id: other },
      { sub: "john" },
      { sub: { toString: "x" } },
      { sub: [id] },
      { sub: null },
      { username: undefined },
      { username: "" },
      { username: "jo" },
      { username: "x".repeat(33) },
      { username: "john doe" },
      { username: "jоhn_doe" }, // A Cyrillic o.
      { username: "john\n" },
      { username: 7 },
      { exp: undefined },
      { exp: "2000000000" },
      { exp: 0 },
      { exp: -5 },
      { exp: Number.NaN },
    ];
    for (const part of broken) expect(identityFromClaims({ ...claims, ...part })).toBeUndefined();
    for (const value of [null, undefined, "x", 7, [], {}]) expect(identityFromClaims(value)).toBeUndefined();
  });

  it("[CLAIMS] a username is lower-cased", () => {
    expect(identityFromClaims({ ...claims, username: "John.Doe-1" })?.username).toBe("john.doe-1");
  });

  it("[CLAIMS] a broken name or photo is left out and refuses nobody", () => {
    for (const display_name of ["", "  ", "x".repeat(101), "a\0b", "\ud800", 7, null]) {
      expect(identityFromClaims({ ...claims, display_name })?.display_name).toBe("john_doe");
    }
    for (const profile_photo_url of ["javascript:alert(1)", "x", "", 7, null, undefined]) {
      expect(identityFromClaims({ ...claims, profile_photo_url })?.profile_photo_url).toBeNull();
    }
    const whole = { display_name: " John Doe ", profile_photo_url: "https://cdn.example.com/p.jpg" };
    expect(identityFromClaims({ ...claims, ...whole })).toMatchObject({ ...whole, display_name: "John Doe" });
  });

  it("[CLAIMS] any exp becomes a whole millisecond that a date can hold", () => {
    expect(identityFromClaims({ ...claims, exp: 2_000_000_000.5 })?.expires_at).toBe(2_000_000_000_500);
    for (const exp of [9_999_999_999, Number.MAX_SAFE_INTEGER, 1e300]) {
      const expires_at = identityFromClaims({ ...claims, exp })?.expires_at ?? Number.NaN;
      expect(new Date(expires_at).getUTCFullYear()).toBeLessThan(2189);
      expect(expires_at).toBeGreaterThan(2_000_000_000_000);
    }
    fc.assert(
      fc.property(fc.double({ min: 1, noNaN: true }), (exp) => {
        const identity = identityFromClaims({ ...claims, exp });
        // JSON has no infinity.
        return Number.isFinite(exp) ? Number.isSafeInteger(identity?.expires_at) : identity === undefined;
      }),
    );
  });

  it("[CLAIMS] whatever the claims hold, nothing is thrown", () => {
    fc.assert(fc.property(fc.anything(), (anything) => void identityFromClaims(anything)));
  });

  it("[CLAIMS] only the public part of a person is shown", () => {
    const summary = { user_id: id, username: "john_doe", display_name: "John", profile_photo_url: null };
    expect(summaryOf({ ...summary, ...{ expires_at: 1, profile_version: 3 } })).toEqual(summary);
  });
});
