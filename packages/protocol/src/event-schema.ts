/** How the schemas of events are made. */
import { z } from "zod";
import { withDefaults } from "./common.ts";
import type { LeanDefaults } from "./lean-defaults.ts";
import { Uuid } from "./uuid.ts";

/** Of events that every member receives: each takes the next number of its conversation (rule 11). */
export const numbered = { seq: z.int().meta({ description: "The conversation's number of this change." }) };
/** A message that is deleted for the caller only disappears from their own devices, and takes no number (rule 17). */
export const deletionOrder = { seq: numbered.seq.optional() };
/** Only some members receive it, so it takes no number of the conversation. */
export const unnumbered = {};

/** The data of an event: its own fields, or a schema that REST uses too. */
type EventData = z.core.$ZodLooseShape | z.ZodObject;
type DataSchema<Data> = Data extends z.ZodObject
  ? Data
  : Data extends z.core.$ZodLooseShape
    ? z.ZodObject<Data, z.core.$strict>
    : never;

/** An event of one conversation. @param defaults of fields of its own. */
export function event<Type extends string, Order extends { seq?: z.ZodType }, Data extends EventData>(
  type: Type,
  id: string,
  order: Order,
  data: Data,
  defaults: LeanDefaults = {},
) {
  const schema =
    data instanceof z.ZodObject
      ? data
      : z.strictObject(withDefaults(data as z.core.$ZodLooseShape, defaults));
  return z
    .strictObject({
      type: z.literal(type),
      conversation_id: Uuid,
      ...order,
      data: schema as DataSchema<Data>,
    })
    .meta({ id });
}
