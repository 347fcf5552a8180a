/** Route with which operators take a conversation back to a point in time (docs/backup.md). */
import { createRoute } from "@hono/zod-openapi";
import { ConversationParams, JobStarted, RecoverConversation } from "@rocket-chat-api/protocol";
import { openDirectory } from "../../directory/database.ts";
import { startJob } from "../../directory/jobs.ts";
import { runJob } from "../../jobs.ts";
import { bodyOf, refuse } from "../../middleware/errors.ts";
import type { RecoveryPlace } from "../../recovery.ts";
import { createRouter, errors, json, jsonBody, serverSecurity } from "../api.ts";
import { conversationStub } from "../objects.ts";

const recover = createRoute({
  operationId: "serverRecoverConversation",
  method: "post",
  path: "/conversations/{conversation_id}/recover",
  tags: ["Server"],
  security: serverSecurity,
  summary: "Take a conversation back to a point in time of the last 30 days",
  description:
    "Everything that was said, changed or read there since is gone. The job brings `undo_bookmark`: with it as `bookmark` the " +
    "recovery can be undone. 503 where the runtime has no point-in-time recovery, as locally.",
  request: { params: ConversationParams, body: jsonBody(RecoverConversation) },
  responses: {
    202: json(JobStarted, "The job. `GET /server/jobs/{job_id}` says how far it has come."),
    ...errors,
  },
});

export const serverRecoveryRoutes = createRouter().openapi(recover, async (c) => {
  const { conversation_id } = c.req.valid("param");
  const asked = c.req.valid("json");
  const to = asked.to === undefined ? null : Date.parse(asked.to);
  const stub = conversationStub(c.env, conversation_id);
  const { bookmark } = bodyOf(await stub.recover("find", { to }));
  const db = openDirectory(c.env.DB);
  const place: RecoveryPlace = { to, bookmark: asked.bookmark ?? bookmark };
  const cursor = JSON.stringify(place);
  const about = { kind: "recover_conversation", subject: conversation_id } as const;
  const started = await startJob(db, { ...about, notBeside: ["delete_conversation"] }, Date.now(), cursor);
  const { job_id, kind } = started.job;
  if (kind !== about.kind) refuse("CONFLICT", "This conversation is being deleted", { job_id });
  if (!started.isNew) refuse("CONFLICT", "This conversation is being taken back already", { job_id });
  c.executionCtx.waitUntil(runJob(c.env, started.job));
  return c.json({ job_id }, 202);
});
