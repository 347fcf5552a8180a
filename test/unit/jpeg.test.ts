import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orientationOf, orientationSegment } from "../../src/attachments/exif.ts";
import { BrokenImage } from "../../src/attachments/image-findings.ts";
import { cleanImage, examineImage } from "../../src/attachments/images.ts";
import { bytes, NOTES, phonePhoto, photo, plainPhoto } from "../attachments/samples.ts";
import { chunked } from "./image-kit.ts";

async function clean(whole: Uint8Array, sizes: number[] = [whole.length]) {
  const known = await examineImage("image/jpeg", chunked(whole, sizes), whole.length);
  const pieces: Uint8Array[] = [];
  for await (const piece of cleanImage("image/jpeg", chunked(whole, sizes), known))
    pieces.push(piece.slice());
  return { known, result: bytes(...pieces) };
}

const latin1 = (value: Uint8Array) => Buffer.from(value).toString("latin1");
/** What a decoder draws: everything from the quantization tables on. */
const picture = (value: Uint8Array) => latin1(value).slice(latin1(value).indexOf("\xff\xdb"));

describe("cleaning a JPEG", () => {
  it.each([
    ["baseline", photo()],
    ["progressive", photo(true)],
    ["a phone's", phonePhoto()],
  ] as const)("[EXIF] %s: the notes go, the picture and its orientation stay", async (_, whole) => {
    const { known, result } = await clean(whole);
    expect(known).toMatchObject({ width: 32, height: 48, orientation: 6, changed: true });
    for (const note of NOTES) expect(latin1(result)).not.toContain(note);
    expect(latin1(result)).toContain("ICC_PROFILE");
    expect(latin1(result)).toContain(latin1(orientationSegment(6)));
    expect(picture(whole).startsWith(picture(result))).toBe(true);
    expect(latin1(result).endsWith("\xff\xd9")).toBe(true);
  });

  it("[EXIF] what is clean stays as it is, to the byte; so cleaning twice is cleaning once", async () => {
    const plain = await clean(plainPhoto());
    expect(plain.known).toMatchObject({ changed: false, orientation: 1 });
    expect(plain.result).toEqual(plainPhoto());
    const once = await clean(phonePhoto());
    const twice = await clean(once.result);
    expect(twice.known).toMatchObject({ changed: false, orientation: 6, width: 32, height: 48 });
    expect(twice.result).toEqual(once.result);
  });

  it("[EXIF] however the bytes arrive", async () => {
    const expected = latin1((await clean(phonePhoto())).result);
    const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(sizes, async (some) => {
        expect(latin1((await clean(phonePhoto(), some)).result)).toBe(expected);
      }),
    );
    expect(latin1((await clean(phonePhoto(), [1])).result)).toBe(expected);
  });

  it.each([
    ["stuffed bytes", bytes(0xff, 0, 0xff, 0, 1, 0xff, 0)],
    ["restarts, one after the other", bytes(0xff, 0xd0, 0xff, 0xd7, 0xff, 0xd3)],
    ["fill bytes before a restart", bytes(7, 0xff, 0xff, 0xff, 0xd2, 7)],
    ["fill bytes before a stuffed one", bytes(7, 0xff, 0xff, 0, 7, 0xff, 0xff, 0xff, 0)],
    ["fill bytes before the end", bytes(7, 0xff, 0xff, 0xff)],
    ["a single FF before the end", bytes(0xff)],
  ] as const)("[R26 JPEG-1] %s in a scan stay, however the bytes arrive", async (_, part) => {
    const plain = plainPhoto();
    const whole = bytes(plain.subarray(0, -2), part, plain.subarray(-2));
    for (const size of [1, 2, 3, 5, 64, whole.length]) {
      const { known, result } = await clean(whole, [size]);
      expect([size, result, known.changed]).toEqual([size, whole, false]);
    }
  });

  it("[R26 JPEG-1] notes behind a scan go, with any fill bytes before them", async () => {
    const plain = plainPhoto();
    for (const more of [bytes(), bytes(0xff), bytes(0xff, 0xff)]) {
      const whole = bytes(plain.subarray(0, -2), more, 0xff, 0xfe, 0, 8, "secret", plain.subarray(-2));
      for (const size of [1, 3, whole.length]) {
        const { result } = await clean(whole, [size]);
        expect(result).toEqual(bytes(plain.subarray(0, -2), more, plain.subarray(-2)));
      }
    }
  });

  it("[EXIF] what is no JPEG is refused, whatever is broken, and never hangs", async () => {
    for (const broken of [
      bytes(),
      bytes("GIF89a"),
      bytes(0xff, 0xd8),
      bytes(0xff, 0xd8, 0xff, 0xd9),
      bytes(0xff, 0xd8, "x"),
    ]) {
      await expect(clean(broken)).rejects.toThrow(BrokenImage);
    }
    const whole = phonePhoto();
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: whole.length - 1 }),
        fc.nat({ max: 255 }),
        fc.nat({ max: whole.length }),
        async (at, byte, end) => {
          const broken = whole.slice();
          broken[at] = byte;
          await clean(broken.slice(0, end)).catch((error: unknown) =>
            expect(error).toBeInstanceOf(BrokenImage),
          );
        },
      ),
    );
  });

  it("[EXIF] a picture without an end is kept as far as it goes", async () => {
    const plain = plainPhoto();
    const { result, known } = await clean(plain.slice(0, -9));
    expect(result).toEqual(plain.slice(0, -9));
    expect(known.changed).toBe(false);
  });
});

describe("the orientation", () => {
  it("[EXIF] is read in both byte orders, and what we write is what we read", () => {
    for (let n = 1; n <= 8; n++) expect(orientationOf(orientationSegment(n).subarray(4))).toBe(n);
    const little = bytes("Exif\0\0II*\0", 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 3, 0, 0, 0);
    expect(orientationOf(little)).toBe(3);
    expect(orientationOf(bytes("Exif\0\0MM\0*", 0, 0, 0, 8, 0, 0))).toBeUndefined();
  });

  it("[EXIF] never throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
        const value = orientationOf(bytes("Exif\0\0", tail));
        expect(value === undefined || (value >= 1 && value <= 8)).toBe(true);
      }),
    );
  });
});
