/**
 * What becomes of the schemas before they are published, in both documents. The server's own tests hold every answer to
 * the strict form; what is published is open, so that a field more breaks no client (rule 31).
 */

/** A JSON Schema, or a part of a document around it. */
export type JsonObject = { [key: string]: unknown };

/** Facts about one field, by the keywords of JSON Schema. */
export type Facts = Readonly<Record<string, unknown>>;
/** Facts by the name of a component, then by the path of a field in it: `content`, `metadata.mentions[]`. */
export type FactTable = Readonly<Record<string, Readonly<Record<string, Facts>>>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A copy of a JSON value in which every object is what `change` makes of it, the innermost first. */
export function mapObjects(value: unknown, change: (object: JsonObject) => JsonObject): unknown {
  if (Array.isArray(value)) return value.map((item) => mapObjects(item, change));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, mapObjects(inner, change)] as const);
  return change(Object.fromEntries(entries));
}

/** The same schemas, with room for fields that they do not name. */
export function open<T>(schemas: T): T {
  return mapObjects(schemas, (object) => {
    if (object.additionalProperties !== false) return object;
    const { additionalProperties: _, ...rest } = object;
    return rest;
  }) as T;
}

/**
 * The schema of a field.
 * @param path names of properties with dots between them; `[]` stands for the items of an array.
 */
export function fieldOf(schema: unknown, path: string): JsonObject | undefined {
  let place: unknown = schema;
  for (const step of path.split(/\.|(?=\[\])/)) {
    if (!isObject(place)) return undefined;
    place = step === "[]" ? place.items : isObject(place.properties) ? place.properties[step] : undefined;
  }
  return isObject(place) ? place : undefined;
}

/** The same components with these facts in them. What is not in this document is left out. */
export function withFacts(schemas: JsonObject, table: FactTable): JsonObject {
  const changed = structuredClone(schemas);
  for (const [name, fields] of Object.entries(table)) {
    for (const [path, facts] of Object.entries(fields)) {
      Object.assign(fieldOf(changed[name], path) ?? {}, facts);
    }
  }
  return changed;
}

/** The same components, each with its example. */
export function withExamples(schemas: JsonObject, examples: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) =>
      isObject(schema) && name in examples
        ? [name, { ...schema, examples: [examples[name]] }]
        : [name, schema],
    ),
  );
}
