/** Routes with which operators give a lost directory its data back (docs/backup.md). `npm run rebuild` uses them. */
import { createRoute } from "@hono/zod-openapi";
import { RebuildDirectory, RebuiltDirectory } from "@rocket-chat-api/protocol";
import { openDirectory } from "../../directory/database.ts";
import { renewEpoch } from "../../directory/epoch.ts";
import { rebuild } from "../../rebuild.ts";
import { createRouter, errors, json, jsonBody, noContent, serverSecurity } from "../api.ts";

const common = { tags: ["Server"], security: serverSecurity };

const rebuildDirectory = createRoute({
  ...common,
  operationId: "serverRebuildDirectory",
  method: "post",
  path: "/directory/rebuild",
  summary: "Let conversations or users give the directory back what it has lost",
  description:
    "It is safe beside traffic, and may be repeated or broken off. `npm run rebuild` asks for all of them.",
  request: { body: jsonBody(RebuildDirectory) },
  responses: { 200: json(RebuiltDirectory, "How far each of them is."), ...errors },
});

const renewDirectory = createRoute({
  ...common,
  operationId: "serverRenewDirectory",
  method: "post",
  path: "/directory/renew",
  summary: "Give the directory a new identity, after it was put back to an earlier state",
  description: "Tokens of `GET /sync` from before are answered with `limited`: clients get everything again.",
  responses: { 204: noContent, ...errors },
});

export const serverDirectoryRoutes = createRouter()
  .openapi(rebuildDirectory, async (c) => c.json(await rebuild(c.env, c.req.valid("json")), 200))
  .openapi(renewDirectory, async (c) => {
    await renewEpoch(openDirectory(c.env.DB));
    return c.body(null, 204);
  });
