/** Routes where the app's own backend exports everything of a person, or erases a person (rule 28). */
import { createRoute } from "@hono/zod-openapi";
import { EraseUser, JobStarted, UserParams } from "@rocket-chat-api/protocol";
import { type Directory, openDirectory } from "../../directory/database.ts";
import { closeUser } from "../../directory/erased-users.ts";
import { startJob, startOnce } from "../../directory/jobs.ts";
import type { UserRow } from "../../directory/schema.ts";
import { findUser } from "../../directory/users.ts";
import { erasureSubject } from "../../domain/erased-person.ts";
import { runStartedJob } from "../../jobs.ts";
import { forgetProfile } from "../../middleware/callers.ts";
import { refuse } from "../../middleware/errors.ts";
import { createRouter, errors, json, jsonBody, serverSecurity } from "../api.ts";
import { requireStorage } from "../attachments.ts";

const common = { tags: ["Server"], security: serverSecurity };
const request = { params: UserParams };
const started = {
  202: json(JobStarted, "The job. `GET /server/jobs/{job_id}` says how far it has come."),
  ...errors,
};

const exportUser = createRoute({
  ...common,
  operationId: "serverExportUser",
  method: "post",
  path: "/users/{user_id}/export",
  summary: "Export everything of a person",
  description:
    "Files of NDJSON with a manifest, by signed links that the job has once it is done. They are deleted after a week. A " +
    "request while an export is running gets that one.",
  request,
  responses: started,
});

const eraseUser = createRoute({
  ...common,
  operationId: "serverEraseUser",
  method: "post",
  path: "/users/{user_id}/erase",
  summary: "Erase a person, for good",
  description:
    "Sockets close and requests are refused at once. Everything of the person is erased within minutes, in two rounds; then the job " +
    "has a certificate. There is no way back: the same identity is refused from then on. It is harmless to repeat; 409 if the person " +
    "was erased the other way.",
  request: { ...request, body: jsonBody(EraseUser) },
  responses: started,
});

async function requireUser(db: Directory, userId: string): Promise<UserRow> {
  return (await findUser(db, userId)) ?? refuse("NOT_FOUND", "No such user");
}

export const serverPeopleRoutes = createRouter()
  .openapi(exportUser, async (c) => {
    const db = openDirectory(c.env.DB);
    const { user_id } = c.req.valid("param");
    // Without it no link could be signed.
    requireStorage(c.env);
    const user = await requireUser(db, user_id);
    if (user.erased_at !== null) refuse("CONFLICT", "This user was erased", { user_id });
    const now = Date.now();
    const started = await startJob(db, { kind: "export_user", subject: user_id }, now);
    c.executionCtx.waitUntil(runStartedJob(c.env, started, now));
    return c.json({ job_id: started.job.job_id }, 202);
  })
  .openapi(eraseUser, async (c) => {
    const db = openDirectory(c.env.DB);
    const { user_id } = c.req.valid("param");
    const { messages } = c.req.valid("json");
    await requireUser(db, user_id);
    const other = erasureSubject(user_id, messages === "erase" ? "anonymise" : "erase");
    const about = { kind: "erase_user", subject: erasureSubject(user_id, messages) } as const;
    const now = Date.now();
    const started = await startOnce(db, about, [other], now);
    const { job_id, status, subject } = started.job;
    if (subject === other) {
      refuse("CONFLICT", "This user was erased before, in the other way", { user_id, job_id });
    }
    if (status === "done") return c.json({ job_id }, 202);
    // From here on nothing of the person changes any more; the job does this again.
    await closeUser(db, user_id, now);
    forgetProfile(user_id);
    c.executionCtx.waitUntil(runStartedJob(c.env, started, now));
    return c.json({ job_id }, 202);
  });
