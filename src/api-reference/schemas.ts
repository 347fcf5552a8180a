/**
 * Transforms schemas before they are published, for both documents. Our tests check answers against strict schemas.
 * Published schemas are open, so that an added field breaks no client (rule 31).
 */

/** A JSON Schema, or a part of a document around it. */
export type JsonObject = { [key: string]: unknown };

/** Facts about one field, by the keywords of JSON Schema. */
export type Facts = Readonly<Record<string, unknown>>;
/** Facts by component name, then by the path of a field: `content`, `metadata.mentions[]`. */
export type FactTable = Readonly<Record<string, Readonly<Record<string, Facts>>>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Copies a JSON value and applies `change` to every object, innermost first. */
function mapObjects(value: unknown, change: (object: JsonObject) => JsonObject): unknown {
  if (Array.isArray(value)) return value.map((item) => mapObjects(item, change));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, mapObjects(inner, change)] as const);
  return change(Object.fromEntries(entries));
}

/** Allows additional fields in all schemas. */
export function open<T>(schemas: T): T {
  return mapObjects(schemas, (object) => {
    if (object.additionalProperties !== false) return object;
    const { additionalProperties: _, ...rest } = object;
    return rest;
  }) as T;
}

/**
 * Finds the schema of a field.
 * @param path property names joined by dots; `[]` means the items of an array.
 */
export function fieldOf(schema: unknown, path: string): JsonObject | undefined {
  let place: unknown = schema;
  for (const step of path.split(/\.|(?=\[\])/)) {
    if (!isObject(place)) return undefined;
    place = step === "[]" ? place.items : isObject(place.properties) ? place.properties[step] : undefined;
  }
  return isObject(place) ? place : undefined;
}

/** Adds facts to components. Facts about missing components are ignored. */
export function withFacts(schemas: JsonObject, table: FactTable): JsonObject {
  const changed = structuredClone(schemas);
  for (const [name, fields] of Object.entries(table)) {
    for (const [path, facts] of Object.entries(fields)) {
      Object.assign(fieldOf(changed[name], path) ?? {}, facts);
    }
  }
  return changed;
}

/** Adds examples to components. */
export function withExamples(schemas: JsonObject, examples: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) =>
      isObject(schema) && name in examples
        ? [name, { ...schema, examples: [examples[name]] }]
        : [name, schema],
    ),
  );
}
