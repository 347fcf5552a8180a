/** The part of the contract that needs no zod: for clients, which ship it to browsers. */
export * from "./limits.ts";
