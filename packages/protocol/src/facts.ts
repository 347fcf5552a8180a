/** The part of the contract that needs no zod: for clients, which ship it to browsers. */
export * from "./errors.ts";
export * from "./ids.ts";
export * from "./lean-decoder.ts";
export * from "./lean-defaults.ts";
export * from "./limits.ts";
export * from "./operation-declaration.ts";
export * from "./operation-names.ts";
export * from "./operations.ts";
export * from "./receipts.ts";
export * from "./scopes.ts";
export * from "./text.ts";
export * from "./time.ts";
