import { describe, expect, it } from "vitest";
import { missingVars } from "../../scripts/dev-vars.ts";

/** Each setting of a file, which may be there once. */
function settings(text: string): Map<string, string> {
  const lines = [...text.matchAll(/^(\w+)\s*=\s*"?([^"\n]*)"?$/gm)].map(
    ([, name = "", value = ""]) => [name, value] as const,
  );
  expect(new Set(lines.map(([name]) => name)).size).toBe(lines.length);
  return new Map(lines);
}

describe(".dev.vars", () => {
  it("[R28 DEV-1] a new one gets both secrets, each random and of 32 bytes", () => {
    const one = settings(missingVars(""));
    const other = settings(missingVars(""));
    for (const name of ["JWT_SECRET", "IDENTITY_SECRET"]) {
      expect(Buffer.from(one.get(name) ?? "", "base64url")).toHaveLength(32);
      expect(one.get(name)).not.toBe(other.get(name));
    }
    expect(one.get("JWT_SECRET")).not.toBe(one.get("IDENTITY_SECRET"));
  });

  it("[R28 DEV-1] one from before gets what it lacks, and keeps what it has", () => {
    for (const text of [
      'JWT_SECRET="mine"',
      'JWT_SECRET="mine"\n',
      "JWT_SECRET = mine\nMY_OWN=1\n",
      'JWT_SECRET="mine"\n# IDENTITY_SECRET="x"\n',
    ]) {
      const after = settings(text + missingVars(text));
      expect(after.get("JWT_SECRET")).toBe("mine");
      expect(after.get("IDENTITY_SECRET")).toHaveLength(43);
    }
    const whole = missingVars("");
    expect(missingVars(whole)).toBe("");
    expect(missingVars(whole.trimEnd())).toBe("");
  });
});
