/** Operations on message requests: direct chats of strangers (rule 29). Part of the table of operations. */
import type { Declaration } from "./operation-declaration.ts";

const CONVERSATION = "/conversations/{conversation_id}";

export const REQUEST_OPERATIONS = {
  acceptRequest: {
    on: "conversation",
    budget: "requests",
    rest: ["POST", `${CONVERSATION}/accept`],
    result: null,
    tag: "Conversations",
    summary: "Accept a stranger's direct conversation",
  },
  declineRequest: {
    on: "conversation",
    budget: "requests",
    rest: ["POST", `${CONVERSATION}/decline`],
    body: "DeclineRequest",
    result: null,
    tag: "Conversations",
    summary: "Decline a stranger's direct conversation",
    conflicts: true,
  },
} as const satisfies Record<string, Declaration>;
