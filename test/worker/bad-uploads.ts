/** Requests for an upload that must be refused. */
import { type Bad, incomplete, mistyped, UNKNOWN, withBodies } from "./bad-kit.ts";

const PHOTO = {
  conversation_id: ":group",
  file_name: "photo.jpg",
  file_size: 2048,
  mime_type: "image/jpeg",
  attachment_type: "image",
};
const photo = (more: object) => ({ ...PHOTO, ...more });
const UPLOAD: [method: string, path: string] = ["POST", "/messages/attachments/upload-url"];

export const uploads: Bad[] = [
  ...withBodies(...UPLOAD, "VALIDATION_ERROR", [
    ...incomplete(PHOTO),
    ...mistyped(PHOTO, {
      conversation_id: "id",
      file_name: "text",
      file_size: "number",
      mime_type: "text",
      attachment_type: "choice",
      width: "number?",
      height: "number?",
      placeholder: "text?",
    }),
    ...["7", true, [], 0, -1, 7 * 24 * 3600 + 1].map((duration) => photo({ duration })),
    ...[
      "",
      ".",
      "..",
      "/",
      "a/",
      "..\\",
      "\u202e",
      "\u200b",
      "\u2800\u3164",
      "\u00ad\ufe0f",
      "\r\n",
      "a\0",
      "\ud800",
    ].map((file_name) => photo({ file_name })),
    ...[256, 1021, 100_000].map((length) => photo({ file_name: "x".repeat(length) })),
    ...["image", "image/", "/jpeg", "image/jpeg; q", "image/jpeg\r\nX-Other: 1", "a".repeat(200)].map(
      (mime_type) => photo({ mime_type }),
    ),
    ...[0, 32_769].map((width) => photo({ width })),
    ...["", "<script>", "\ud800", "x".repeat(201)].map((placeholder) => photo({ placeholder })),
    photo({ file_size: 0 }),
    photo({ file_size: 2 ** 53 }),
    JSON.stringify(PHOTO).replace("2048", "1e400"),
  ]),
  ...withBodies(...UPLOAD, "INVALID_ATTACHMENT", [
    photo({ file_size: 20 * 1024 * 1024 + 1 }),
    photo({ file_size: 2 ** 53 - 1, attachment_type: "file" }),
    photo({ attachment_type: "video" }),
    photo({ mime_type: "image/svg+xml" }),
    photo({ mime_type: "text/html" }),
  ]),
  ...withBodies(
    ...UPLOAD,
    "CONVERSATION_NOT_FOUND",
    [UNKNOWN.conversation, UNKNOWN.user, ":said"].map((conversation_id) => photo({ conversation_id })),
  ),
  [...UPLOAD, photo({ conversation_id: ":foreign" }), "FORBIDDEN"],
];
