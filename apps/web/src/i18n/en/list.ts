/** Texts of the conversation list. */
export const list = {
  "list.title": "Chats",
  "list.empty": "No conversations yet",
  "list.unread": { one: "{count} unread message", other: "{count} unread messages" },
} as const;
