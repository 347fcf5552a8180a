/** What is left of an erased person's name (src/domain/erased-person.ts). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ERASED_NAME, withoutNamed, withoutNames } from "../../src/domain/erased-person.ts";

describe("the name of an erased person", () => {
  it("[R28 ERASE-17] is taken out whatever characters it has: hyphens, brackets, and all that a pattern knows", () => {
    for (const name of [
      "Jean-Luc",
      "o'neill",
      "a.b",
      "x[y]z",
      "(she/her)",
      "C++",
      "^$|?*",
      "\\d{3}",
      "Ada-Lou \u{1f600}",
    ]) {
      expect(withoutNames(`The group of ${name}`, [name])).toBe(`The group of ${ERASED_NAME}`);
      expect(withoutNames(`${name}, and friends`, [name])).toBe(`${ERASED_NAME}, and friends`);
    }
  });

  it("[R28 ERASE-17] any name of three characters and more goes, where it stands as a word of its own", () => {
    const name = fc.string({ unit: "grapheme", minLength: 3, maxLength: 64 });
    fc.assert(
      fc.property(name, (one) => {
        const left = withoutNames(`. ${one} .`, [one]);
        expect(left).not.toContain(` ${one} `);
      }),
      { examples: [["a-b"], ["---"], ["[-]"]] },
    );
  });

  it("[R28 ERASE-18] stays where it is a part of another word, and where it is very short", () => {
    expect(withoutNames("Anna and Annabel", ["Anna"])).toBe(`${ERASED_NAME} and Annabel`);
    expect(withoutNames("Al and Alan", ["Al"])).toBe("Al and Alan");
    expect(withoutNamed("https://example.com/anna.png", ["anna"])).toBe(null);
    expect(withoutNamed("https://example.com/joanna.png", ["anna"])).toBe("https://example.com/joanna.png");
    expect(withoutNamed(null, ["anna"])).toBe(null);
  });
});
