/** Texts for property tests. fast-check's own unit "binary" costs most of a second to set up in every file. */
import fc from "fast-check";

const codePoint = fc
  .oneof(fc.nat({ max: 0x7f }), fc.nat({ max: 0xffff }), fc.nat({ max: 0x10ffff }))
  .filter((point) => point < 0xd800 || point > 0xdfff)
  .map((point) => String.fromCodePoint(point));

const codeUnit = fc
  .oneof(fc.nat({ max: 0x7f }), fc.integer({ min: 0xd800, max: 0xdfff }), fc.nat({ max: 0xffff }))
  .map((unit) => String.fromCharCode(unit));

/** Well-formed Unicode, NUL included. */
export function unicode(constraints: fc.StringConstraints = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: codePoint });
}

/** Any string that JavaScript can hold, lone surrogates included. */
export function anyString(constraints: fc.StringConstraints = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: codeUnit });
}

/** Text that the contract accepts: well-formed, without NUL. */
export function cleanText(constraints: fc.StringConstraints = {}): fc.Arbitrary<string> {
  return unicode(constraints).filter((text) => !text.includes("\0"));
}
