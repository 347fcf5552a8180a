import { describe, expect, it } from "vitest";
import { CheckedTokens } from "../../src/auth/checked-tokens.ts";

const NOW = 1_790_000_000_000;
const claims = (secondsLeft: number) => ({ sub: "ann", exp: NOW / 1000 + secondsLeft });

describe("tokens that were checked a moment ago", () => {
  it("[TOKEN-CHECK-1] a check holds for a minute, and never longer than the token", () => {
    const tokens = new CheckedTokens();
    expect(tokens.claimsOf("long", NOW)).toBeUndefined();
    tokens.add("long", claims(3_600), NOW);
    tokens.add("short", claims(10), NOW);
    expect(tokens.claimsOf("long", NOW + 59_999)).toEqual(claims(3_600));
    expect(tokens.claimsOf("long", NOW + 60_000)).toBeUndefined();
    expect(tokens.claimsOf("short", NOW + 9_999)).toEqual(claims(10));
    expect(tokens.claimsOf("short", NOW + 10_000)).toBeUndefined();
    expect(tokens.claimsOf("short", NOW)).toBeUndefined();
  });

  it("[TOKEN-CHECK-2] nothing of one token holds for another, nor after the clock was set back", () => {
    const tokens = new CheckedTokens();
    tokens.add("header.claims.signature", claims(60), NOW);
    expect(tokens.claimsOf("header.claims.signaturf", NOW)).toBeUndefined();
    expect(tokens.claimsOf("header.claims.signature", NOW - 1)).toBeUndefined();
  });

  it("[TOKEN-CHECK-3] many tokens are not all kept", () => {
    const tokens = new CheckedTokens();
    for (let i = 0; i < 1_500; i++) tokens.add(`token ${i}`, claims(60), NOW);
    const known = Array.from({ length: 1_500 }, (_, i) => tokens.claimsOf(`token ${i}`, NOW));
    expect(known.filter(Boolean)).toHaveLength(1_000);
    expect(known.at(-1)).toBeDefined();
  });
});
