/** Files of exports, for whoever has a signed link (rule 28). Mounted before the authentication: the signature is the credential. */

import { createRoute } from "@hono/zod-openapi";
import { ExportFileParams, ExportFileQuery } from "@rocket-chat-api/protocol";
import { openBucket } from "../attachments/bucket.ts";
import { exportKey, isExportLink } from "../attachments/export-files.ts";
import { openDirectory } from "../directory/database.ts";
import { findJob } from "../directory/jobs.ts";
import { refuse } from "../middleware/errors.ts";
import { createRouter, errors, linkSecurity } from "./api.ts";
import { bytes, requireStorage } from "./attachments.ts";

const NO_FILE = "No such file: the export may have ended";

const getFile = createRoute({
  operationId: "getExportFile",
  method: "get",
  path: "/api/v1/exports/{job_id}/{file}",
  tags: ["Server"],
  security: linkSecurity,
  summary: "Fetch a file of an export by its signed link",
  description: "The link is in the job of the export. 403 if it has ended, or was not made here.",
  request: { params: ExportFileParams, query: ExportFileQuery },
  responses: {
    200: bytes("The file."),
    ...errors,
  },
});

export const exportFileRoutes = createRouter().openapi(getFile, async (c) => {
  const { job_id, file: name } = c.req.valid("param");
  const file = { job_id, name };
  const { secretAccessKey } = requireStorage(c.env);
  if (!(await isExportLink(secretAccessKey, file, c.req.valid("query"), Date.now()))) {
    refuse("FORBIDDEN", "The link is not valid, or has ended");
  }
  const job = await findJob(openDirectory(c.env.DB), file.job_id);
  if (job?.kind !== "export_user" || job.status !== "done") refuse("NOT_FOUND", NO_FILE);
  const object = await openBucket(c.env.ATTACHMENTS).get(exportKey(job.subject, file));
  if (!object) refuse("NOT_FOUND", NO_FILE);
  return new Response(object.body, {
    headers: {
      "Content-Type": object.httpMetadata?.contentType ?? "application/octet-stream",
      "Content-Length": String(object.size),
      "Content-Disposition": `attachment; filename="${file.name}"`,
      "Cache-Control": "private, no-store",
      "X-Content-Type-Options": "nosniff",
    },
  });
});
