/** Routes of signed links: made for who may see an attachment, and used without a token (rule 26). */

import { createRoute } from "@hono/zod-openapi";
import {
  AttachmentLink,
  AttachmentLinks,
  AttachmentParams,
  CreateLinks,
  conversationOfAttachment,
  ErrorBody,
  failure,
  LinkQuery,
  SignedQuery,
} from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { openBucket } from "../attachments/bucket.ts";
import { isSigned, linkTo } from "../attachments/link.ts";
import { resized } from "../attachments/resize.ts";
import { serve } from "../attachments/serve.ts";
import { secondsLeft } from "../domain/attachment-link.ts";
import type { StoredAttachment } from "../domain/attachments.ts";
import { bodyOf, refuse } from "../middleware/errors.ts";
import { concurrently } from "../realtime/concurrently.ts";
import { type AppEnv, createRouter, errors, json, jsonBody, linkSecurity, security } from "./api.ts";
import { fileResponses, requireStorage } from "./attachments.ts";
import { conversationStub } from "./objects.ts";

const tags = ["Attachments"];
/** Conversations that are asked at a time. */
const CONCURRENCY = 6;

const makeLink = createRoute({
  operationId: "linkAttachment",
  method: "get",
  path: "/attachments/{attachment_id}/link",
  tags,
  security,
  summary: "Get a signed link to an attachment",
  description:
    "For `<img>` and `<video>`, which send no token. Whoever has the link may fetch the file until it ends, in 10 to 15 " +
    "minutes, or until its message is deleted. Fetching it counts in no budget.",
  request: { params: AttachmentParams, query: LinkQuery },
  responses: { 200: json(AttachmentLink, "The link."), ...errors },
});

const makeLinks = createRoute({
  operationId: "linkAttachments",
  method: "post",
  path: "/attachments/links",
  tags,
  security,
  summary: "Get signed links to up to 50 attachments",
  request: { body: jsonBody(CreateLinks) },
  responses: { 200: json(AttachmentLinks, "The links. What you may not see has none."), ...errors },
});

const useLink = createRoute({
  operationId: "getLinkedAttachment",
  method: "get",
  path: "/api/v1/attachments/{attachment_id}/file",
  tags,
  security: linkSecurity,
  summary: "Fetch an attachment by a signed link",
  description:
    "Answers as `GET /attachments/{attachment_id}` does. 403 if the link has ended, or was not made here.",
  request: { params: AttachmentParams, query: SignedQuery },
  responses: {
    ...fileResponses,
    416: json(ErrorBody, "The range starts after the end of the file."),
    ...errors,
  },
});

function secretOf(c: Context<AppEnv>): string {
  return requireStorage(c.env).secretAccessKey;
}

/** Signs a link to an attachment that the caller may see. */
async function link(c: Context<AppEnv>, attachment: StoredAttachment, isDownload: boolean) {
  const { origin } = new URL(c.req.url);
  return await linkTo(secretOf(c), attachment, { origin, isDownload }, Date.now());
}

/** An attachment that the caller may see; a refusal otherwise. */
async function seen(c: Context<AppEnv>, id: string) {
  const conversationId = conversationOfAttachment(id);
  if (conversationId === undefined)
    return { ok: false as const, error: failure("NOT_FOUND", "No such attachment") };
  return await conversationStub(c.env, conversationId).ask(c.var.caller, "attachment", { attachment_id: id });
}

/** For members. Mounted behind the authentication. */
export const attachmentLinkRoutes = createRouter()
  .openapi(makeLink, async (c) => {
    const outcome = await seen(c, c.req.valid("param").attachment_id);
    if (!outcome.ok) refuse(outcome.error.code, outcome.error.message, outcome.error.details);
    return c.json(await link(c, outcome.body, c.req.valid("query").download === "true"), 200);
  })
  .openapi(makeLinks, async (c) => {
    const { attachment_ids, download = false } = c.req.valid("json");
    const links = new Map<string, AttachmentLink>();
    secretOf(c);
    await concurrently([...new Set(attachment_ids)], CONCURRENCY, async (id) => {
      const outcome = await seen(c, id);
      if (outcome.ok) links.set(id, await link(c, outcome.body, download));
    });
    return c.json({ links: attachment_ids.flatMap((id) => links.get(id) ?? []) }, 200);
  });

/** For whoever has a link. Mounted before the authentication: the signature is checked before anything is woken. */
export const linkedFileRoutes = createRouter().openapi(useLink, async (c) => {
  const { attachment_id } = c.req.valid("param");
  const query = c.req.valid("query");
  const left = secondsLeft(Number(query.expires), Date.now());
  if (!(await isSigned(secretOf(c), attachment_id, query))) refuse("FORBIDDEN", "The link is not valid");
  if (left === 0) refuse("FORBIDDEN", "The link has ended");
  const conversationId = conversationOfAttachment(attachment_id) ?? refuse("NOT_FOUND", "No such attachment");
  const stub = conversationStub(c.env, conversationId);
  const attachment = bodyOf(await stub.ask(null, "linkedAttachment", { attachment_id }));
  // Other bytes than those that were signed: cannot be, since an attachment never changes.
  if (attachment.etag !== query.v) refuse("NOT_FOUND", "No such attachment");
  const how = { secondsLeft: left, isDownload: query.download === "1" };
  const isWhole = c.req.method === "GET" && c.req.header("range") === undefined;
  const small =
    query.w !== undefined && isWhole ? await resized(c.env, attachment, Number(query.w), how) : undefined;
  if (small) return small;
  const served = await serve(openBucket(c.env.ATTACHMENTS), attachment, c.req.raw, how);
  if (served === "missing") refuse("NOT_FOUND", "No such attachment");
  if (served !== "unsatisfiable") return served;
  c.header("Content-Range", `bytes */${attachment.file_size}`);
  const reason = failure("VALIDATION_ERROR", "The range starts after the end of the file");
  return c.json({ ...reason, request_id: c.get("requestId") }, 416);
});
