/** Pictures with notes in them, as libvips writes them, and what files of each kind are made of. */
import { bytes } from "./samples.ts";

// 48 x 32 pixels by a "RocketCam" that lay on its side (orientation 6; in the AVIF irot), somewhere at 48,51.5N.
const PNG = [
  "iVBORw0KGgoAAAANSUhEUgAAADAAAAAgBAMAAACm+uYvAAABP2lDQ1BpY2MAABiVfZC/SwJxGMY/11WWWA05NBQcJU0FUUtTgYZOEfgj",
  "1Kbz/FGgdt33QprLoaloiEZrCaLZxhz6A4KgIQqirdWghpKLrw5aUM/yfnh4Xt6XB5TnvFEQ3RoUirYVDvm1eCKpuV5Q8dLPIGO6Iczl",
  "SDAKIPSSMGwrzw+936PIeTe9rhfTO6/Xq8kFpbo7UY4FP1Yu+F/udEYYwBfgM0zLBkUDxku2KXkJ8BrrehqUODBlxRNJUPakn2vxieRU",
  "iy8lW9FwAJQaoOU6ONXBhfy2vCslv/dkirEI0AeMIggTwv9HpreZCRBgBmRfv3sQ2bnZ1pZnEXqeHOdtElyH0DhynM9Tx2mcgfoIta32",
  "/mYF5uugHrS91DFc7cPIQ9vzVWCoDNUbU7f0pqUCXdkNqJ/DQAKGb8G99g3j4l+x2lMbhgAAADBQTFRFIiGAJGSAIqWAYiGAI+GAmyGA",
  "0iGAZNyAm2SA0qSAZGSA0mSAnKWAY5+An+GA1eCAVacBqAAAARhlWElmSUkqAAgAAAAJAA8BAgAKAAAAigAAABIBAwABAAAABgAAABoB",
  "BQABAAAAegAAABsBBQABAAAAggAAACgBAwABAAAAAgAAADsBAgAEAAAAQW5uABMCAwABAAAAAQAAAGmHBAABAAAAlAAAACWIBAABAAAA",
  "4gAAAAAAAAA4YwAA6AMAADhjAADoAwAAUm9ja2V0Q2FtAAYAAJAHAAQAAAAwMjEwAZEHAAQAAAABAgMAAKAHAAQAAAAwMTAwAaADAAEA",
  "AAD//wAAAqAEAAEAAAAwAAAAA6AEAAEAAAAgAAAAAAAAAAIAAQACAAIAAABOAAAAAgAFAAMAAAAAAQAAAAAAADAAAAABAAAAMwAAAAEA",
  "AAAeAAAAAQAAAFaIDAUAAAAJcEhZcwAAA+gAAAPoAbV7UmsAAABgelRYdFhNTDpjb20uYWRvYmUueG1wAAAImbOpsKrILchNLUlUqMjN",
  "ySu2qrBVSkzJT0q1yiu2AgnrK9nZ5OWXpNq5BwT7JJZklpSmpCqYWOiYGuqZ+tnog6Vs9OGm2AEAi9sbrycvcUcAAAHiSURBVCiRjY2x",
  "a+JQAIefuHVK4iZ0SAg4CR5FEEd54B9wWAqd65JNhLdEt5RQ7R8QIuRCEMKjHQ2GdG+kqRIXJZi5HEgyB0pzvHe23l073G/8Pj5+APze",
  "GV2H7LxLduDFIuH1OjV/ihoNvtPgn4IkdZpcXR1FrVY78vP/KYqfeJdghmFKpZJlWdPpVFGU2cxxHIfiwrea1TyzGs2OctG5vuw6kiQB",
  "li0UGIY9KeGmNbUbinoxm0ukYFmWYcsnP3ATNwhX5peOJ3keIJwtmGUTY2zbtqqq87nnUUFWLpcxxjfqBz8I0yTB14WJsU2T0eij4Dk2",
  "DKMoirZbf6z6D3Pd9XTA8jzPh6enZnRvb+/uVP9h9OR6ug4EgeM4Lgzj+yi+3frB2J+4uua6QCCrcnEYx/HuNhj7i6eFq2saEARe4Lj1",
  "Oo7j+Hm3C4JgMtE0KmhSJWb3TPhCO4r1exF8LqqEk2KxoAkQBFEUK5XKZjOQB7K8XwavhpZlGRBaLVFo9Xq9wWAg75fL5Wq1MgzDABCK",
  "LSiKPbRBMnqU9/tk+ZplORFQhP0+6qMNGg6TJPmZGnme5URACNsQITRELy9JkqRJnucH0W63+8SQIk3To4CQcDSk5u3tr6L9zpMvCkQu",
  "EnqR/wIvjWIrHnACvwAAAABJRU5ErkJggg==",
].join("");
const WEBP = [
  "UklGRvIDAABXRUJQVlA4WAoAAAAsAAAALwAAHwAASUNDUOABAAAAAAHgbGNtcwQgAABtbnRyUkdCIFhZWiAH4gADABQACQAOAB1hY3Nw",
  "TVNGVAAAAABzYXdzY3RybAAAAAAAAAAAAAAAAAAA9tYAAQAAAADTLWhhbmR56b9WWj4BtoMjhVVG90+qAAAAAAAAAAAAAAAAAAAAAAAA",
  "AAAAAAAAAAAAAAAAAApkZXNjAAAA/AAAACRjcHJ0AAABIAAAACJ3dHB0AAABRAAAABRjaGFkAAABWAAAACxyWFlaAAABhAAAABRnWFla",
  "AAABmAAAABRiWFlaAAABrAAAABRyVFJDAAABwAAAACBnVFJDAAABwAAAACBiVFJDAAABwAAAACBtbHVjAAAAAAAAAAEAAAAMZW5VUwAA",
  "AAgAAAAcAHMAUgBHAEJtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAYAAAAcAEMAQwAwAABYWVogAAAAAAAA9tYAAQAAAADTLXNmMzIAAAAA",
  "AAEMPwAABd3///MmAAAHkAAA/ZL///uh///9ogAAA9wAAMBxWFlaIAAAAAAAAG+gAAA48gAAA49YWVogAAAAAAAAYpYAALeJAAAY2lhZ",
  "WiAAAAAAAAAkoAAAD4UAALbEcGFyYQAAAAAAAwAAAAJmaQAA8qcAAA1ZAAAT0AAACltWUDggbAAAALADAJ0BKjAAIAA/MYq+U7+qp6K1",
  "SAPwJglqALszBLqASLL6P/pgAP7pmu0e3dEXkVL0qc9WFHNJn3Qja1YUd66WmgIWPePgf3S0HTSAFrKh1Mu5DhNPIOJvYXETQXZSm40D",
  "osaWtISOKg2gAEVYSUYeAQAARXhpZgAASUkqAAgAAAAJAA8BAgAKAAAAigAAABIBAwABAAAABgAAABoBBQABAAAAegAAABsBBQABAAAA",
  "ggAAACgBAwABAAAAAgAAADsBAgAEAAAAQW5uABMCAwABAAAAAQAAAGmHBAABAAAAlAAAACWIBAABAAAA4gAAAAAAAAA4YwAA6AMAADhj",
  "AADoAwAAUm9ja2V0Q2FtAAYAAJAHAAQAAAAwMjEwAZEHAAQAAAABAgMAAKAHAAQAAAAwMTAwAaADAAEAAAD//wAAAqAEAAEAAAAwAAAA",
  "A6AEAAEAAAAgAAAAAAAAAAIAAQACAAIAAABOAAAAAgAFAAMAAAAAAQAAAAAAADAAAAABAAAAMwAAAAEAAAAeAAAAAQAAAFhNUCBRAAAA",
  "PHg6eG1wbWV0YSB4bWxuczp4PSJhZG9iZTpuczptZXRhLyI+PG5vdGU+R1BTTGF0aXR1ZGUgNDgsNTEuNU48L25vdGU+PC94OnhtcG1l",
  "dGE+AA==",
].join("");
const AVIF = [
  "AAAAHGZ0eXBhdmlmAAAAAG1pZjFhdmlmbWlhZgAAA1htZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAEZp",
  "bG9jAAAAAERAAAMAAQAAAAADfAABAAAAAAAAADcAAgAAAAADswABAAAAAAAAASIAAwAAAAAE1QABAAAAAAAAAFEAAABiaWluZgAAAAAA",
  "AwAAABVpbmZlAgAAAAABAABhdjAxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAACppbmZlAgAAAQADAABtaW1lAGFwcGxpY2F0aW9uL3Jk",
  "Zit4bWwAAAAAAA5waXRtAAAAAAABAAACTWlwcnAAAAItaXBjbwAAAAxhdjFDgSACAAAAAexjb2xycklDQwAAAeBsY21zBCAAAG1udHJS",
  "R0IgWFlaIAfiAAMAFAAJAA4AHWFjc3BNU0ZUAAAAAHNhd3NjdHJsAAAAAAAAAAAAAAAAAAD21gABAAAAANMtaGFuZHnpv1ZaPgG2gyOF",
  "VUb3T6oAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACmRlc2MAAAD8AAAAJGNwcnQAAAEgAAAAInd0cHQAAAFEAAAAFGNoYWQA",
  "AAFYAAAALHJYWVoAAAGEAAAAFGdYWVoAAAGYAAAAFGJYWVoAAAGsAAAAFHJUUkMAAAHAAAAAIGdUUkMAAAHAAAAAIGJUUkMAAAHAAAAA",
  "IG1sdWMAAAAAAAAAAQAAAAxlblVTAAAACAAAABwAcwBSAEcAQm1sdWMAAAAAAAAAAQAAAAxlblVTAAAABgAAABwAQwBDADAAAFhZWiAA",
  "AAAAAAD21gABAAAAANMtc2YzMgAAAAAAAQw/AAAF3f//8yYAAAeQAAD9kv//+6H///2iAAAD3AAAwHFYWVogAAAAAAAAb6AAADjyAAAD",
  "j1hZWiAAAAAAAABilgAAt4kAABjaWFlaIAAAAAAAACSgAAAPhQAAtsRwYXJhAAAAAAADAAAAAmZpAADypwAADVkAABPQAAAKWwAAABRp",
  "c3BlAAAAAAAAADAAAAAgAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90AwAAABhpcG1hAAAAAAAAAAEAAQWBAgMEhQAAAChpcmVmAAAAAAAA",
  "AA5jZHNjAAIAAQABAAAADmNkc2MAAwABAAEAAAGybWRhdBIACgk4FS/7SAhoNIAyKB2CYsThBBABYg4A3KagdZZRLSv5gKAkaGdVUz+g",
  "iAwFWutQ0G/lL4AAAAAGRXhpZgAASUkqAAgAAAAJAA8BAgAKAAAAigAAABIBAwABAAAABgAAABoBBQABAAAAegAAABsBBQABAAAAggAA",
  "ACgBAwABAAAAAgAAADsBAgAEAAAAQW5uABMCAwABAAAAAQAAAGmHBAABAAAAlAAAACWIBAABAAAA4gAAAAAAAAA4YwAA6AMAADhjAADo",
  "AwAAUm9ja2V0Q2FtAAYAAJAHAAQAAAAwMjEwAZEHAAQAAAABAgMAAKAHAAQAAAAwMTAwAaADAAEAAAD//wAAAqAEAAEAAAAwAAAAA6AE",
  "AAEAAAAgAAAAAAAAAAIAAQACAAIAAABOAAAAAgAFAAMAAAAAAQAAAAAAADAAAAABAAAAMwAAAAEAAAAeAAAAAQAAADx4OnhtcG1ldGEg",
  "eG1sbnM6eD0iYWRvYmU6bnM6bWV0YS8iPjxub3RlPkdQU0xhdGl0dWRlIDQ4LDUxLjVOPC9ub3RlPjwveDp4bXBtZXRhPg==",
].join("");
// Two frames of 48 x 32 pixels.
const ANIMATED_WEBP = [
  "UklGRvoDAABXRUJQVlA4WAoAAAAqAAAALwAAHwAASUNDUOABAAAAAAHgbGNtcwQgAABtbnRyUkdCIFhZWiAH4gADABQACQAOAB1hY3Nw",
  "TVNGVAAAAABzYXdzY3RybAAAAAAAAAAAAAAAAAAA9tYAAQAAAADTLWhhbmR56b9WWj4BtoMjhVVG90+qAAAAAAAAAAAAAAAAAAAAAAAA",
  "AAAAAAAAAAAAAAAAAApkZXNjAAAA/AAAACRjcHJ0AAABIAAAACJ3dHB0AAABRAAAABRjaGFkAAABWAAAACxyWFlaAAABhAAAABRnWFla",
  "AAABmAAAABRiWFlaAAABrAAAABRyVFJDAAABwAAAACBnVFJDAAABwAAAACBiVFJDAAABwAAAACBtbHVjAAAAAAAAAAEAAAAMZW5VUwAA",
  "AAgAAAAcAHMAUgBHAEJtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAYAAAAcAEMAQwAwAABYWVogAAAAAAAA9tYAAQAAAADTLXNmMzIAAAAA",
  "AAEMPwAABd3///MmAAAHkAAA/ZL///uh///9ogAAA9wAAMBxWFlaIAAAAAAAAG+gAAA48gAAA49YWVogAAAAAAAAYpYAALeJAAAY2lhZ",
  "WiAAAAAAAAAkoAAAD4UAALbEcGFyYQAAAAAAAwAAAAJmaQAA8qcAAA1ZAAAT0AAACltBTklNBgAAAP////8AAEFOTUaEAAAAAAAAAAAA",
  "LwAAHwAAZAAAAlZQOCBsAAAAsAMAnQEqMAAgAD8xir5Tv6qnorVIA/AmCWoAuzMEuoBIsvo/+mAA/uma7R7d0ReRUvSpz1YUc0mfdCNr",
  "VhR3rpaaAhY94+B/dLQdNIAWsqHUy7kOE08g4m9hcRNBdlKbjQOixpa0hI4qDaAAQU5NRoIAAAAAAAAAAAAvAAAfAABkAAAAVlA4IGoA",
  "AABUAwCdASowACAAPyWIt1ODVIAAAkiWoAnTNHPgBIswi//jAAD+6L2mJFRuJdeB8wGk1phoxfnW+zyEV6xeXKr/5l8xIqNq4rj7ePUD",
  "bO3+lwd/1PQfWa+npg20MWaE8FrVWXv1U3VzigAARVhJRtAAAABFeGlmAABJSSoACAAAAAcADwECAAoAAAByAAAAEgEDAAEAAAABAAAA",
  "GgEFAAEAAABiAAAAGwEFAAEAAABqAAAAKAEDAAEAAAACAAAAEwIDAAEAAAABAAAAaYcEAAEAAAB8AAAAAAAAADhjAADoAwAAOGMAAOgD",
  "AABSb2NrZXRDYW0ABgAAkAcABAAAADAyMTABkQcABAAAAAECAwAAoAcABAAAADAxMDABoAMAAQAAAP//AAACoAQAAQAAADAAAAADoAQA",
  "AQAAAEAAAAAAAAAA",
].join("");
const ANIMATED_GIF = [
  "R0lGODlhMAAgAIEAALfBgLdDgEHBgEFDgCH/C05FVFNDQVBFMi4wAwEAAAAh+QQECgAAACwAAAAAMAAgAAAC/5yPqRntD2NYtI4pc7T8",
  "YA023YhdoTRW5XduKYOsZiu+iky7tjFdPk7b+Yar3EMIw81OQiXL2EPGfr8gR4DAYgQlAMT7AOsW2IPWUJ4AfOt1wyuGHxPYch094A7W",
  "+rZD/hYgJliDl4Vnl2fQtnfBxUUIKGlYd2eZF/DYmBnZCSYnJ1B5SaqI1cbFCCq4CicqmmdZiXn6yJnq6gkHsPvq6xsbCywAUFucucvL",
  "y8pc/As7XHeL6rdsHamc/fwrvP2KTByePc6q7H0uWqwurj7u7o4eny5O3P7+Lv/rvM5vfw+fL14/f/94BfTFj57BgvgObutXj+E4hwgV",
  "Rowo0RnFZxDtMGbUuHEewY8GQ3L0SLIAACH5BAUKAAQALAAAAAAwACAAgcvIf8tJf1TIf1RJfwP/CLrcLkDISaulLmvIr79aqHDRZ1Zi",
  "Bo1Re5rp5pbdi8YLqdf2jTe6Eq0n+a1ILh6x+MvNOkNis8WCTqKv6TOp7DkCALA4LAAPwoDzoCxYu9vwt2UBZtTRCrAkwOFD1hKAcBOC",
  "THloY2NqaGpsb4+Bg2+JiJWJbHx8a5pxnZCblKFlaWSZbWmnn55xAa2tYWKJYosDmZttbrm4uAO9ta+usLCvtWmtasi6vbu+vL+u0MLR",
  "tWW1yGnLvtna2tDB3sSu1tgB3NrO5s/g0eLltuW9ms3p5uv2v8/W+vv09fb/7qzBg9evH8B1+ALyK5juYLtjARUSZMjNIbSEEn1NpKjO",
  "I2JEgfE4+vMIbqHIiiTb6dt4Ml5KbyZbunwJUSY9mhdtpksAADs=",
].join("");

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

const big = (value: number, count: number) =>
  Array.from({ length: count }, (_, i) => Math.floor(value / 256 ** (count - 1 - i)) & 255);
const little = (value: number, count: number) => big(value, count).reverse();

/** A chunk of a PNG. Nobody looks at its checksum here. */
export function pngChunk(type: string, body: Uint8Array = bytes()): Uint8Array {
  return bytes(...big(body.length, 4), type, body, 0, 0, 0, 0);
}

/** A chunk of a WebP. */
export function webpChunk(type: string, body: Uint8Array): Uint8Array {
  return bytes(type, ...little(body.length, 4), body, ...(body.length % 2 ? [0] : []));
}

/** A WebP of these chunks. */
export function webpOf(...chunks: Uint8Array[]): Uint8Array {
  const inside = bytes("WEBP", ...chunks);
  return bytes("RIFF", ...little(inside.length, 4), inside);
}

/** A canvas of a WebP. */
export function webpCanvas(width: number, height: number, flags = 0): Uint8Array {
  return webpChunk("VP8X", bytes(flags, 0, 0, 0, ...little(width - 1, 3), ...little(height - 1, 3)));
}

/** A lossy picture of a WebP, as far as its size. */
export function webpPicture(width: number, height: number): Uint8Array {
  return webpChunk("VP8 ", bytes(0, 0, 0, 0x9d, 1, 0x2a, ...little(width, 2), ...little(height, 2), 0, 0));
}

/** A frame of an animated WebP. */
export function webpFrame(width: number, height: number, ...inside: Uint8Array[]): Uint8Array {
  const size = [...little(width - 1, 3), ...little(height - 1, 3)];
  return webpChunk("ANMF", bytes(0, 0, 0, 0, 0, 0, ...size, 0, 0, 0, 0, ...inside));
}

/** Blocks of a GIF with this content. */
export function gifBlocks(content: string): Uint8Array {
  const blocks = content.match(/.{1,255}/gs) ?? [];
  return bytes(...blocks.flatMap((block) => [block.length, block]), 0);
}

/** A frame of a GIF. */
export function gifFrame(width: number, height: number, left = 0): Uint8Array {
  return bytes(
    0x2c,
    ...little(left, 2),
    0,
    0,
    ...little(width, 2),
    ...little(height, 2),
    0,
    2,
    2,
    0x4c,
    1,
    0,
  );
}

/** A GIF of this screen. */
export function gifOf(width: number, height: number, ...blocks: Uint8Array[]): Uint8Array {
  return bytes("GIF89a", ...little(width, 2), ...little(height, 2), 0, 0, 0, ...blocks, 0x3b);
}

/** A box of an AVIF or MP4. */
export function box(type: string, ...inside: (Uint8Array | number | string)[]): Uint8Array {
  const body = bytes(...inside);
  return bytes(...big(body.length + 8, 4), type, body);
}

/** An AVIF header of one picture. @param properties more of them, which are the picture's too. */
export function avifOf(width: number, height: number, ...properties: Uint8Array[]): Uint8Array {
  const own = ispe(width, height);
  const numbers = [own, ...properties].map((_, i) => i + 1);
  const ipma = box("ipma", 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, numbers.length, ...numbers);
  const meta = box(
    "meta",
    0,
    0,
    0,
    0,
    box("pitm", 0, 0, 0, 0, 0, 1),
    box("iprp", box("ipco", own, ...properties), ipma),
  );
  return bytes(box("ftyp", "avif", 0, 0, 0, 0, "mif1avif"), meta, box("mdat", 1, 2, 3));
}

/** The size of a picture of an AVIF. */
export const ispe = (width: number, height: number) =>
  box("ispe", 0, 0, 0, 0, ...big(width, 4), ...big(height, 4));

/** A turn by so many quarters. */
export const irot = (quarters: number) => box("irot", quarters);

/** What is noted in the pictures below, as it stands in their bytes. */
export const PICTURE_NOTES = [
  "RocketCam",
  "GPSLatitude",
  "48,51.5N",
  "XML:com.adobe.xmp",
  "XMP Data",
  "a comment",
];

/** The text that XMP is found by. */
const XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/">GPSLatitude 48,51.5N</x:xmpmeta>';

/** Pictures that say more than they show, by their type: with notes of every kind, also behind the end. */
export function notedPictures(): Record<string, Uint8Array> {
  const png = fromBase64(PNG);
  const gif = fromBase64(ANIMATED_GIF);
  const gifNotes = [
    bytes(0x21, 0xfe, gifBlocks("a comment by RocketCam")),
    bytes(0x21, 0xff, 11, "XMP DataXMP", gifBlocks(XMP)),
    bytes(0x21, 0xff, 11, "RocketCam10", gifBlocks("x".repeat(600))),
  ];
  // Behind the screen and its table of colours, which this one has none of.
  const start = 13 + ((gif[10] ?? 0) & 0x80 ? 3 * 2 ** (((gif[10] ?? 0) & 7) + 1) : 0);
  return {
    "image/png": bytes(
      png.subarray(0, 33),
      pngChunk("tEXt", bytes("Comment\0a comment")),
      pngChunk("iTXt", bytes("XML:com.adobe.xmp\0\0\0\0\0", XMP)),
      pngChunk("zTXt", bytes("RocketCam\0\0")),
      pngChunk("tIME", bytes(7, 0xea, 1, 1, 1, 1, 1)),
      pngChunk("roCk", bytes("RocketCam")),
      png.subarray(33),
      "RocketCam behind the end",
    ),
    "image/webp": bytes(fromBase64(WEBP), "RocketCam behind the end"),
    "image/avif": bytes(fromBase64(AVIF), box("uuid", "0123456789abcdefRocketCam"), box("free", "a comment")),
    "image/gif": bytes(gif.subarray(0, start), ...gifNotes, gif.subarray(start), "RocketCam behind the end"),
  };
}

/** An animated WebP with EXIF. */
export function animatedWebp(): Uint8Array {
  return fromBase64(ANIMATED_WEBP);
}
