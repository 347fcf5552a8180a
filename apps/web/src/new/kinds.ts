/** What can be begun. */
export type NewKind = "chat" | "group";
