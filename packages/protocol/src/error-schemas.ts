/** Errors as schemas. */
import { z } from "zod";
import { type ErrorCode as Code, ERRORS } from "./errors.ts";

export const ErrorCode = z.enum(Object.keys(ERRORS) as [Code, ...Code[]]);
export type ErrorCode = Code;

/** The body of every error response (rule 5). */
export const ErrorBody = z
  .strictObject({
    code: ErrorCode,
    message: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
    request_id: z.string(),
  })
  .meta({ id: "Error" });
export type ErrorBody = z.infer<typeof ErrorBody>;
