/** Routes where the app's own backend exports everything of a person, or erases a person (rule 28). */
import { createRoute } from "@hono/zod-openapi";
import { EraseUser, JobStarted, UserParams } from "@rocket-chat-api/protocol";
import { type Directory, openDirectory } from "../../directory/database.ts";
import { closeUser } from "../../directory/erased-users.ts";
import { jobsAbout, startJob } from "../../directory/jobs.ts";
import type { UserRow } from "../../directory/schema.ts";
import { findUser } from "../../directory/users.ts";
import { runJob } from "../../jobs.ts";
import { forgetProfile } from "../../middleware/callers.ts";
import { refuse } from "../../middleware/errors.ts";
import { erasureSubject } from "../../people/erase-user.ts";
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
    const job = await startJob(db, { kind: "export_user", subject: user_id }, Date.now());
    c.executionCtx.waitUntil(runJob(c.env, job));
    return c.json({ job_id: job.job_id }, 202);
  })
  .openapi(eraseUser, async (c) => {
    const db = openDirectory(c.env.DB);
    const { user_id } = c.req.valid("param");
    const { messages } = c.req.valid("json");
    await requireUser(db, user_id);
    const other = messages === "erase" ? "anonymise" : "erase";
    const otherJobs = await jobsAbout(db, { kind: "erase_user", subject: erasureSubject(user_id, other) });
    const about = { kind: "erase_user", subject: erasureSubject(user_id, messages) } as const;
    const known = (await jobsAbout(db, about)).find(({ status }) => status === "done");
    const conflicting = otherJobs.find(({ status }) => status !== "failed");
    if (conflicting) {
      const { job_id } = conflicting;
      refuse("CONFLICT", "This user was erased before, in the other way", { user_id, job_id });
    }
    if (known) return c.json({ job_id: known.job_id }, 202);
    const job = await startJob(db, about, Date.now());
    // From here on nothing of the person changes any more; the job does this again.
    await closeUser(db, user_id, Date.now());
    forgetProfile(user_id);
    c.executionCtx.waitUntil(runJob(c.env, job));
    return c.json({ job_id: job.job_id }, 202);
  });
