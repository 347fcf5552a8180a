/**
 * Files that were made to be slow. Cost is counted in parts, pieces and bytes read, never by the clock: parts are bounded,
 * and a chunk that goes in comes out as one piece at most.
 */
import { describe, expect, it } from "vitest";
import {
  ByteFilter,
  blank,
  drop,
  emit,
  type Program,
  pass,
  take,
} from "../../src/attachments/byte-filter.ts";
import { BrokenImage, Findings, MAX_PARTS, maxParts } from "../../src/attachments/image-findings.ts";
import { cleanImage, examineImage } from "../../src/attachments/images.ts";
import {
  avifOf,
  box,
  gifFrame,
  gifOf,
  ispe,
  pngChunk,
  webpCanvas,
  webpChunk,
  webpFrame,
} from "../attachments/pictures.ts";
import { bytes, plainPhoto, png } from "../attachments/samples.ts";

const MIB = 1024 * 1024;
const CHUNK = 4096;

/** A start, then the same unit over and over. */
function repeated(start: Uint8Array, unit: Uint8Array, size = MIB): Uint8Array {
  const whole = new Uint8Array(size);
  whole.set(start);
  for (let at = start.length; at + unit.length <= size; at += unit.length) whole.set(unit, at);
  return whole;
}

/** A stream that counts what is read of it. */
class Counted {
  readonly #whole: Uint8Array;
  bytes = 0;
  chunks = 0;

  constructor(whole: Uint8Array) {
    this.#whole = whole;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < this.#whole.length; at += CHUNK) {
      const chunk = this.#whole.subarray(at, at + CHUNK);
      this.bytes += chunk.length;
      this.chunks += 1;
      yield chunk;
    }
  }
}

const jpegStart = plainPhoto().subarray(0, 2);
const pngStart = png().subarray(0, 33);
const gifStart = gifOf(5, 4).subarray(0, 13);
const webpStart = bytes("RIFF", 0xff, 0xff, 0xff, 0x7f, "WEBP", webpCanvas(5, 4));

describe("many small parts", () => {
  it.each([
    ["empty tables of a JPEG", "image/jpeg", jpegStart, bytes(0xff, 0xdb, 0, 2)],
    ["empty notes of a JPEG", "image/jpeg", jpegStart, bytes(0xff, 0xe1, 0, 2)],
    ["a table and a note by turns", "image/jpeg", jpegStart, bytes(0xff, 0xdb, 0, 2, 0xff, 0xfe, 0, 2)],
    ["restarts outside of a scan", "image/jpeg", jpegStart, bytes(0xff, 0xd3)],
    ["scans without anything", "image/jpeg", jpegStart, bytes(0xff, 0xda, 0, 2)],
    ["empty chunks of a PNG", "image/png", pngStart, pngChunk("IDAT")],
    ["empty texts of a PNG", "image/png", pngStart, pngChunk("tEXt")],
    ["empty EXIF of a PNG", "image/png", pngStart, pngChunk("eXIf")],
    ["comments of a GIF", "image/gif", gifStart, bytes(0x21, 0xfe, 0)],
    ["frames of a GIF", "image/gif", gifStart, bytes(gifFrame(1, 1).subarray(0, 11), 0)],
    ["empty chunks of a WebP", "image/webp", webpStart, webpChunk("ALPH", bytes())],
    ["unknown chunks of a WebP", "image/webp", webpStart, webpChunk("abcd", bytes())],
    ["boxes of an AVIF", "image/avif", avifOf(5, 4), box("free")],
    ["items of an AVIF", "image/avif", avifOf(5, 4).subarray(0, 24), box("meta", 0, 0, 0, 0)],
  ] as const)(
    "[R26 ATT-7] %s: refused as soon as there are too many, and no further byte is read",
    async (_, mime, start, unit) => {
      const source = new Counted(repeated(start, unit));
      await expect(examineImage(mime, source, MIB)).rejects.toThrow(BrokenImage);
      expect(source.bytes).toBeLessThanOrEqual(start.length + (MAX_PARTS + 1) * unit.length + CHUNK);
    },
  );

  it.each([
    ["properties", box("meta", 0, 0, 0, 0, repeated(bytes(), box("abcd"), 900_000))],
    [
      "items",
      box(
        "meta",
        0,
        0,
        0,
        0,
        box("iloc"),
        box("iinf", 0, 0, 0, 0, 0, 0, repeated(bytes(), box("infe"), 900_000)),
      ),
    ],
    ["sizes", box("meta", 0, 0, 0, 0, box("iprp", box("ipco", repeated(bytes(), box("free"), 900_000))))],
    [
      "associations",
      box(
        "meta",
        0,
        0,
        0,
        0,
        box(
          "iprp",
          box("ipco", ispe(1, 1)),
          box("ipma", 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, new Uint8Array(900_000)),
        ),
      ),
    ],
  ])("[R26 ATT-7] %s inside the header of an AVIF count too", async (_, header) => {
    const whole = bytes(box("ftyp", "avif", 0, 0, 0, 0, "avif"), header);
    await expect(examineImage("image/avif", new Counted(whole), whole.length)).rejects.toThrow(
      "too many parts",
    );
  });

  it.each([
    ["places that take no bytes", 0x00, 0],
    ["places of a byte", 0x01, 600_000],
  ])("[R26 ATT-7] items of an AVIF with %s are not gone through one by one", async (_, sizes, more) => {
    const note = box("iinf", 0, 0, 0, 0, 0, 1, box("infe", 2, 0, 0, 0, 0, 1, 0, 0, "Exif", 0));
    const item = bytes(0, 1, 0, 0, 0xff, 0xff);
    const places = repeated(item, item, 60_000 + more);
    const iloc = box("iloc", 0, 0, 0, 0, sizes, 0, 0xff, 0xff, places);
    const whole = bytes(box("ftyp", "avif", 0, 0, 0, 0, "avif"), box("meta", 0, 0, 0, 0, note, iloc));
    await expect(examineImage("image/avif", new Counted(whole), whole.length)).rejects.toThrow(BrokenImage);
  });

  it("[R26 ATT-7] a header of an AVIF that is too long is refused before it is gathered", async () => {
    const whole = repeated(bytes(box("ftyp", "avif", 0, 0, 0, 0, "avif"), 0x7f, 0, 0, 0, "meta"), bytes(0));
    const source = new Counted(whole);
    await expect(examineImage("image/avif", source, MIB)).rejects.toThrow("too long");
    expect(source.chunks).toBe(1);
  });
});

describe("what is long but well-formed", () => {
  const scan = plainPhoto().subarray(0, -2);
  const big = (unit: Uint8Array, start: Uint8Array) => repeated(start, unit, 4 * MIB);

  it.each([
    ["a scan of stuffed bytes", "image/jpeg", big(bytes(0xff, 0), scan)],
    ["a scan of restarts", "image/jpeg", big(bytes(0xff, 0xd0), scan)],
    ["fill bytes", "image/jpeg", big(bytes(0xff), scan)],
    ["fill bytes before restarts", "image/jpeg", big(bytes(0xff, 0xff, 0xd3), scan)],
    ["fill bytes before stuffed ones", "image/jpeg", big(bytes(0xff, 0xff, 0xff, 0), scan)],
    ["blocks of one byte", "image/gif", big(bytes(1, 7), bytes(gifStart, gifFrame(5, 4).subarray(0, -3)))],
    ["comments by the thousand", "image/gif", big(bytes(0x21, 0xfe, 200, new Uint8Array(200), 0), gifStart)],
    ["small chunks of pixels", "image/png", big(pngChunk("IDAT", new Uint8Array(100)), pngStart)],
    [
      "chunks of pixels and texts by turns",
      "image/png",
      big(bytes(pngChunk("IDAT", new Uint8Array(100)), pngChunk("tEXt", new Uint8Array(100))), pngStart),
    ],
    [
      "frames of a WebP",
      "image/webp",
      big(webpFrame(5, 4, webpChunk("note", new Uint8Array(400))), webpStart),
    ],
    ["boxes that become zeros", "image/avif", big(box("free", new Uint8Array(100)), avifOf(5, 4))],
  ] as const)("[R26 ATT-7] %s: no more pieces than chunks", async (_, mime, whole) => {
    const known = await examineImage(mime, new Counted(whole), whole.length);
    const source = new Counted(whole);
    let [pieces, length] = [0, 0];
    for await (const piece of cleanImage(mime, source, known)) {
      pieces += 1;
      length += piece.length;
    }
    expect(pieces).toBeLessThanOrEqual(source.chunks + 1);
    expect(length).toBe(known.size);
  });

  it("[R26 ATT-7] thousands of chunks of a usual size are no reason to refuse a picture of 20 MB", async () => {
    const whole = repeated(pngStart, pngChunk("IDAT", new Uint8Array(1024)), 20 * MIB);
    expect(await examineImage("image/png", new Counted(whole), whole.length)).toMatchObject({
      width: 3,
      height: 2,
    });
  });
});

describe("a filter of bytes", () => {
  function run(program: Program, chunks: Uint8Array[]): [output: Uint8Array[], filter: ByteFilter] {
    const filter = new ByteFilter(program);
    const output = chunks.map((chunk) => filter.push(chunk));
    return [[...output, filter.end()], filter];
  }

  it("[R26 ATT-7] a long take over many short chunks copies each byte once", () => {
    let taken: Uint8Array | undefined;
    function* program(): Program {
      taken = yield take(50_000);
    }
    const chunk = Uint8Array.from({ length: 10 }, (_, i) => i);
    run(
      program(),
      Array.from({ length: 5_000 }, () => chunk),
    );
    expect(taken?.length).toBe(50_000);
    expect(taken?.subarray(-10)).toEqual(chunk);
  });

  it("[R26 ATT-7] what is next to each other goes out without a copy; the rest is joined", () => {
    function* program(): Program {
      yield pass(2);
      const kept = yield take(2);
      yield emit(kept ?? bytes());
      yield pass(2);
      yield drop(1);
      yield blank(2);
      yield pass(1);
    }
    const whole = bytes(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    expect(run(program(), [whole])[0][0]).toEqual(bytes(1, 2, 3, 4, 5, 6, 0, 0, 10));
    const beginning = whole.subarray(0, 6);
    expect(run(program(), [beginning])[0][0]?.buffer).toBe(whole.buffer);
  });

  it("[R26 ATT-7] a file that ends answers every further step, so that no program waits for ever", () => {
    const answers: (Uint8Array | undefined)[] = [];
    function* program(): Program {
      for (const step of [pass(5), take(1), drop(3), take(0)]) answers.push(yield step);
    }
    const [, filter] = run(program(), [bytes(1, 2, 3)]);
    expect([answers, filter.isDone]).toEqual([[undefined, undefined, undefined, undefined], true]);
  });

  it("[R26 ATT-8] a short file may have fewer parts, so that time is in step with bytes", () => {
    const bounds = [0, 128_000, 1_000_000, 20 * MIB].map(maxParts);
    expect(bounds).toEqual([8_192, 9_192, 16_004, MAX_PARTS]);
    const found = new Findings(128_000);
    for (let n = 0; n < 9_192; n++) found.part();
    expect(() => found.part()).toThrow(BrokenImage);
  });

  it.each([
    ["restarts", "image/jpeg", jpegStart, bytes(0xff, 0xd3)],
    ["tables", "image/jpeg", jpegStart, bytes(0xff, 0xdb, 0, 2)],
    ["empty scans", "image/jpeg", jpegStart, bytes(0xff, 0xda, 0, 2)],
    ["chunks", "image/png", pngStart, pngChunk("IDAT")],
    ["frames", "image/gif", gifStart, bytes(gifFrame(1, 1).subarray(0, 11), 0)],
    ["unknown chunks", "image/webp", webpStart, webpChunk("abcd", bytes())],
    ["boxes", "image/avif", avifOf(5, 4), box("free")],
  ] as const)("[R26 ATT-8] 200 KB of %s are refused after some thousand", async (_, mime, start, unit) => {
    const whole = repeated(start, unit, 200_000);
    const source = new Counted(whole);
    await expect(examineImage(mime, source, whole.length)).rejects.toThrow("too many parts");
    expect(source.bytes).toBeLessThanOrEqual(start.length + 9_755 * unit.length + CHUNK);
  });

  it("[R26 ATT-7] parts are counted up to a bound", () => {
    const found = new Findings();
    for (let n = 0; n < MAX_PARTS; n++) found.part();
    expect(() => found.part()).toThrow(BrokenImage);
  });
});
