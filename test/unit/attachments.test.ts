import {
  AttachmentType,
  codePoints,
  conversationOfAttachment,
  DEFAULT_MAX_ATTACHMENT_BYTES,
  MAX_FILE_NAME_LENGTH,
  messageId,
  newAttachmentId,
  newConversationId,
  RequestUpload,
} from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { detectType } from "../../src/attachments/content.ts";
import { cleanFileName } from "../../src/attachments/file-name.ts";
import { mediaType } from "../../src/attachments/media-types.ts";
import { agrees, checkUpload, isInline } from "../../src/attachments/policy.ts";
import { isUnmodified, requestedRange } from "../../src/attachments/range.ts";
import { HTML, SAMPLES, SVG } from "../attachments/samples.ts";
import { cleanText } from "./arbitraries.ts";

describe("an attachment's id", () => {
  it("[R26] names its conversation, and is no message's id", () => {
    const conversation = newConversationId();
    for (const fill of [0, 255]) {
      const id = newAttachmentId(conversation, new Uint8Array(6).fill(fill));
      expect(conversationOfAttachment(id)).toBe(conversation);
    }
    const ids = new Set(Array.from({ length: 1000 }, () => newAttachmentId(conversation)));
    expect(ids.size).toBe(1000);
    for (const other of [
      conversation,
      messageId(conversation, 1),
      messageId(conversation, 2 ** 47 - 1),
      crypto.randomUUID(),
    ]) {
      expect(conversationOfAttachment(other)).toBeUndefined();
    }
  });
});

describe("a file's name", () => {
  it.each([
    ["photo.jpg", "photo.jpg"],
    ['my "best" photo.jpg', 'my "best" photo.jpg'],
    ["../../etc/passwd", "passwd"],
    ["C:\\Users\\ann\\photo.jpg", "photo.jpg"],
    ["a\r\nSet-Cookie: b.txt", "aSet-Cookie: b.txt"],
    ["\u202egpj.exe", "gpj.exe"],
    ["photo\u2067.jpg\u2069", "photo.jpg"],
    ["  photo.jpg. ", "photo.jpg"],
    [".gitignore", ".gitignore"],
    ["تقرير.pdf", "تقرير.pdf"],
    ["e\u0301te\u0301.png", "\u00e9t\u00e9.png"],
  ])("[R26] %j is shown as %j", (name, shown) => {
    expect(cleanFileName(name)).toBe(shown);
  });

  it.each([
    "",
    "/",
    "..",
    " . ",
    "a/",
    "\u202e",
    "\u200b",
    "\u2800 \u3164",
    "a/\u00ad",
    "x".repeat(MAX_FILE_NAME_LENGTH + 1),
  ])("[R26] %j is no name", (name) => {
    expect(cleanFileName(name)).toBeUndefined();
  });

  it("[R26] nothing in a name breaks a line, a path or the reading direction; cleaning twice is cleaning once", () => {
    fc.assert(
      fc.property(cleanText({ maxLength: 300 }), (name) => {
        const clean = cleanFileName(name);
        if (clean === undefined) return;
        expect(clean).not.toMatch(/[/\\\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
        expect(codePoints(clean)).toBeLessThanOrEqual(MAX_FILE_NAME_LENGTH);
        expect(cleanFileName(clean)).toBe(clean);
      }),
    );
  });
});

describe("the policy", () => {
  const ask = (attachment_type: AttachmentType, mime_type: string, file_size = 1) =>
    checkUpload({ attachment_type, mime_type, file_size }, DEFAULT_MAX_ATTACHMENT_BYTES)?.code;

  it("[R26] a media type is sent as what it is, or as a file; anything is a file", () => {
    for (const mime of Object.keys(SAMPLES)) {
      const own = mime.split("/")[0];
      for (const type of AttachmentType.options) {
        const fits = type === own || type === "file";
        expect([type, mime, ask(type, mime)]).toEqual([type, mime, fits ? undefined : "INVALID_ATTACHMENT"]);
      }
    }
    for (const mime of [
      "image/svg+xml",
      "image/heic",
      "image/tiff",
      "text/html",
      "application/x-unheard-of",
    ]) {
      expect(ask("image", mime)).toBe("INVALID_ATTACHMENT");
      expect(ask("file", mime)).toBeUndefined();
    }
  });

  it("[R26] sizes are bounded, each type by its own", () => {
    const mimes = { image: "image/png", video: "video/mp4", audio: "audio/mpeg", file: "text/plain" };
    for (const type of AttachmentType.options) {
      const max = DEFAULT_MAX_ATTACHMENT_BYTES[type];
      expect(ask(type, mimes[type], max)).toBeUndefined();
      expect(ask(type, mimes[type], max + 1)).toBe("INVALID_ATTACHMENT");
    }
  });

  it("[R26] every sample that is shown is of its own type and of no other", async () => {
    const shown = Object.entries(SAMPLES).filter(([mime]) => !mime.startsWith("application/"));
    for (const [mime, sample] of shown) {
      const detected = await detectType(sample);
      const agreeing = Object.keys(SAMPLES).filter((other) => agrees(other, detected));
      // An MP4 with sound alone cannot be told from one with pictures too.
      const container = mime === "video/mp4" ? ["audio/mp4"] : [];
      expect([mime, agreeing]).toEqual([mime, [mime, ...container]]);
    }
    for (const disguised of [HTML, SVG, new Uint8Array([0x4d, 0x5a, 0, 0]), new Uint8Array(0)]) {
      const detected = await detectType(disguised);
      for (const mime of Object.keys(SAMPLES)) expect(agrees(mime, detected)).toBe(false);
    }
  });

  it("[R26] only media is shown in place, and never as a file", () => {
    expect(isInline({ type: "image", mime_type: "image/png" })).toBe(true);
    for (const mime_type of ["image/svg+xml", "text/html", "application/pdf", "video/mp4"]) {
      expect(isInline({ type: "image", mime_type })).toBe(false);
    }
    expect(isInline({ type: "file", mime_type: "image/png" })).toBe(false);
  });
});

describe("the name of a media type", () => {
  it.each([
    ["image/jpg", "image/jpeg"],
    ["IMAGE/PJPEG", "image/jpeg"],
    ["image/apng", "image/png"],
    ["audio/webm;codecs=opus", "audio/webm"],
    ['Audio/WebM ; Codecs="opus"', "audio/webm"],
    ["audio/mp4;codecs=mp4a.40.2;", "audio/mp4"],
    ["audio/x-wav", "audio/wav"],
    ["audio/vnd.wave; codec=1", "audio/wav"],
    ["audio/mp3", "audio/mpeg"],
    ["audio/x-m4a", "audio/mp4"],
    ["audio/ogg; codecs=opus", "audio/ogg"],
    ["video/x-m4v", "video/mp4"],
    ['video/webm;codecs="vp8, opus"', "video/webm"],
    ["text/plain; charset=utf-8", "text/plain"],
    ["constructor/x", "constructor/x"],
    ["__proto__", "__proto__"],
  ])("[R26 ATT-3] %j is %s", (written, name) => {
    expect(mediaType(written)).toBe(name);
    expect(mediaType(name)).toBe(name);
  });
});

describe("the request for an upload", () => {
  const good = {
    conversation_id: newConversationId(),
    file_name: "photo.jpg",
    file_size: 2_048_000,
    mime_type: "IMAGE/JPEG",
    attachment_type: "image",
  };

  it("[R26] the guide's fields, and what a client knows of its media", () => {
    expect(RequestUpload.parse(good)).toEqual(good);
    const described = {
      ...good,
      width: 1,
      height: 2,
      duration: 0.5,
      placeholder: "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
    };
    expect(RequestUpload.safeParse(described).success).toBe(true);
    expect(RequestUpload.safeParse({ ...good, placeholder: "1QcSHQRnh493V4dIh4eXh1h4kJUI" }).success).toBe(
      true,
    );
  });

  it.each([
    { file_size: 0 },
    { file_size: -1 },
    { file_size: 1.5 },
    { file_size: "5" },
    { file_size: 1e300 },
    { mime_type: "image" },
    { mime_type: "image/jpeg; charset" },
    { mime_type: "image/jpeg; charset=" },
    { mime_type: "image/jpeg; charset = x" },
    { mime_type: 'image/jpeg; charset="x' },
    { mime_type: 'image/jpeg; charset="\u00e9"' },
    { mime_type: "image/jpeg, image/png" },
    { mime_type: " image/jpeg" },
    { mime_type: `image/${"x".repeat(255)}` },
    { mime_type: "image/jpeg\r\nx: y" },
    { attachment_type: "sticker" },
    { conversation_id: "x" },
    { file_name: "" },
    { file_name: "a\0b" },
    { file_name: "\ud800" },
    { width: 0 },
    { height: 1e9 },
    { duration: -1 },
    { placeholder: "<script>" },
    { placeholder: "x".repeat(201) },
  ])("[R26] %j is malformed", (wrong) => {
    expect(RequestUpload.safeParse({ ...good, ...wrong }).success).toBe(false);
  });
});

describe("what a client may leave open or write in its own way", () => {
  const good = {
    conversation_id: newConversationId(),
    file_name: "a",
    file_size: 1,
    mime_type: "image/png",
    attachment_type: "image",
  };

  it.each(["width", "height", "duration", "placeholder"])("[R5 R26 ATT-6] %s may be null", (field) => {
    expect(RequestUpload.safeParse({ ...good, [field]: null }).success).toBe(true);
  });

  it.each(["conversation_id", "file_name", "file_size", "mime_type", "attachment_type"])(
    "[R5 R26 ATT-6] %s may not",
    (field) => {
      expect(RequestUpload.safeParse({ ...good, [field]: null }).success).toBe(false);
    },
  );

  it.each([
    "image/png",
    "IMAGE/PNG",
    "audio/webm;codecs=opus",
    "audio/webm; codecs=opus",
    'audio/webm ; codecs="opus"; rate=48000',
    'video/mp4; codecs="avc1.42E01E, mp4a.40.2"',
    'a/b; c="\\"d\\\\"',
    "text/plain;charset=UTF-8;",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  ])("[R26 ATT-3] %j is a MIME type", (mime_type) => {
    expect(RequestUpload.safeParse({ ...good, mime_type }).success).toBe(true);
  });

  it("[R26 ATT-3] the published pattern says the same as the server, and no text takes long to refuse", () => {
    const { pattern: published } = z.toJSONSchema(RequestUpload.shape.mime_type);
    const pattern = new RegExp(published ?? "", "u");
    const samples = [
      "image/png",
      "IMAGE/PNG",
      "audio/webm;codecs=opus",
      "image",
      "a/b; c",
      'a/b;c="',
      "a/b ; ;",
    ];
    for (const mime_type of samples) {
      const { success } = RequestUpload.safeParse({ ...good, mime_type });
      expect([mime_type, pattern.test(mime_type)]).toEqual([mime_type, success]);
    }
    for (const part of [" ; ", "; a=b", ' ;a="b" ', "  ", ";", "a/"]) {
      // A pattern that tries every way to divide this would not end.
      expect(pattern.test(`a/b${part.repeat(80)}\n`)).toBe(false);
    }
  });
});

describe("range and conditional requests", () => {
  const range = (value: string, extra: Record<string, string> = {}) =>
    requestedRange(new Headers({ range: value, ...extra }), 100, "abc");

  it.each([
    ["bytes=0-", { offset: 0, length: 100 }],
    ["bytes=0-0", { offset: 0, length: 1 }],
    ["bytes=10-19", { offset: 10, length: 10 }],
    ["bytes=90-200", { offset: 90, length: 10 }],
    ["bytes=-10", { offset: 90, length: 10 }],
    ["bytes=-1000", { offset: 0, length: 100 }],
    ["bytes=99-", { offset: 99, length: 1 }],
    ["bytes=100-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=20-10", undefined],
    ["bytes=0-1,5-6", undefined],
    ["bytes=", undefined],
    ["bytes=-", undefined],
    ["bytes=x-y", undefined],
    ["items=0-5", undefined],
    ["", undefined],
  ])("[R26] %j", (value, expected) => {
    expect(range(value)).toEqual(expected);
  });

  it("[R26] If-Range holds for these bytes only", () => {
    expect(range("bytes=0-0", { "if-range": '"abc"' })).toEqual({ offset: 0, length: 1 });
    for (const other of ['"abd"', 'W/"abc"', "Mon, 23 Nov 2026 00:00:00 GMT"]) {
      expect(range("bytes=0-0", { "if-range": other })).toBeUndefined();
    }
  });

  it("[R26] If-None-Match, weak and in lists", () => {
    const has = (value: string) => isUnmodified(new Headers({ "if-none-match": value }), "abc");
    for (const value of ['"abc"', 'W/"abc"', '"x", "abc"', "*"]) expect(has(value)).toBe(true);
    for (const value of ['"x"', "abc", ""]) expect(has(value)).toBe(false);
    expect(isUnmodified(new Headers(), "abc")).toBe(false);
  });

  it("[R26] whatever is asked, a range lies in the file", () => {
    const some = fc.oneof(fc.constant(""), fc.nat({ max: 300 }).map(String));
    fc.assert(
      fc.property(some, some, fc.integer({ min: 1, max: 200 }), (first, last, size) => {
        const found = requestedRange(new Headers({ range: `bytes=${first}-${last}` }), size, "abc");
        if (typeof found !== "object") return;
        expect(found.offset >= 0 && found.length > 0 && found.offset + found.length <= size).toBe(true);
      }),
    );
  });
});
