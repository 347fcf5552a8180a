/** Random events of every type, made from the schemas, so that a new event or field is among them without a line here. */
import {
  Message,
  messageId,
  newConversationId,
  ServerEvent,
  type UserSummary,
} from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { z } from "zod";
import { cleanText } from "./arbitraries.ts";

/** Few of each, so that what may be equal often is: in an envelope and its data, in two messages of one sender. */
const CONVERSATIONS = [1, 2].map((byte) => newConversationId(new Uint8Array(16).fill(byte)));
const SEQS = [1, 2, 3];
const MESSAGES = CONVERSATIONS.flatMap((id) => SEQS.map((seq) => messageId(id, seq)));
const USERS = [1, 2, 3].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`);
/** Each user with two profiles: they change their name now and then. */
const PROFILES: UserSummary[] = USERS.flatMap((user_id, i) => [
  { user_id, username: `user${i}`, display_name: "One", profile_photo_url: null },
  { user_id, username: `user${i}`, display_name: "Other", profile_photo_url: "https://pictures.test/1" },
]);

const user = fc.constantFrom(...USERS);
const seq = fc.constantFrom(...SEQS);

/** Fields that need a value of the pools, by name. */
const NAMED: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  conversation_id: fc.constantFrom(...CONVERSATIONS),
  message_id: fc.constantFrom(...MESSAGES),
  seq,
  changed_seq: seq,
  user_id: user,
  sender_id: user,
  // A copy, as the server makes one for each message.
  sender: fc.constantFrom(...PROFILES).map((profile) => ({ ...profile })),
  url: fc.constant("/api/v1/attachments/1"),
};

/** A field: now and then what it holds when nothing is set. */
function field(name: string, schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const value = NAMED[name] ?? arbitraryOf(schema);
  const fallback = (schema as z.ZodType).meta?.()?.default;
  return fallback === undefined ? value : fc.oneof(value, fc.constant(fallback));
}

function objectOf(shape: Readonly<Record<string, z.core.$ZodType>>): fc.Arbitrary<object> {
  const fields = Object.entries(shape).map(([name, schema]) => [name, field(name, schema)] as const);
  const needed = Object.entries(shape).filter(([, schema]) => schema._zod.def.type !== "optional");
  return fc.record(Object.fromEntries(fields), { requiredKeys: needed.map(([name]) => name) });
}

/** How many elements an array has at least. */
function leastOf(schema: z.core.$ZodType): number {
  const { minItems = 0 } = z.toJSONSchema(schema, { unrepresentable: "any" });
  return minItems;
}

/** A value that a schema takes. */
function arbitraryOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object":
      return objectOf(def.shape);
    case "array":
      return fc.array(arbitraryOf(def.element), { minLength: leastOf(schema), maxLength: 3 });
    case "nullable":
      return fc.oneof(fc.constant(null), arbitraryOf(def.innerType));
    case "optional":
      return arbitraryOf(def.innerType);
    case "union":
      return fc.oneof(...def.options.map(arbitraryOf));
    case "literal":
      return fc.constantFrom(...def.values);
    case "enum":
      return fc.constantFrom(...Object.values(def.entries));
    case "string":
      return textOf(schema);
    case "number":
      return fc.integer({ min: 1, max: 9 });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "record":
      return fc.dictionary(fc.constantFrom("a", "b"), fc.constant(1));
    case "unknown":
      return fc.constantFrom(null, 1, "x", { marked_read: 1, unread_count: 0, unread_mentions: 0 });
    default:
      throw new Error(`no arbitrary for ${def.type}`);
  }
}

function textOf(schema: z.core.$ZodType): fc.Arbitrary<string> {
  const { format } = schema._zod.def as { format?: string };
  if (format === "datetime") return fc.constantFrom("2026-11-26T10:00:00.000Z", "2026-11-26T10:00:00.001Z");
  if (format === "guid") return user;
  return (schema as z.ZodType).safeParse("").success
    ? cleanText({ maxLength: 5 })
    : fc.constant("LEHV6nWB2yk8");
}

const TYPES = new Map<string, z.core.$ZodType>(
  ServerEvent.options.map((schema) => [schema.shape.type.value, schema]),
);

/** Every type of event; answers with a message are a type of their own. */
export const EVENT_TYPES = [...TYPES.keys(), "ack of a message"];

/** Random events of a type. */
export function eventsOf(type: string): fc.Arbitrary<ServerEvent> {
  const schema = TYPES.get(type);
  if (schema) return arbitraryOf(schema) as fc.Arbitrary<ServerEvent>;
  return arbitraryOf(Message).map((data) => ({ type: "ack", request_id: "1", data }));
}

/** Random events of all types. */
export const anyEvent = fc.oneof(...EVENT_TYPES.map(eventsOf));
