/** What only the app's own backend may ask, for mounting at `/api/v1/server` (rule 28). */
import { createRouter } from "../api.ts";
import { serverAppBanRoutes } from "./app-bans.ts";
import { serverConversationRoutes } from "./conversations.ts";
import { serverDirectoryRoutes } from "./directory.ts";
import { serverFilterRoutes } from "./filters.ts";
import { serverJobRoutes } from "./jobs.ts";
import { serverMessageRoutes } from "./messages.ts";
import { serverPeopleRoutes } from "./people.ts";
import { serverPushRoutes } from "./push.ts";
import { serverQueueRoutes } from "./queue.ts";
import { serverRecoveryRoutes } from "./recovery.ts";
import { serverRoomModerationRoutes } from "./room-moderation.ts";
import { serverUserRoutes } from "./users.ts";

const routes = createRouter();
for (const some of [
  serverUserRoutes,
  serverConversationRoutes,
  serverMessageRoutes,
  serverRoomModerationRoutes,
  serverJobRoutes,
  serverPeopleRoutes,
  serverPushRoutes,
  serverQueueRoutes,
  serverAppBanRoutes,
  serverFilterRoutes,
  serverDirectoryRoutes,
  serverRecoveryRoutes,
]) {
  routes.route("/", some);
}

export const serverRoutes = routes;
