/** Route of the features and limits of this deployment, which clients can read before they connect (rule 32). */
import { createRoute } from "@hono/zod-openapi";
import {
  Capabilities,
  FEATURES,
  MAX_ATTACHMENTS,
  MAX_BODY_BYTES,
  MAX_FRAME_BYTES,
  MAX_PAGE_LIMIT,
  RATE_LIMITS,
} from "@rocket-chat-api/protocol";
import type { Env } from "../env.ts";
import { configuredProviders } from "../push/credentials.ts";
import { attachmentLimits, hasMessageRequests, limitsOf } from "../settings.ts";
import { createRouter, json } from "./api.ts";

/** Caching time in seconds. The answer changes with a deployment. */
const CACHE = "public, max-age=300";

const capabilities = createRoute({
  operationId: "getCapabilities",
  method: "get",
  path: "/api/v1/capabilities",
  tags: ["Capabilities"],
  summary: "Get the features and limits of this deployment",
  responses: { 200: json(Capabilities, "The features and limits.") },
});

function capabilitiesOf(env: Env): Capabilities {
  const { maxMessageLength, maxGroupMembers, retentionDays } = limitsOf(env);
  return {
    features: FEATURES,
    limits: {
      max_message_length: maxMessageLength,
      max_group_members: maxGroupMembers,
      max_page_limit: MAX_PAGE_LIMIT,
      max_frame_bytes: MAX_FRAME_BYTES,
      max_body_bytes: MAX_BODY_BYTES,
      max_attachments: MAX_ATTACHMENTS,
      max_attachment_bytes: attachmentLimits(env),
      requests_per_minute: RATE_LIMITS.requests.limit,
      signals_per_minute: RATE_LIMITS.signals.limit,
      message_retention_days: retentionDays ?? null,
    },
    message_requests: hasMessageRequests(env),
    push: { providers: configuredProviders(env).providers },
  };
}

export const capabilityRoutes = createRouter().openapi(capabilities, (c) => {
  c.header("Cache-Control", CACHE);
  return c.json(capabilitiesOf(c.env), 200);
});
