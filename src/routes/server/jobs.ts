/** Route of jobs (rule 28). */
import { createRoute, z } from "@hono/zod-openapi";
import { Job, Uuid } from "@rocket-chat-api/protocol";
import { openDirectory } from "../../directory/database.ts";
import { findJob } from "../../directory/jobs.ts";
import { refuse } from "../../middleware/errors.ts";
import { createRouter, errors, json, serverSecurity } from "../api.ts";

const getJob = createRoute({
  operationId: "serverGetJob",
  method: "get",
  path: "/jobs/{job_id}",
  tags: ["Server"],
  security: serverSecurity,
  summary: "See how far a deletion has come",
  request: { params: z.object({ job_id: Uuid }) },
  responses: { 200: json(Job, "The job."), ...errors },
});

export const serverJobRoutes = createRouter().openapi(getJob, async (c) => {
  const job = await findJob(openDirectory(c.env.DB), c.req.valid("param").job_id);
  return c.json(job ?? refuse("NOT_FOUND", "No such job"), 200);
});
