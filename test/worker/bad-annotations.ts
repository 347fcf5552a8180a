/** Bodies that must be refused: edits, reactions, reading. */
import { type Bad, mistyped, UNKNOWN, withBodies } from "./bad-kit.ts";
import { BAD_METADATA, BAD_TEXTS } from "./bad-messages.ts";

const edits: Bad[] = [
  ...withBodies("PUT", "/messages/:said", "VALIDATION_ERROR", [
    {},
    ...mistyped({ content: "x" }, { content: "text", metadata: "object?" }),
    ...BAD_TEXTS.map((content) => ({ content })),
    ...BAD_METADATA.map((metadata) => ({ content: "x", metadata })),
    '{"content":"x","content":7}',
    '{"__proto__":{"content":"x"}}',
  ]),
  ...withBodies("PUT", "/messages/:said", "MESSAGE_TOO_LONG", [
    { content: "x".repeat(4097) },
    { content: "😀".repeat(4097) },
  ]),
  ["PUT", "/messages/:heard", { content: "x" }, "FORBIDDEN"],
  ["PUT", "/messages/:gone", { content: "x" }, "CONFLICT"],
  ["PUT", "/messages/:note", { content: "x" }, "VALIDATION_ERROR"],
  ["PUT", "/messages/:picture", { content: "x" }, "VALIDATION_ERROR"],
];

/** Texts that are not one emoji. */
export const NO_EMOJI = [
  "",
  " ",
  "y",
  "1",
  "#",
  "👍👍",
  "👍 ",
  " 👍",
  "👍x",
  ":thumbsup:",
  "\u200d",
  "\ufe0f",
  "🇦",
  "🇽🇽",
  "👍\u200d👍",
  "👍\ufeff",
  "\u202e👍",
  "👍\u0301",
  "👨\u200d".repeat(30),
  "👍".repeat(1000),
  "<script>",
];

const reactions: Bad[] = [
  ...withBodies("POST", "/messages/:said/reactions", "VALIDATION_ERROR", [
    {},
    ...mistyped({}, { emoji: "choice" }),
    ...[...NO_EMOJI.slice(1), "👍\0", "\ud83d", "\udc4d", "\udc4d\ud83d"].map((emoji) => ({ emoji })),
    '{"__proto__":{"emoji":"👍"}}',
  ]),
  ["POST", "/messages/:gone/reactions", { emoji: "👍" }, "CONFLICT"],
];

const reading: Bad[] = [
  ...withBodies("PUT", "/conversations/:direct/read", "VALIDATION_ERROR", [
    {},
    ...mistyped({}, { up_to_message_id: "id" }),
    '{"__proto__":{"up_to_message_id":":heard"}}',
  ]),
  ...withBodies(
    "PUT",
    "/conversations/:direct/read",
    "NOT_FOUND",
    [":later", ":direct", ":picture", ":secret", UNKNOWN.message, UNKNOWN.user].map((up_to_message_id) => ({
      up_to_message_id,
    })),
  ),
  ["PUT", "/conversations/:foreign/read", { up_to_message_id: ":secret" }, "FORBIDDEN"],
];

export const annotating: Bad[] = [...edits, ...reactions, ...reading];
