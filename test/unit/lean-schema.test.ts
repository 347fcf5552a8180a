/** The published document says all that a client needs to put back what the short form leaves out. */
import { LEAN_DEFAULTS, leanEvent, type ServerEvent } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Fields,
  isFields,
  type LeanShape,
  leanShapeOf,
} from "../../packages/protocol/src/lean-shapes.ts";
import { buildAsyncApi } from "../../src/api-reference/asyncapi.ts";
import { EVENT_TYPES, eventsOf } from "./event-arbitraries.ts";

interface Schema {
  $ref?: string;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  default?: unknown;
}

const limits = {
  maxMessageLength: 1,
  maxGroupMembers: 1,
  maxAttachmentBytes: { image: 1, video: 1, audio: 1, file: 1 },
};
const { components } = buildAsyncApi("1", limits);
const schemas = components.schemas as Record<string, Schema>;
const messages = components.messages as Record<string, { payload: Schema }>;

/** A schema without references, of an object: of a list its items, of what may be null the other one. */
function resolved(schema: Schema = {}): Schema {
  if (schema.$ref) return resolved(schemas[schema.$ref.split("/").at(-1) ?? ""]);
  if (schema.anyOf) return resolved(schema.anyOf[0]);
  return schema.items ? resolved(schema.items) : schema;
}

/** The schema of an event's `data`. */
function dataOf(type: string): Schema {
  if (type.startsWith("ack")) return resolved(schemas.Message);
  return resolved(resolved(messages[type]?.payload).properties?.data);
}

/** The fields of an object that have a default. */
function defaultsOf({ properties = {} }: Schema): Fields {
  const named = Object.entries(properties).filter(([, schema]) => "default" in schema);
  return Object.fromEntries(named.map(([name, schema]) => [name, schema.default]));
}

/** What is left out of each object of a shape, by its path. */
function leftOut(shape: LeanShape, schema: Schema, path: string): [string, unknown, unknown][] {
  const inner = Object.entries(shape.within ?? {}).flatMap(([name, one]) =>
    leftOut(one, resolved(schema.properties?.[name]), `${path}.${name}`),
  );
  return [[path, shape.defaults ?? {}, defaultsOf(schema)], ...inner];
}

/** The shapes of all events. */
const SHAPES = EVENT_TYPES.flatMap((type) => {
  const shape = leanShapeOf(type.split(" ")[0], { sender_id: "", message_id: "" });
  return shape && type !== "ack" ? [{ type, shape, schema: dataOf(type) }] : [];
});

/** Puts back what is missing by the schema and the rules of docs/protocol.md alone, as another client would. */
function restore(
  schema: Schema,
  value: unknown,
  known: Fields,
  profiles: ReadonlyMap<unknown, unknown>,
): unknown {
  if (Array.isArray(value)) return value.map((one) => restore(schema, one, known, profiles));
  const { properties } = resolved(schema);
  if (!properties || !isFields(value)) return value;
  const full: Fields = { ...defaultsOf({ properties }), ...value };
  for (const [name, inner] of Object.entries(properties)) {
    if (name in full && name !== "patch") full[name] = restore(inner, full[name], known, profiles);
  }
  const missing = (name: string) => name in properties && !(name in full);
  if (missing("conversation_id")) full.conversation_id = known.conversation_id;
  if (missing("seq")) full.seq = known.seq;
  if (missing("changed_seq")) full.changed_seq = known.seq ?? full.seq;
  if (missing("message_id")) {
    const id = `${full.conversation_id ?? known.conversation_id}`;
    full.message_id = id.slice(0, 24) + Number(full.seq).toString(16).padStart(12, "0");
  }
  if (missing("sender")) full.sender = profiles.get(full.sender_id);
  for (const standIn of ["seq", "sender_id"]) if (!(standIn in properties)) delete full[standIn];
  return full;
}

describe("what is published about the short form", () => {
  it.each(SHAPES)(
    "[LEAN-7] $type: every default that is left out is published, and no other",
    ({ type, shape, schema }) => {
      for (const [path, defaults, published] of leftOut(shape, schema, type)) {
        expect([path, published]).toEqual([path, defaults]);
      }
    },
  );

  it("[LEAN-7] every default belongs to an event", () => {
    const used = SHAPES.flatMap(({ type, shape, schema }) => leftOut(shape, schema, type));
    const fields = new Set(used.flatMap(([, defaults]) => Object.keys(defaults as Fields)));
    const named = Object.values(LEAN_DEFAULTS).flatMap((defaults) => Object.keys(defaults));
    expect(named.filter((name) => !fields.has(name))).toEqual([]);
  });

  it("[LEAN-7] the fields of a patch have none", () => {
    const patch = resolved(dataOf("message.updated").properties?.patch);
    expect(Object.keys(patch.properties ?? {})).toContain("is_pinned");
    expect(defaultsOf(patch)).toEqual({});
  });

  it.each(EVENT_TYPES.filter((type) => type !== "profiles" && type !== "ack"))(
    "[LEAN-8] %s: the document and the rules of the protocol are enough to restore it",
    (type) => {
      fc.assert(
        fc.property(eventsOf(type), (sent) => {
          const { event, people } = leanEvent(sent);
          const { data, ...envelope } = JSON.parse(JSON.stringify(event)) as ServerEvent & { data?: Fields };
          const profiles = new Map(people.map((person) => [person.user_id, person]));
          const id = type.startsWith("ack") ? String(data?.message_id) : undefined;
          const known = id
            ? {
                conversation_id: `${id.slice(0, 24)}${"0".repeat(12)}`,
                seq: Number.parseInt(id.slice(24), 16),
              }
            : envelope;
          const restored = data && restore(dataOf(type), data, known as Fields, profiles);
          expect({ ...envelope, ...(restored !== undefined && { data: restored }) }).toEqual(
            JSON.parse(JSON.stringify(sent)),
          );
        }),
      );
    },
  );
});
