/** The contract: schemas, ids, limits and errors, shared by server, client library, page and tests. */
export * from "./attachments.ts";
export * from "./codec.ts";
export * from "./common.ts";
export * from "./conversations.ts";
export * from "./emoji.ts";
export * from "./errors.ts";
export * from "./ids.ts";
export * from "./limits.ts";
export * from "./messages.ts";
export * from "./search.ts";
export * from "./sockets.ts";
export * from "./sync.ts";
export * from "./text.ts";
export * from "./users.ts";
