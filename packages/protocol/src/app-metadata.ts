/** JSON of the app's own, on users and conversations (rule 28). */
import { z } from "zod";
import { holdsCleanText, holdsNoProto, jsonBytes, withoutProto } from "./common.ts";
import { MAX_METADATA_BYTES } from "./limits.ts";

export const AppMetadata = withoutProto(
  z
    .record(z.string(), z.unknown())
    .refine((value) => jsonBytes(value) <= MAX_METADATA_BYTES, {
      error: `must be at most ${MAX_METADATA_BYTES} bytes of JSON`,
      abort: true,
    })
    .refine(holdsCleanText, "must be well-formed Unicode without NUL")
    .refine(holdsNoProto, "must not have the key __proto__"),
).meta({ description: `JSON of the app's own, at most ${MAX_METADATA_BYTES} bytes. Given back as it is.` });
export type AppMetadata = Record<string, unknown>;

/** The same, where it is shown. */
export const ShownMetadata = z
  .record(z.string(), z.unknown())
  .nullable()
  .meta({ description: "JSON of the app's own." });
