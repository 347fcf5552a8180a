/** Bodies that must be refused: messages. */
import { DEEP } from "./bad-bodies.ts";
import { type Bad, mistyped, UNKNOWN, withBodies } from "./bad-kit.ts";

export const text = (content: unknown, more: object = {}) => ({ type: "text", content, ...more });

/** Texts that no message may have. */
export const BAD_TEXTS = [
  "",
  " \n\t",
  "\ufeff",
  "\0",
  "a\0b",
  "\ud800",
  "a\udc00",
  "\udc00\ud800",
  "\ud83d \ude00",
  "\u200b",
  "\u00ad",
  "\u2800\u2800",
  "\u3164",
  "\ufe0f\u{e0100}",
  "\u{e0067}\u{e007f}",
  "\u202e\u2066 \u2069",
  "\u115f\u1160\uffa0",
];

/** Metadata that no message may have. */
export const BAD_METADATA: unknown[] = [
  { mentions: "@all" },
  { mentions: [7] },
  { mentions: [null] },
  { mentions: [["@all"]] },
  { mentions: { 0: "@all" } },
  { mentions: ["x".repeat(65)] },
  { mentions: ["\ud800"] },
  { mentions: ["@bob\0"] },
  { mentions: Array.from({ length: 101 }, () => "@bob") },
  { note: "\ud800" },
  { note: "\0" },
  { "\udc00": 1 },
  { a: [{ b: { c: "\ud83d" } }] },
  { note: "x".repeat(4096) },
  { constructor: { prototype: { note: "\ud800" } } },
];

const SENDS = [
  ...mistyped(text("x"), {
    type: "choice",
    content: "text",
    reply_to_message_id: "id?",
    attachment_id: "id?",
    attachment_ids: "list?",
    client_message_id: "text?",
    metadata: "object?",
  }),
  ...BAD_TEXTS.map((content) => text(content)),
  ...BAD_METADATA.map((metadata) => text("x", { metadata })),
  ...["system", "sticker", "TEXT", "text "].map((type) => ({ ...text("x"), type })),
  ...["", "x".repeat(65), "😀".repeat(65), "\0", "\ud800", "caf\ufffd"].map((id) =>
    text("x", { client_message_id: id }),
  ),
  {},
  { content: "x" },
  { type: "text" },
  { type: "image", attachment_id: ":unsent", attachment_ids: [":unsent"] },
  { type: "image", attachment_ids: [":unsent", ":unsent"] },
  { type: "image", attachment_ids: [":unsent", "x"] },
  { type: "image", attachment_ids: Array.from({ length: 11 }, () => crypto.randomUUID()) },
  `{"type":"text","content":"x","metadata":{"a":${DEEP}}}`,
  '{"type":"text","content":"x","content":7}',
  '{"__proto__":{"type":"text","content":"x"}}',
  "\ufeff\ufeff{}",
];

const IN_DIRECT: [method: string, path: string] = ["POST", "/conversations/:direct/messages"];
const IN_GROUP: [method: string, path: string] = ["POST", "/conversations/:group/messages"];
const image = (attachment_id: string) => ({ type: "image", content: "", attachment_id });

export const sending: Bad[] = [
  ...withBodies(...IN_DIRECT, "VALIDATION_ERROR", SENDS),
  ...withBodies(...IN_DIRECT, "MESSAGE_TOO_LONG", [
    text("x".repeat(4097)),
    text("😀".repeat(4097)),
    text("x".repeat(120_000)),
    text("\u0301".repeat(4097)),
    { type: "image", content: "x".repeat(4097), attachment_id: ":unsent" },
  ]),
  ...withBodies(
    ...IN_DIRECT,
    "NOT_FOUND",
    [UNKNOWN.message, UNKNOWN.user, UNKNOWN.conversation, ":later", ":picture", ":secret", ":direct"].map(
      (id) => text("x", { reply_to_message_id: id }),
    ),
  ),
  ...withBodies(...IN_DIRECT, "INVALID_ATTACHMENT", [
    text("x", { attachment_id: UNKNOWN.user }),
    text("x", { attachment_ids: [":unsent"] }),
    { type: "image", content: "x" },
    { type: "file", content: "x", attachment_ids: [] },
    ...[UNKNOWN.user, UNKNOWN.attachment, ":unsent", ":said", ":direct"].map(image),
  ]),
  ...withBodies(...IN_GROUP, "INVALID_ATTACHMENT", [
    ...[":noPhoto", ":photo", ":hers", ":foreignPhoto", ":picture"].map(image),
    ...["video", "audio"].map((type) => ({ ...image(":unsent"), type })),
    { type: "image", attachment_ids: [":unsent", ":noPhoto"] },
  ]),
  [...IN_DIRECT, text("x"), "VALIDATION_ERROR", { "idempotency-key": "" }],
  [...IN_DIRECT, text("x"), "VALIDATION_ERROR", { "idempotency-key": "x".repeat(65) }],
  [...IN_DIRECT, text("x"), "VALIDATION_ERROR", { "idempotency-key": "caf\ufffd" }],
  [...IN_DIRECT, text("x", { client_message_id: "one" }), "VALIDATION_ERROR", { "idempotency-key": "two" }],
];
