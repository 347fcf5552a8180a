/** The HTTP application: middleware order and mounted routes. */

import { requestId } from "hono/request-id";
import { auth } from "./middleware/auth.ts";
import { limitBody } from "./middleware/body-limit.ts";
import { crossOrigin } from "./middleware/cors.ts";
import { onError } from "./middleware/errors.ts";
import { externalIds } from "./middleware/external-ids.ts";
import { jsonBody } from "./middleware/json-body.ts";
import { notFound } from "./middleware/not-found.ts";
import { emptyIsAbsent, utf8Query } from "./middleware/query.ts";
import { limitByActor, limitByAddress } from "./middleware/rate-limit.ts";
import { requestLog } from "./middleware/request-log.ts";
import { securityHeaders } from "./middleware/security-headers.ts";
import { traced } from "./middleware/trace.ts";
import { createRouter } from "./routes/api.ts";
import { attachmentLinkRoutes, linkedFileRoutes } from "./routes/attachment-links.ts";
import { attachmentRoutes } from "./routes/attachments.ts";
import { blockRoutes } from "./routes/blocks.ts";
import { capabilityRoutes } from "./routes/capabilities.ts";
import { conversationRoutes } from "./routes/conversations.ts";
import { documentationRoutes } from "./routes/docs.ts";
import { exportFileRoutes } from "./routes/exports.ts";
import { healthRoutes } from "./routes/health.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { operationRoutes } from "./routes/operations.ts";
import { privacyRoutes } from "./routes/privacy.ts";
import { pushRoutes } from "./routes/push.ts";
import { reportRoutes } from "./routes/reports.ts";
import { searchRoutes } from "./routes/search.ts";
import { serverRoutes } from "./routes/server/index.ts";
import { socketRoutes, ticketRoutes } from "./routes/sockets.ts";
import { syncRoutes } from "./routes/sync.ts";
import { unreadRoutes } from "./routes/unread.ts";
import { userRoutes } from "./routes/users.ts";

/** Builds the application. */
export function createApp() {
  const app = createRouter();
  app.onError(onError);
  app.notFound(notFound(app));
  app.use(requestId());
  app.use(traced());
  app.use(requestLog(app));
  app.use(securityHeaders());
  app.use(crossOrigin());
  app.use(limitBody());
  app.use(emptyIsAbsent());
  app.route("/", healthRoutes);
  app.route("/", documentationRoutes(app));
  app.use("/metrics", limitByAddress());
  app.route("/", metricsRoutes);
  app.use("/ws", limitByAddress());
  app.use("/api/v1/*", limitByAddress());
  app.route("/", capabilityRoutes);
  // The signature of a link is its credential.
  app.route("/", linkedFileRoutes);
  app.route("/", exportFileRoutes);
  // Sockets do their own authentication, because browsers cannot set headers on them.
  app.route("/", socketRoutes);
  app.use("/api/v1/*", auth(), limitByActor(), utf8Query(), jsonBody(), externalIds());
  app.route("/api/v1", ticketRoutes);
  app.route("/api/v1", privacyRoutes);
  app.route("/api/v1/users", userRoutes);
  app.route("/api/v1/server", serverRoutes);
  app.route("/api/v1/conversations", conversationRoutes);
  app.route("/api/v1", operationRoutes);
  app.route("/api/v1/search", searchRoutes);
  app.route("/api/v1", attachmentRoutes);
  app.route("/api/v1", attachmentLinkRoutes);
  app.route("/api/v1", syncRoutes);
  app.route("/api/v1", pushRoutes);
  app.route("/api/v1", unreadRoutes);
  app.route("/api/v1", reportRoutes);
  app.route("/api/v1", blockRoutes);
  return app;
}
