/** Small files of each kind, for tests inside the Worker and outside it. */

// Two photos of 48 x 32 pixels, taken by a "RocketCam" that lay on its side (orientation 6) in the middle of Paris.
const PHOTO = [
  "/9j/4QFERXhpZgAASUkqAAgAAAAIAA8BAgAKAAAAfgAAABIBAwABAAAABgAAABoBBQABAAAAbgAAABsBBQABAAAAdgAAACgBAwAB",
  "AAAAAgAAABMCAwABAAAAAQAAAGmHBAABAAAAiAAAACWIBAABAAAA1gAAAAAAAAA4YwAA6AMAADhjAADoAwAAUm9ja2V0Q2FtAAYA",
  "AJAHAAQAAAAwMjEwAZEHAAQAAAABAgMAAKAHAAQAAAAwMTAwAaADAAEAAAD//wAAAqAEAAEAAAAwAAAAA6AEAAEAAAAgAAAAAAAA",
  "AAQAAQACAAIAAABOAAAAAgAFAAMAAAAkAQAAAwACAAIAAABFAAAABAAFAAMAAAAMAQAAAAAAAAIAAAABAAAAEQAAAAEAAAAoAAAA",
  "AQAAADAAAAABAAAAMwAAAAEAAAAeAAAAAQAAAP/iAfBJQ0NfUFJPRklMRQABAQAAAeBsY21zBCAAAG1udHJSR0IgWFlaIAfiAAMA",
  "FAAJAA4AHWFjc3BNU0ZUAAAAAHNhd3NjdHJsAAAAAAAAAAAAAAAAAAD21gABAAAAANMtaGFuZHnpv1ZaPgG2gyOFVUb3T6oAAAAA",
  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACmRlc2MAAAD8AAAAJGNwcnQAAAEgAAAAInd0cHQAAAFEAAAAFGNoYWQAAAFYAAAA",
  "LHJYWVoAAAGEAAAAFGdYWVoAAAGYAAAAFGJYWVoAAAGsAAAAFHJUUkMAAAHAAAAAIGdUUkMAAAHAAAAAIGJUUkMAAAHAAAAAIG1s",
  "dWMAAAAAAAAAAQAAAAxlblVTAAAACAAAABwAcwBSAEcAQm1sdWMAAAAAAAAAAQAAAAxlblVTAAAABgAAABwAQwBDADAAAFhZWiAA",
  "AAAAAAD21gABAAAAANMtc2YzMgAAAAAAAQw/AAAF3f//8yYAAAeQAAD9kv//+6H///2iAAAD3AAAwHFYWVogAAAAAAAAb6AAADjy",
  "AAADj1hZWiAAAAAAAABilgAAt4kAABjaWFlaIAAAAAAAACSgAAAPhQAAtsRwYXJhAAAAAAADAAAAAmZpAADypwAADVkAABPQAAAK",
  "W//bAEMAFA4PEg8NFBIQEhcVFBgeMiEeHBwePSwuJDJJQExLR0BGRVBac2JQVW1WRUZkiGVtd3uBgoFOYI2XjH2Wc36BfP/bAEMB",
  "FRcXHhoeOyEhO3xTRlN8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fP/AABEIACAAMAMB",
  "IgACEQEDEQH/xAAWAAEBAQAAAAAAAAAAAAAAAAAEAwb/xAAjEAABAwMEAwEBAAAAAAAAAAABAAIDESExBBJBYRMiUXGR/8QAFwEA",
  "AwEAAAAAAAAAAAAAAAAAAgMEBv/EACERAAICAQQCAwAAAAAAAAAAAAEDAAIREiExYUGxoeHw/9oADAMBAAIRAxEAPwDKNhVmwdJM",
  "cXSTHB0iVXXAo7EG3T9KzdN0lhgbalSqNjc7r8TTVVTjk9S5bjDN0wGbKjYGDlJbA1uVVsY4b/Uo6R4A+fUvW2CiiSfHtbYXKrDE",
  "rCLc82xZLWw1VtydpjqN3h44FURk2bYfUjxVO0YGVYR09W55KE3AGmvHvoS9bYZsLW2pU/FVsRyfUJDIg2wFSqtiobjcUoswMfvu",
  "XrbP/9k=",
].join("");
const PROGRESSIVE_PHOTO = [
  "/9j/4QFERXhpZgAASUkqAAgAAAAIAA8BAgAKAAAAfgAAABIBAwABAAAABgAAABoBBQABAAAAbgAAABsBBQABAAAAdgAAACgBAwAB",
  "AAAAAgAAABMCAwABAAAAAQAAAGmHBAABAAAAiAAAACWIBAABAAAA1gAAAAAAAAA4YwAA6AMAADhjAADoAwAAUm9ja2V0Q2FtAAYA",
  "AJAHAAQAAAAwMjEwAZEHAAQAAAABAgMAAKAHAAQAAAAwMTAwAaADAAEAAAD//wAAAqAEAAEAAAAwAAAAA6AEAAEAAAAgAAAAAAAA",
  "AAQAAQACAAIAAABOAAAAAgAFAAMAAAAkAQAAAwACAAIAAABFAAAABAAFAAMAAAAMAQAAAAAAAAIAAAABAAAAEQAAAAEAAAAoAAAA",
  "AQAAADAAAAABAAAAMwAAAAEAAAAeAAAAAQAAAP/iAfBJQ0NfUFJPRklMRQABAQAAAeBsY21zBCAAAG1udHJSR0IgWFlaIAfiAAMA",
  "FAAJAA4AHWFjc3BNU0ZUAAAAAHNhd3NjdHJsAAAAAAAAAAAAAAAAAAD21gABAAAAANMtaGFuZHnpv1ZaPgG2gyOFVUb3T6oAAAAA",
  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACmRlc2MAAAD8AAAAJGNwcnQAAAEgAAAAInd0cHQAAAFEAAAAFGNoYWQAAAFYAAAA",
  "LHJYWVoAAAGEAAAAFGdYWVoAAAGYAAAAFGJYWVoAAAGsAAAAFHJUUkMAAAHAAAAAIGdUUkMAAAHAAAAAIGJUUkMAAAHAAAAAIG1s",
  "dWMAAAAAAAAAAQAAAAxlblVTAAAACAAAABwAcwBSAEcAQm1sdWMAAAAAAAAAAQAAAAxlblVTAAAABgAAABwAQwBDADAAAFhZWiAA",
  "AAAAAAD21gABAAAAANMtc2YzMgAAAAAAAQw/AAAF3f//8yYAAAeQAAD9kv//+6H///2iAAAD3AAAwHFYWVogAAAAAAAAb6AAADjy",
  "AAADj1hZWiAAAAAAAABilgAAt4kAABjaWFlaIAAAAAAAACSgAAAPhQAAtsRwYXJhAAAAAAADAAAAAmZpAADypwAADVkAABPQAAAK",
  "W//bAEMAFA4PEg8NFBIQEhcVFBgeMiEeHBwePSwuJDJJQExLR0BGRVBac2JQVW1WRUZkiGVtd3uBgoFOYI2XjH2Wc36BfP/bAEMB",
  "FRcXHhoeOyEhO3xTRlN8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fP/CABEIACAAMAMB",
  "IgACEQEDEQH/xAAWAAEBAQAAAAAAAAAAAAAAAAADAgX/xAAYAQEAAwEAAAAAAAAAAAAAAAACAQMEBf/aAAwDAQACEAMQAAABybVJ",
  "I21K8qWjoFLs8Y6S40HSWL//xAAYEAEBAQEBAAAAAAAAAAAAAAAAEQESEP/aAAgBAQABBQKI5cuUZjM8iIzEZiIjMRERH//EABYR",
  "AQEBAAAAAAAAAAAAAAAAAAIAAf/aAAgBAwEBPwHHFxViioq//8QAGhEAAwEAAwAAAAAAAAAAAAAAAAIRARIhQf/aAAgBAgEBPwFc",
  "pFw6FaKXzDkf/8QAFBABAAAAAAAAAAAAAAAAAAAAQP/aAAgBAQAGPwJH/8QAGxABAQACAwEAAAAAAAAAAAAAAQAQESFRYYH/2gAI",
  "AQEAAT8hKUhCByOtQmCR4wcDD4gkfGLk3S6EaR9X/9oADAMBAAIAAwAAABDXPRFxv//EABgRAAIDAAAAAAAAAAAAAAAAAAAQAREh",
  "/9oACAEDAQE/EKiRO7X/xAAeEQEAAgEEAwAAAAAAAAAAAAABABEhMUFhsaHh8P/aAAgBAgEBPxCVVWrxGmweeomHVxEhsd8EaFfe",
  "5//EAB4QAAICAgMBAQAAAAAAAAAAAAABESExYRBBUXGR/9oACAEBAAE/EA0mg0iVmhPs0mkS0iWaD4ZQR1+uPoK3wpnVF6UES/Bu",
  "XThU2sUXcMLIoenbF0SlkLtSP//Z",
].join("");
const AVIF = [
  "AAAAHGZ0eXBhdmlmAAAAAG1pZjFhdmlmbWlhZgAAANZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA",
  "ACJpbG9jAAAAAERAAAEAAQAAAAAA+gABAAAAAAAAAFQAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABhdjAxAAAAAA5waXRt",
  "AAAAAAABAAAAVmlwcnAAAAA4aXBjbwAAAAxhdjFDgSACAAAAABRpc3BlAAAAAAAAADAAAAAgAAAAEHBpeGkAAAAAAwgICAAAABZp",
  "cG1hAAAAAAAAAAEAAQOBAgMAAABcbWRhdBIACgk4FS/7SAhoNIAyRR7CYqTv///xZ+AA7iC9DffDAthOUTGN7hgkxGNbPfdQx7Tu",
  "8qFz5EkPQEV5452uLvlIx355x2nCFuQOBbl/pICnK0jCmg==",
].join("");
const WEBP = [
  "UklGRqYAAABXRUJQVlA4IJoAAACQBQCdASowACAAP22ixVi7LL+jqq378C2JbACdMscD19xh/g55Z9VTywsTZI2iIr458ulKAAD+",
  "9qiBN1qGOE4wshvIn1Vs6RE853F95KHgB2EcdbYPNZIud9t5eBs2vieVggbXrzF9IY7/j38E7jTCeRwW99fR7KpikBXaufDP5y8Z",
  "UsfhgFrYpYBD7Xsvm4s08j8niQx2AAAA",
].join("");
function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

/** Bytes, texts and single numbers in a row. */
export function bytes(...parts: (string | number | Uint8Array)[]): Uint8Array {
  const encoder = new TextEncoder();
  const encoded = parts.map((part) => {
    if (typeof part === "number") return Uint8Array.of(part);
    return typeof part === "string" ? encoder.encode(part) : part;
  });
  const whole = new Uint8Array(encoded.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of encoded) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** What a camera notes, as it stands in the bytes of a photo. */
export const NOTES = ["RocketCam", "Exif\0\0II", "GPSLatitude", "Photoshop", "a comment", "MPF\0"];

/** A photo as a camera makes it: 48 x 32 pixels as stored, 32 x 48 as shown. */
export function photo(progressive = false): Uint8Array {
  return fromBase64(progressive ? PROGRESSIVE_PHOTO : PHOTO);
}

/** A segment of a JPEG. */
function segment(marker: number, body: string): Uint8Array {
  const size = body.length + 2;
  return bytes(0xff, marker, size >> 8, size & 0xff, body);
}

/** A photo with everything that a phone may put into it, and another one behind its end. */
export function phonePhoto(): Uint8Array {
  const whole = photo();
  const xmp = segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0<x exif:GPSLatitude="48,51.5N"/>');
  const others = [segment(0xed, "Photoshop 3.0\0"), segment(0xfe, "a comment"), segment(0xe2, "MPF\0II")];
  return bytes(whole.subarray(0, 2), xmp, ...others, whole.subarray(2), "\0\0", photo());
}

/** A photo that says nothing but what it shows. */
export function plainPhoto(): Uint8Array {
  const whole = photo();
  const exif = 4 + (whole[4] ?? 0) * 256 + (whole[5] ?? 0);
  return bytes(whole.subarray(0, 2), whole.subarray(exif));
}

/** A PNG header that claims this size; nothing in it can be drawn. */
export function png(width = 3, height = 2): Uint8Array {
  const size = [width, height].flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  const start = bytes(0x89, "PNG\r\n", 0x1a, "\n", 0, 0, 0, 13, "IHDR", ...size, 8, 2, 0, 0, 0, 0, 0, 0, 0);
  return bytes(start, 0, 0, 0, 1, "IDAT", 0, 0, 0, 0, 0, 0, 0, 0, 0, "IEND", 0, 0, 0, 0);
}

/** Files whose type can be told from their first bytes, by the name that a client gives it. */
export const SAMPLES: Record<string, Uint8Array> = {
  "image/jpeg": plainPhoto(),
  "image/png": png(),
  "image/gif": bytes("GIF89a", 5, 0, 4, 0, 0, 0, 0, ";"),
  "image/webp": fromBase64(WEBP),
  "image/avif": fromBase64(AVIF),
  "video/mp4": bytes(0, 0, 0, 20, "ftypisom", 0, 0, 2, 0, "mp41", 0, 0, 0, 8, "mdat"),
  "video/quicktime": bytes(0, 0, 0, 20, "ftypqt  ", 0, 0, 2, 0, "qt  ", 0, 0, 0, 8, "mdat"),
  "video/webm": bytes(0x1a, 0x45, 0xdf, 0xa3, 0x87, 0x42, 0x82, 0x84, "webm"),
  "audio/mpeg": bytes("ID3", 4, 0, 0, 0, 0, 0, 0, 0xff, 0xfb, 0x90, 0),
  "audio/mp4": bytes(0, 0, 0, 20, "ftypM4A ", 0, 0, 2, 0, "M4A ", 0, 0, 0, 8, "mdat"),
  "audio/ogg": bytes("OggS", 0, 2, ...new Array(22).fill(0), "OpusHead"),
  "audio/wav": bytes("RIFF", 36, 0, 0, 0, "WAVEfmt ", 16, 0, 0, 0),
  "audio/flac": bytes("fLaC", 0, 0, 0, 34, ...new Array(34).fill(0)),
  "audio/aac": bytes(0xff, 0xf1, 0x50, 0x80, 0, 0x1f, 0xfc),
  "application/pdf": bytes("%PDF-1.7\n%%EOF\n"),
};

export const HTML = bytes("<!doctype html><script>alert(1)</script>");
export const SVG = bytes('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
