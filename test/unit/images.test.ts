import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orientationExif } from "../../src/attachments/exif.ts";
import { BrokenImage } from "../../src/attachments/image-findings.ts";
import { cleanImage, examineImage } from "../../src/attachments/images.ts";
import {
  animatedWebp,
  avifOf,
  box,
  gifFrame,
  gifOf,
  irot,
  ispe,
  notedPictures,
  PICTURE_NOTES,
  pngChunk,
  webpCanvas,
  webpChunk,
  webpFrame,
  webpOf,
  webpPicture,
} from "../attachments/pictures.ts";
import { bytes, plainPhoto, png, SAMPLES } from "../attachments/samples.ts";
import { chunked } from "./image-kit.ts";

async function examine(mime: string, whole: Uint8Array, sizes: number[] = [4096]) {
  return await examineImage(mime, chunked(whole, sizes), whole.length);
}

async function clean(mime: string, whole: Uint8Array, sizes: number[] = [4096]): Promise<Uint8Array> {
  const known = await examine(mime, whole, sizes);
  const pieces: Uint8Array[] = [];
  for await (const piece of cleanImage(mime, chunked(whole, sizes), known)) pieces.push(piece.slice());
  const result = bytes(...pieces);
  expect(result.length).toBe(known.size);
  return result;
}

const latin1 = (value: Uint8Array) => Buffer.from(value).toString("latin1");
const NOTED = Object.entries(notedPictures());

describe("cleaning pictures", () => {
  it.each(NOTED)("[R26 ATT-8] %s: the notes go, and cleaning twice is cleaning once", async (mime, whole) => {
    const before = latin1(whole);
    expect(PICTURE_NOTES.some((note) => before.includes(note))).toBe(true);
    const once = await clean(mime, whole);
    for (const note of PICTURE_NOTES) expect(latin1(once)).not.toContain(note);
    expect(await clean(mime, once)).toEqual(once);
  });

  it.each([
    ["image/png", ["IDAT", "iCCP", "IEND"]],
    ["image/webp", ["VP8X", "ICCP", "VP8 "]],
    ["image/gif", ["NETSCAPE2.0"]],
    ["image/avif", ["av01", "irot"]],
  ] as const)("[R26 ATT-8] %s: what is shown stays, and so does which side is up", async (mime, kept) => {
    const whole = notedPictures()[mime] ?? bytes();
    const result = await clean(mime, whole);
    for (const name of kept) expect(latin1(result)).toContain(name);
    expect(await examine(mime, result)).toMatchObject(
      mime === "image/gif" ? { width: 48, height: 32 } : { width: 32, height: 48 },
    );
  });

  it("[R26 ATT-8] a WebP's header tells what is left in it", async () => {
    const result = await clean("image/webp", notedPictures()["image/webp"] ?? bytes());
    const view = new DataView(result.buffer, result.byteOffset);
    expect(view.getUint32(4, true)).toBe(result.length - 8);
    // EXIF, for the orientation, and no XMP.
    expect(view.getUint8(20) & 0x0c).toBe(0x08);
    const animated = await clean("image/webp", animatedWebp());
    expect(animated[20]).toBe((animatedWebp()[20] ?? 0) & ~0x0c);
    expect(latin1(animated).match(/ANMF/g)).toHaveLength(2);
  });

  it("[R26 ATT-8] notes inside a frame of a WebP become zeros, since the frame says how long it is", async () => {
    const frame = webpFrame(
      5,
      4,
      webpPicture(5, 4),
      webpChunk("note", bytes("RocketCam")),
      webpPicture(1, 1),
    );
    const whole = webpOf(webpCanvas(5, 4, 2), webpChunk("ANIM", bytes(0, 0, 0, 0, 0, 0)), frame);
    const result = await clean("image/webp", whole);
    expect(result.length).toBe(whole.length);
    expect(latin1(result)).toContain(`note\x0a\0\0\0${"\0".repeat(10)}VP8 `.replace("\x0a", "\x09"));
  });

  it.each(Object.keys(SAMPLES).filter((mime) => mime.startsWith("image/")))(
    "[R26 ATT-8] %s without notes stays as it is, to the byte",
    async (mime) => {
      const whole = SAMPLES[mime] ?? bytes();
      expect(await examine(mime, whole)).toMatchObject({ changed: false, size: whole.length });
      expect(await clean(mime, whole)).toEqual(whole);
    },
  );

  it.each(NOTED)("[R26 ATT-8] %s, however the bytes arrive", async (mime, whole) => {
    const expected = latin1(await clean(mime, whole));
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(sizes, async (some) => {
        expect(latin1(await clean(mime, whole, some))).toBe(expected);
      }),
      { numRuns: 30 },
    );
    expect(latin1(await clean(mime, whole, [1]))).toBe(expected);
  });

  it.each(NOTED)(
    "[R26 ATT-7] %s, whatever is broken: refused or cleaned, never another error",
    async (mime, whole) => {
      const edits = fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), {
        maxLength: 5,
      });
      await fc.assert(
        fc.asyncProperty(edits, fc.nat({ max: whole.length }), async (some, end) => {
          const broken = whole.slice();
          for (const [at, byte] of some) broken[at] = byte;
          await clean(mime, broken.slice(0, end)).catch((error: unknown) => {
            expect(error).toBeInstanceOf(BrokenImage);
          });
        }),
        { numRuns: 200 },
      );
    },
  );
});

describe("an animated AVIF", () => {
  const track = box(
    "trak",
    box("tkhd", new Uint8Array(76), 0, 5, 0, 0, 0, 4, 0, 0),
    box("udta", "RocketCam"),
    box("mdia", "pixels"),
  );
  const movie = box("moov", box("mvhd"), track, box("udta", "GPSLatitude"), box("meta", "a comment"));
  const whole = bytes(avifOf(5, 4), movie);

  it("[R26 ATT-8] user data of the movie and of its tracks becomes zeros", async () => {
    const result = latin1(await clean("image/avif", whole));
    for (const note of PICTURE_NOTES) expect(result).not.toContain(note);
    for (const kept of ["mvhd", "tkhd", "pixels"]) expect(result).toContain(kept);
  });

  it("[R26 ATT-7] a track counts against the limit of pixels; tracks in tracks are not gone through", async () => {
    const large = box("trak", box("tkhd", new Uint8Array(76), 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0));
    expect((await examine("image/avif", bytes(avifOf(5, 4), box("moov", large)))).maxPixels).toBe(
      65_535 ** 2,
    );
    let nested = box("trak");
    for (let depth = 0; depth < 5_000; depth++) nested = box("trak", nested);
    expect(await examine("image/avif", bytes(avifOf(5, 4), box("moov", nested)))).toMatchObject({ width: 5 });
  });
});

describe("the size of an image", () => {
  const exif = (orientation: number) => orientationExif(orientation);
  const withExif = (value: Uint8Array) => {
    const whole = png(640, 480);
    return bytes(whole.subarray(0, 33), pngChunk("eXIf", value), whole.subarray(33));
  };
  const behind = (value: Uint8Array) => {
    const whole = png(640, 480);
    return bytes(whole.subarray(0, -12), pngChunk("eXIf", value), whole.subarray(-12));
  };

  const twice = (one: Uint8Array, other: Uint8Array) => {
    const whole = withExif(one);
    return bytes(whole.subarray(0, -12), pngChunk("eXIf", other), whole.subarray(-12));
  };

  it.each([
    ["a PNG", "image/png", png(640, 480), 640, 480],
    ["a PNG that is upright", "image/png", withExif(exif(3)), 640, 480],
    ["a PNG on its side", "image/png", withExif(exif(6)), 480, 640],
    ["a PNG on its side, noted behind the pixels", "image/png", behind(exif(8)), 480, 640],
    ["a PNG whose EXIF has JPEG's header", "image/png", withExif(bytes("Exif\0\0", exif(5))), 480, 640],
    ["a PNG with an orientation that is none", "image/png", withExif(exif(9)), 640, 480],
    ["an AVIF", "image/avif", avifOf(640, 480), 640, 480],
    ["an AVIF turned by a quarter", "image/avif", avifOf(640, 480, irot(1)), 480, 640],
    ["an AVIF turned by a half", "image/avif", avifOf(640, 480, irot(2)), 640, 480],
    ["an AVIF turned by three quarters", "image/avif", avifOf(640, 480, irot(3)), 480, 640],
    ["a WebP", "image/webp", webpOf(webpPicture(640, 480)), 640, 480],
    [
      "a WebP on its side",
      "image/webp",
      webpOf(webpCanvas(640, 480, 8), webpPicture(640, 480), webpChunk("EXIF", exif(7))),
      480,
      640,
    ],
    [
      "a WebP whose canvas announces no EXIF",
      "image/webp",
      webpOf(webpCanvas(640, 480), webpPicture(640, 480), webpChunk("EXIF", exif(7))),
      640,
      480,
    ],
    [
      "a WebP without a canvas",
      "image/webp",
      webpOf(webpPicture(640, 480), webpChunk("EXIF", exif(7))),
      640,
      480,
    ],
    ["a PNG whose first EXIF is upright", "image/png", twice(exif(1), exif(6)), 640, 480],
    ["a PNG whose first EXIF does not tell", "image/png", twice(bytes("MM\0*"), exif(6)), 480, 640],
    ["a PNG turned twice", "image/png", twice(exif(6), exif(3)), 480, 640],
    ["a lossless WebP", "image/webp", webpOf(webpChunk("VP8L", bytes(0x2f, 0x7f, 0xc2, 0x77, 0))), 640, 480],
    ["a GIF", "image/gif", gifOf(640, 480), 640, 480],
    ["a GIF whose screen is smaller than its frame", "image/gif", gifOf(1, 1, gifFrame(640, 480)), 640, 480],
  ] as const)("[R26 ATT-5] of %s", async (_, mime, whole, width, height) => {
    expect(await examine(mime, whole)).toMatchObject({ width, height, maxPixels: 640 * 480 });
  });

  it.each([
    ["the screen of a GIF", "image/gif", gifOf(60_000, 60_000, gifFrame(1, 1))],
    ["a later frame of a GIF", "image/gif", gifOf(1, 1, gifFrame(1, 1), gifFrame(60_000, 60_000))],
    ["where a frame of a GIF is put", "image/gif", gifOf(1, 60_000, gifFrame(1, 1, 59_999))],
    ["the canvas of a WebP", "image/webp", webpOf(webpCanvas(60_000, 60_000), webpPicture(1, 1))],
    ["a picture larger than its canvas", "image/webp", webpOf(webpCanvas(1, 1), webpPicture(16_000, 16_000))],
    ["a frame of a WebP", "image/webp", webpOf(webpCanvas(1, 1), webpFrame(60_000, 60_000))],
    [
      "a picture in a frame of a WebP",
      "image/webp",
      webpOf(webpCanvas(1, 1), webpFrame(1, 1, webpPicture(16_000, 16_000))),
    ],
    ["the first frame of a JPEG", "image/jpeg", withFrameBefore(40_000)],
    [
      "a frame of an animated PNG",
      "image/png",
      bytes(
        png(1, 1).subarray(0, 33),
        pngChunk("fcTL", bytes(0, 0, 0, 0, 0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, ...new Array(14).fill(0))),
      ),
    ],
    ["a part of an AVIF", "image/avif", avifOf(1, 1, ispe(60_000, 60_000))],
    [
      "an AVIF that is cropped",
      "image/avif",
      avifOf(60_000, 60_000, box("clap", new Uint8Array(32).fill(1))),
    ],
  ] as const)("[R26 ATT-7] %s counts against the limit of pixels", async (_, mime, whole) => {
    expect((await examine(mime, whole)).maxPixels).toBeGreaterThan(100_000_000);
  });

  /** A photo with a frame of this size before its own. */
  function withFrameBefore(side: number): Uint8Array {
    const whole = plainPhoto();
    const frame = bytes(0xff, 0xc0, 0, 11, 8, side >> 8, side & 255, side >> 8, side & 255, 1, 1, 0x11, 0);
    return bytes(whole.subarray(0, 2), frame, whole.subarray(2));
  }
});
