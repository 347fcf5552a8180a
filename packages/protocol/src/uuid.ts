/** An id as a schema. */
import { z } from "zod";

/** Any UUID, in lower case after parsing. Only the server knows whether it names anything. */
export const Uuid = z.guid().toLowerCase().meta({ description: "A UUID.", format: "uuid" });
