/** Routes of attachments: upload URLs, and downloads (rule 26). */

import { createRoute, z } from "@hono/zod-openapi";
import {
  AttachmentParams,
  conversationOfAttachment,
  ErrorBody,
  failure,
  MAX_FILE_NAME_LENGTH,
  MAX_PENDING_UPLOADS,
  newAttachmentId,
  RequestUpload,
  UPLOAD_URL_TTL_SECONDS,
  UploadPermission,
} from "@rocket-chat-api/protocol";
import { openBucket } from "../attachments/bucket.ts";
import { cleanFileName } from "../attachments/file-name.ts";
import { mediaType } from "../attachments/media-types.ts";
import { newKeyToken } from "../attachments/object-key.ts";
import { checkUpload } from "../attachments/policy.ts";
import { presignUpload, uploadHeaders } from "../attachments/presign.ts";
import { serve } from "../attachments/serve.ts";
import { addUpload, type NewUpload, type TooMuch } from "../directory/attachments.ts";
import { openDirectory } from "../directory/database.ts";
import type { EpochMs } from "../domain/time.ts";
import { secondsUntilNextDay } from "../domain/upload-quota.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import { bodyOf, refuse } from "../middleware/errors.ts";
import { filterTexts } from "../middleware/filters.ts";
import {
  attachmentLimits,
  maxUploadBytesPerDay,
  type StorageSettings,
  storageSettings,
} from "../settings.ts";
import { createRouter, errors, json, jsonBody, security } from "./api.ts";
import { conversationStub } from "./objects.ts";

const tags = ["Attachments"];
/** `Retry-After` for a user with too many unsent uploads, in seconds. */
const TOO_MANY_RETRY_SECONDS = 3600;

/** Content types of downloads: the file's own type if it is shown inline, bytes otherwise. */
const FILE_TYPES = ["image/*", "video/*", "audio/*", "application/octet-stream"];

const header = (description: string) => ({ description, schema: { type: "string" as const } });
const FILE_HEADERS = {
  "Content-Disposition": header("`inline` or `attachment`, with the file's name."),
  "Accept-Ranges": header("`bytes`."),
  ETag: header("Changes with the bytes."),
};

export const bytes = (description: string, headers = {}) => ({
  description,
  headers: { ...FILE_HEADERS, ...headers },
  content: Object.fromEntries(
    FILE_TYPES.map((type) => [type, { schema: z.string().meta({ format: "binary" }) }]),
  ),
});

/** The answers with a file, by status. */
export const fileResponses = {
  200: bytes("The file."),
  206: bytes("The requested range of the file.", {
    "Content-Range": header("Which bytes these are, and the size of the file."),
  }),
  304: { description: "The client has it already." },
};

const requestUpload = createRoute({
  operationId: "requestUpload",
  method: "post",
  path: "/messages/attachments/upload-url",
  tags,
  security,
  summary: "Get an upload URL",
  description:
    "PUT the bytes to `upload_url` with the `headers` of the answer, then send a message with the `attachment_id`. " +
    "An upload that is not sent within a day is deleted. Metadata such as place, time and camera is removed from " +
    "images; the orientation is kept. Video, audio and files are kept byte for byte.",
  request: { body: jsonBody(RequestUpload) },
  responses: { 200: json(UploadPermission, "Where to upload the file, and how."), ...errors },
});

const fetchAttachment = createRoute({
  operationId: "getAttachment",
  method: "get",
  path: "/attachments/{attachment_id}",
  tags,
  security,
  summary: "Fetch an attachment",
  description:
    "For members who can see its message. Supports `Range` (one range), `If-Range` and `If-None-Match`. Images, video " +
    "and audio are served inline; anything else is a download of type `application/octet-stream`.",
  request: { params: AttachmentParams },
  responses: {
    ...fileResponses,
    416: json(ErrorBody, "The range starts after the end of the file."),
    ...errors,
  },
});

/** The storage settings. Refuses if they are missing. */
export function requireStorage(env: Env): StorageSettings {
  const settings = storageSettings(env);
  if ("endpoint" in settings) return settings;
  log("error", "attachments.misconfigured", { reason: settings.misconfigured });
  return refuse("SERVICE_UNAVAILABLE", "Attachments are not configured on this server");
}

/** The row of an upload. */
function toUpload(request: RequestUpload, uploader_id: string, now: EpochMs): NewUpload {
  const { conversation_id, mime_type, file_size, attachment_type: type } = request;
  const { width, height, duration, placeholder } = request;
  const file_name = cleanFileName(request.file_name);
  if (file_name === undefined) {
    const issues = [
      { path: "file_name", message: `must be a name of 1 to ${MAX_FILE_NAME_LENGTH} characters` },
    ];
    refuse("VALIDATION_ERROR", undefined, { issues });
  }
  return {
    attachment_id: newAttachmentId(conversation_id),
    conversation_id,
    uploader_id,
    type,
    file_name,
    mime_type,
    file_size,
    width: width ?? null,
    height: height ?? null,
    duration: duration ?? null,
    placeholder: placeholder ?? null,
    created_at: now,
    key_token: newKeyToken(),
  };
}

/** The refusal for a client that has reached a limit. */
function describeTooMuch(tooMuch: TooMuch, maxPerDay: number, now: EpochMs) {
  if (tooMuch.kind === "unsent") {
    const details = { limit: MAX_PENDING_UPLOADS, retry_after: TOO_MANY_RETRY_SECONDS };
    return { message: "Too many unsent uploads: send some in messages, or try again later", details };
  }
  const details = { limit: maxPerDay, used: tooMuch.used, retry_after: secondsUntilNextDay(now) };
  return { message: "The daily upload limit is reached", details };
}

export const attachmentRoutes = createRouter()
  .openapi(requestUpload, async (c) => {
    const asked = c.req.valid("json");
    const content_type = asked.mime_type.trim();
    const request = { ...asked, mime_type: mediaType(content_type) };
    bodyOf(await conversationStub(c.env, request.conversation_id).ask(c.var.caller, "mayUpload", null));
    const maxBytes = attachmentLimits(c.env);
    const refusal = checkUpload(request, maxBytes);
    if (refusal) refuse(refusal.code, refusal.message, refusal.details);
    const settings = requireStorage(c.env);
    const upload = toUpload(request, c.var.caller.user_id, Date.now());
    // Masks and flags wait for the message. A name that is rejected there need not be uploaded.
    await filterTexts(c, [{ field: "file_name", text: upload.file_name }], upload.created_at);
    const maxPerDay = maxUploadBytesPerDay(c.env);
    const tooMuch = await addUpload(openDirectory(c.env.DB), upload, maxPerDay);
    if (tooMuch) {
      const { message, details } = describeTooMuch(tooMuch, maxPerDay, upload.created_at);
      c.header("Retry-After", String(details.retry_after));
      refuse("RATE_LIMIT_EXCEEDED", message, details);
    }
    const body = {
      attachment_id: upload.attachment_id,
      upload_url: await presignUpload(
        settings,
        { ...upload, content_type },
        new URL(c.req.url).origin,
        upload.created_at,
      ),
      expires_in: UPLOAD_URL_TTL_SECONDS,
      headers: uploadHeaders({ content_type }),
      max_size: maxBytes[request.attachment_type],
    };
    return c.json(body, 200);
  })
  .openapi(fetchAttachment, async (c) => {
    const { attachment_id } = c.req.valid("param");
    const conversationId =
      conversationOfAttachment(attachment_id) ?? refuse("NOT_FOUND", "No such attachment");
    const stub = conversationStub(c.env, conversationId);
    const attachment = bodyOf(await stub.ask(c.var.caller, "attachment", { attachment_id }));
    const served = await serve(openBucket(c.env.ATTACHMENTS), attachment, c.req.raw);
    if (served === "missing") refuse("NOT_FOUND", "No such attachment");
    if (served !== "unsatisfiable") return served;
    c.header("Content-Range", `bytes */${attachment.file_size}`);
    const reason = failure("VALIDATION_ERROR", "The range starts after the end of the file");
    return c.json({ ...reason, request_id: c.get("requestId") }, 416);
  });
