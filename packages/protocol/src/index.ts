/** The contract: schemas, ids, limits and errors, shared by server, client library, page and tests. */
export * from "./attachments.ts";
export * from "./capabilities.ts";
export * from "./changes.ts";
export * from "./codec.ts";
export * from "./commands.ts";
export * from "./common.ts";
export * from "./conversations.ts";
export * from "./emoji.ts";
export * from "./error-schemas.ts";
// The schema and the type of one name: `errors.ts` has the type too.
export { ErrorCode } from "./error-schemas.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./handshake.ts";
export * from "./ids.ts";
export * from "./limits.ts";
export * from "./messages.ts";
export * from "./operation-declaration.ts";
export * from "./operation-schemas.ts";
export * from "./operation-types.ts";
export * from "./operations.ts";
export * from "./receipts.ts";
export * from "./search.ts";
export * from "./sync.ts";
export * from "./text.ts";
export * from "./time.ts";
export * from "./users.ts";
export * from "./uuid.ts";
