import { describe, expect, it } from "vitest";
import type { Identity } from "../../src/domain/caller.ts";
import { isPhotoAllowed } from "../../src/domain/photo.ts";
import { claimsOf, effectOf } from "../../src/domain/profile.ts";
import { newRollout, nextStep } from "../../src/user-hub/profile-rollout.ts";

const ID = "0b54c8ba-3f7e-4d5c-9f6b-0d7a6f1f2a33";

function token(display_name: string, issued_at: number): Identity {
  const names = { user_id: ID, username: "ann", display_name, profile_photo_url: null };
  return { ...names, external_id: ID, is_named: true, issued_at, expires_at: 1 };
}

/** What a token does to a profile that came from another. */
function effect(next: Identity, before: Identity) {
  const known = { claims: claimsOf(before), claims_issued_at: before.issued_at, external_id: ID };
  return effectOf(next, known);
}

describe("tokens and the profile", () => {
  it("[R1 IAT-1] the newest token decides, an older one changes nothing", () => {
    expect(effect(token("Ben", 200), token("Ann", 100))).toBe("refresh");
    expect(effect(token("Ben", 100), token("Ann", 200))).toBe("nothing");
    expect(effect(token("Ben", 100), token("Ann", 100))).toBe("nothing");
    expect(effect(token("Ben", 0), token("Ann", 1))).toBe("nothing");
    expect(effect(token("Ben", 1), token("Ann", 0))).toBe("refresh");
    // Neither says when it was made: the one that is used last.
    expect(effect(token("Ben", 0), token("Ann", 0))).toBe("refresh");
  });

  it("[R1 IAT-2] a newer token that says the same is noted, so that none in between decides", () => {
    expect(effect(token("Ann", 300), token("Ann", 100))).toBe("note");
    expect(effect(token("Ann", 100), token("Ann", 300))).toBe("nothing");
    expect(effect(token("Ann", 0), token("Ann", 0))).toBe("nothing");
    const before = { claims: claimsOf(token("Ann", 0)), claims_issued_at: 0, external_id: null };
    expect(effectOf(token("Ann", 0), before)).toBe("note");
  });
});

describe("the order of telling", () => {
  const profile = {
    user_id: ID,
    username: "ann",
    display_name: "Ann",
    profile_photo_url: null,
    profile_version: 2,
  };

  it("[R3 PROF-1] recent conversations at once, then the rest, then those that were missed, and the late at last", () => {
    const rollout = newRollout(profile, 1_000);
    expect(nextStep(rollout, false)).toEqual({ step: "recent", at: 1_000 });
    expect(nextStep({ ...rollout, rev: 7 }, true)).toEqual({ step: "rest", at: 1_000 });
    expect(nextStep({ ...rollout, rev: 7, after: null }, true)).toEqual({ step: "missed", at: 1_000 });
    expect(nextStep({ ...rollout, rev: 7, after: null }, false)).toEqual({ step: "late", at: 11_000 });
    // What has failed waits, whatever it is.
    for (const failed of [rollout, { ...rollout, rev: 7 }, { ...rollout, rev: 7, after: null }]) {
      expect(nextStep({ ...failed, due_at: 61_000 }, false).at).toBe(61_000);
    }
  });
});

describe("hosts of pictures", () => {
  it("[R3 PHOTO-1] all where none is named; otherwise exactly those, and what a wildcard covers", () => {
    expect(isPhotoAllowed("https://anywhere.test/a", [])).toBe(true);
    const hosts = ["cdn.example.com", "*.pictures.example"];
    for (const url of [
      "https://cdn.example.com/a",
      "https://cdn.example.com:8443/a",
      "https://cdn.example.com./a",
      "https://a.b.pictures.example/x",
    ]) {
      expect([url, isPhotoAllowed(url, hosts)]).toEqual([url, true]);
    }
    for (const url of [
      "https://example.com/a",
      "https://cdn.example.com.evil.test/",
      "https://evilpictures.example/",
      "https://pictures.example/",
      "https://evil.test/cdn.example.com",
      "https://evil.test?cdn.example.com",
    ]) {
      expect([url, isPhotoAllowed(url, hosts)]).toEqual([url, false]);
    }
  });
});
