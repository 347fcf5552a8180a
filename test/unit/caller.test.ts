import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { uuidV8 } from "../../src/auth/user-id.ts";
import { identityOf, summaryOf } from "../../src/domain/caller.ts";
import { type ClaimNames, readClaims } from "../../src/domain/claims.ts";
import { unicode } from "./arbitraries.ts";

const id = "0b54c8ba-3f7e-4d5c-9f6b-0d7a6f1f2a33";
const NOW = 1_900_000_000_000;
const claims = { sub: id, username: "john_doe", exp: 2_000_000_000 };

/** The identity that claims hold, or why they hold none. */
function identify(payload: unknown, names: ClaimNames = {}) {
  const read = readClaims(payload, names, NOW);
  return "refused" in read ? read.refused : identityOf(read.person, id);
}

/** As {@link identify}, of claims that hold one. */
function identityFrom(part: object, names: ClaimNames = {}) {
  const identity = identify({ ...claims, ...part }, names);
  if (typeof identity === "string") throw new Error(identity);
  return identity;
}

/** The provider's id that claims name, or why it is refused. */
function externalId(part: object): string {
  const read = readClaims({ ...claims, sub: undefined, ...part }, {}, NOW);
  return "refused" in read ? read.refused : `id ${read.person.external_id}`;
}

describe("claims", () => {
  it("[CLAIMS] sub or user_id and exp are enough", () => {
    const identity = {
      user_id: id,
      external_id: id,
      username: "john_doe",
      display_name: "john_doe",
      is_named: false,
      profile_photo_url: null,
      issued_at: 0,
      expires_at: 2_000_000_000_000,
    };
    expect(identify(claims)).toEqual(identity);
    expect(identify({ ...claims, sub: undefined, user_id: id })).toEqual(identity);
    expect(identify({ ...claims, user_id: id })).toEqual(identity);
    expect(identify({ ...claims, sub: id.toUpperCase() })).toEqual(identity);
    expect(identify({ sub: id, exp: claims.exp })).toMatchObject({ user_id: id, username: "user_6f1f2a33" });
  });

  it("[R28 ID-1] an id is any string of 1 to 128 characters, or a whole number", () => {
    const fine = [
      "a",
      "42",
      "auth0|5f7c8ec7c33c6c004bbafe82",
      "user_2NNEqL2nrIRdJ194ndJqAHwEfxC",
      "bob@example.com",
      "😀".repeat(128),
      " x ",
      "x".repeat(128),
      "日本",
      "a\u2028b",
      `urn:uuid:${id}`,
    ];
    for (const sub of fine) expect(externalId({ sub })).toBe(`id ${sub}`);
    for (const sub of [42, 0, -7, Number.MAX_SAFE_INTEGER]) expect(externalId({ sub })).toBe(`id ${sub}`);
    const bad: unknown[] = [
      "",
      "x".repeat(129),
      "😀".repeat(129),
      "a\nb",
      "a\0",
      "\u007f",
      "\u0085",
      "\ud800",
      1.5,
      2 ** 53,
      Number.NaN,
      true,
      {},
      ["a"],
      [42],
      { toString: "x" },
    ];
    for (const sub of bad) {
      expect(externalId({ sub })).toBe("id_not_accepted");
      expect(externalId({ user_id: sub })).toBe("id_not_accepted");
      // One that is accepted does not help one that is not.
      expect(externalId({ sub: "a", user_id: sub })).toBe("id_not_accepted");
    }
    expect(externalId({})).toBe("id_not_accepted");
    fc.assert(
      fc.property(unicode({ maxLength: 140 }), (sub) => {
        const isFine = sub !== "" && [...sub].length <= 128 && !/\p{Cc}/u.test(sub);
        const isUuid = externalId({ sub }) === `id ${sub.toLowerCase()}`;
        return isFine
          ? externalId({ sub }) === `id ${sub}` || isUuid
          : externalId({ sub }) === "id_not_accepted";
      }),
    );
  });

  it("[R28 ID-2] sub and user_id agree where both are there, as number or text, in whatever case a UUID is", () => {
    expect(externalId({ sub: "42", user_id: 42 })).toBe("id 42");
    expect(externalId({ sub: id.toUpperCase(), user_id: id })).toBe(`id ${id}`);
    expect(externalId({ sub: null, user_id: "a" })).toBe("id a");
    for (const [sub, user_id] of [
      ["a", "b"],
      ["a", "A"],
      ["42", 43],
      ["a", "a "],
      [id, "a"],
    ]) {
      expect(externalId({ sub, user_id })).toBe("id_not_accepted");
    }
  });

  it("[R28 ID-3] a UUIDv8 keeps every bit but those of version and variant", () => {
    expect(uuidV8(new Uint8Array(32))).toBe("00000000-0000-8000-8000-000000000000");
    expect(uuidV8(new Uint8Array(32).fill(255))).toBe("ffffffff-ffff-8fff-bfff-ffffffffffff");
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => i * 8 + 7);
    expect(uuidV8(bytes)).toBe("070f171f-272f-873f-874f-575f676f777f");
  });

  it("[CLAIMS] a broken identity is no identity, and the log learns why", () => {
    for (const exp of [undefined, "2000000000", 0, -5, Number.NaN, null]) {
      expect(identify({ ...claims, exp })).toBe("no_exp");
    }
    for (const iss of [7, {}, "\ud800", ["https://id.example.com"]]) {
      expect(identify({ ...claims, iss })).toBe("issuer");
    }
    for (const value of [null, undefined, "x", 7]) expect(identify(value)).toBe("malformed");
    for (const value of [[], {}]) expect(identify(value)).toBe("id_not_accepted");
  });

  it("[CLAIMS] a name that nothing can be shown of is left out, one that breaks its line is mended", () => {
    for (const display_name of [
      "",
      "  ",
      "x".repeat(101),
      "a\0b",
      "\ud800",
      7,
      null,
      "\u200b",
      "\u3164",
      "\n\t",
    ]) {
      expect(identityFrom({ display_name })).toMatchObject({ display_name: "john_doe", is_named: false });
    }
    const mended = {
      "John\nDoe": "John Doe",
      "John\u2028Doe\u0085": "John Doe",
      "\u202eJohn": "John",
      "a\u2069b": "ab",
      "\u2066a\u2069": "\u2066a\u2069",
    };
    for (const [display_name, shown] of Object.entries(mended)) {
      expect(identityFrom({ display_name })).toMatchObject({ display_name: shown, is_named: true });
    }
    // The next claim stands in.
    expect(identityFrom({ display_name: "\u200b", name: "John" }).display_name).toBe("John");
  });

  it("[CLAIMS] a broken photo is left out and refuses nobody", () => {
    const bad = [
      "javascript:alert(1)",
      "x",
      "",
      7,
      null,
      undefined,
      "http://example.com/a.png",
      "https://me:secret@example.com/a.png",
      "https://me@example.com/a.png",
    ];
    for (const profile_photo_url of bad)
      expect(identityFrom({ profile_photo_url }).profile_photo_url).toBeNull();
    const whole = { display_name: " John Doe ", profile_photo_url: "https://cdn.example.com/p.jpg" };
    expect(identityFrom(whole)).toMatchObject({ ...whole, display_name: "John Doe" });
    const picture = "https://cdn.example.com/q.jpg";
    expect(identityFrom({ name: "John", picture })).toMatchObject({
      display_name: "John",
      profile_photo_url: picture,
    });
    expect(identityFrom({ ...whole, name: "X", picture })).toMatchObject({
      profile_photo_url: whole.profile_photo_url,
    });
  });

  it("[CLAIMS] any exp becomes a whole millisecond that a date can hold", () => {
    expect(identityFrom({ exp: 2_000_000_000.5 }).expires_at).toBe(2_000_000_000_500);
    for (const exp of [9_999_999_999, Number.MAX_SAFE_INTEGER, 1e300]) {
      const { expires_at } = identityFrom({ exp });
      expect(new Date(expires_at).getUTCFullYear()).toBeLessThan(2189);
      expect(expires_at).toBeGreaterThan(2_000_000_000_000);
    }
    fc.assert(
      fc.property(fc.double({ min: 1, noNaN: true }), (exp) => {
        const identity = identify({ ...claims, exp });
        // In milliseconds, and over.
        if (exp >= 1e12 && Math.floor(exp) <= NOW) return identity === "expired";
        // JSON has no infinity.
        return Number.isFinite(exp)
          ? typeof identity !== "string" && Number.isSafeInteger(identity.expires_at)
          : identity === "no_exp";
      }),
    );
  });

  it("[R1 IAT-6] the time of a token is the same whenever it is used; none, and one that lies ahead, is the oldest", () => {
    expect(identityFrom({ iat: 1_800_000_000 }).issued_at).toBe(1_800_000_000_000);
    expect(identityFrom({ iat: 1_800_000_000.25 }).issued_at).toBe(1_800_000_000_250);
    // Clocks differ a little.
    expect(identityFrom({ iat: 1_900_000_060 }).issued_at).toBe(1_900_000_060_000);
    for (const iat of [1_900_000_061, 2_000_000_000, 253_402_300_799, 1_900_000_060_001, 1e15, 1e300])
      expect(identityFrom({ iat }).issued_at).toBe(0);
    for (const iat of [undefined, null, "1800000000", 0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(identityFrom({ iat }).issued_at).toBe(0);
  });

  it("[R1 IAT-7] dates in milliseconds mean what they were meant to", () => {
    expect(identityFrom({ iat: 1_800_000_000_123 }).issued_at).toBe(1_800_000_000_123);
    expect(identityFrom({ exp: 1_950_000_000_123.5 }).expires_at).toBe(1_950_000_000_123);
    for (const exp of [NOW, NOW - 1, 1_800_000_000_000, 1e12]) {
      expect(identify({ ...claims, exp })).toBe("expired");
    }
    // The year 9999 is a way to say "never".
    expect(identityFrom({ exp: 253_402_300_799 }).expires_at).toBe(Date.UTC(2100, 0));
  });

  it("[R28 CLAIM-1] the operator names the claims: by a name, a URL or a path", () => {
    const names = {
      username: "https://app.example.com/handle",
      name: "user_metadata.full_name",
      photo: "user_metadata.avatar",
    };
    const more = {
      "https://app.example.com/handle": "Johnny",
      user_metadata: { full_name: "John D.", avatar: "https://cdn.example.com/a.png" },
    };
    expect(identityFrom({ ...more, display_name: "X", picture: "https://x.test/y" }, names)).toMatchObject({
      username: "johnny",
      display_name: "John D.",
      profile_photo_url: "https://cdn.example.com/a.png",
    });
    // Where it is missing the usual one does not stand in for it.
    expect(identityFrom({ nickname: "jd_1", display_name: "X" }, names)).toMatchObject({
      username: "jd_1",
      display_name: "jd_1",
    });
    expect(identityFrom({ handle: "José Núñez" }, { username: "handle" }).username).toBe("jose_nunez");
    for (const name of ["__proto__.x", "constructor.name", "toString", "a.b.c.d"]) {
      expect(identityFrom({}, { name }).display_name).toBe("john_doe");
    }
  });

  it("[CLAIMS] whatever the claims hold, nothing is thrown", () => {
    fc.assert(fc.property(fc.anything(), (anything) => void identify(anything)));
    const odd = {
      username: fc.anything(),
      preferred_username: fc.anything(),
      email: fc.anything(),
      name: fc.anything(),
      display_name: fc.anything(),
      iat: fc.anything(),
    };
    fc.assert(
      fc.property(fc.record(odd, { requiredKeys: [] }), (part) =>
        /^[a-z0-9_.-]{3,32}$/.test(identityFrom(part).username),
      ),
    );
  });

  it("[CLAIMS] only the public part of a person is shown", () => {
    const summary = { user_id: id, username: "john_doe", display_name: "John", profile_photo_url: null };
    expect(summaryOf({ ...summary, ...{ expires_at: 1, profile_version: 3 } })).toEqual(summary);
  });
});
