/** Route of jobs (rule 28). */
import { createRoute, z } from "@hono/zod-openapi";
import {
  type ErasureCertificate,
  Job,
  type LateParts,
  type RecoveryResult,
  type Scope,
  timestamp,
  type UserExport,
  Uuid,
} from "@rocket-chat-api/protocol";
import { exportPath } from "../../attachments/export-files.ts";
import { openDirectory } from "../../directory/database.ts";
import { findJob } from "../../directory/jobs.ts";
import type { JobRow } from "../../directory/server-schema.ts";
import { hasScope } from "../../domain/actor.ts";
import type { StoredExport } from "../../domain/export.ts";
import { latePartsOf } from "../../domain/late-parts.ts";
import type { Env } from "../../env.ts";
import { refuse } from "../../middleware/errors.ts";
import { storageSettings } from "../../settings.ts";
import { createRouter, errors, json, serverSecurity } from "../api.ts";

const getJob = createRoute({
  operationId: "serverGetJob",
  method: "get",
  path: "/jobs/{job_id}",
  tags: ["Server"],
  security: serverSecurity,
  summary: "See how far a deletion, an export, an erasure or a recovery has come",
  description:
    "The result of an export needs the scope `export`: its links are made for this answer, and end with the export. That of a " +
    "recovery needs `operate`.",
  request: { params: z.object({ job_id: Uuid }) },
  responses: { 200: json(Job, "The job."), ...errors },
});

/** Ids of late parts that are shown. */
const SHOWN_LATE = 20;

/** What a job could not reach so far. Undefined if that is nothing. */
function lateOf({ cursor }: JobRow): LateParts | undefined {
  const parts = latePartsOf(cursor);
  if (parts.length === 0) return undefined;
  const ids = new Set(parts.map(({ part }) => part.split(":").at(-1) ?? part));
  return {
    count: parts.length,
    ids: [...ids].slice(0, SHOWN_LATE),
    next_try_at: timestamp(Math.min(...parts.map(({ due_at }) => due_at))),
  };
}

/** A job as servers see it. @param origin of the API, for links. */
async function shown(
  env: Env,
  row: JobRow,
  origin: string,
  mayHave: (scope: Scope) => boolean,
): Promise<Job> {
  const { job_id, status, progress, error, kind, result } = row;
  const late = status === "running" ? lateOf(row) : undefined;
  const job = { job_id, status, progress, ...(error === null ? {} : { error }), ...(late && { late }) };
  if (result === null || !mayHave(kind === "recover_conversation" ? "operate" : "export")) return job;
  if (kind === "recover_conversation") return { ...job, recovery: JSON.parse(result) as RecoveryResult };
  if (kind === "erase_user") return { ...job, certificate: JSON.parse(result) as ErasureCertificate };
  const made = kind === "export_user" ? await linked(env, row, origin) : undefined;
  return made ? { ...job, export: made } : job;
}

/** What an export has brought, with links. Undefined where nothing can be signed. */
async function linked(env: Env, { job_id, result }: JobRow, origin: string): Promise<UserExport | undefined> {
  const settings = storageSettings(env);
  if ("misconfigured" in settings || result === null) return undefined;
  const stored = JSON.parse(result) as StoredExport;
  const ends = Date.parse(stored.expires_at);
  const urlOf = async (name: string) =>
    new URL(await exportPath(settings.secretAccessKey, { job_id, name }, ends), origin).href;
  const files = await Promise.all(
    stored.files.map(async (file) => ({ ...file, url: await urlOf(file.name) })),
  );
  return { ...stored, manifest_url: await urlOf("manifest.json"), files };
}

export const serverJobRoutes = createRouter().openapi(getJob, async (c) => {
  const row = await findJob(openDirectory(c.env.DB), c.req.valid("param").job_id);
  if (!row) refuse("NOT_FOUND", "No such job");
  const { actor } = c.var;
  const mayHave = (scope: Scope) => actor.kind === "server" && hasScope(actor.credential, scope);
  return c.json(await shown(c.env, row, new URL(c.req.url).origin, mayHave), 200);
});
