/** What the platform calls. */
import { createApp } from "./app.ts";

export { Conversation } from "./conversation/conversation.ts";
export { UserHub } from "./user-hub/user-hub.ts";

const app = createApp();

export default { fetch: app.fetch };
