/** What the tables of bad input share: rows, and values of wrong types. */
import type { ErrorCode } from "@rocket-chat-api/protocol";

/**
 * A request of ann's and the code that it deserves. A text is sent as it is, anything else as JSON; `:name` stands
 * for what `setStage` has put there. Paths are below `/api/v1`, but for `/ws`.
 */
export type Bad = [
  method: string,
  path: string,
  body: unknown,
  code: ErrorCode,
  headers?: Record<string, string>,
];

/** Ids of the right shape that name nothing. */
export const UNKNOWN = {
  conversation: "12345678-1234-8234-8234-000000000000",
  message: "12345678-1234-8234-8234-000000000001",
  attachment: "12345678-1234-8234-8234-800000000001",
  /** A UUID of version 4, as users have: no conversation or message of ours has one. */
  user: "12345678-1234-4234-8234-123456789012",
};

/** Values that are not of a kind. None is absent, which is for {@link incomplete}. */
const MISTAKES = {
  text: [7, true, null, [], {}, ["x"]],
  id: [7, true, null, [], {}, "", "x", [UNKNOWN.user]],
  flag: [0, 1, "true", "", null, [], {}],
  number: ["7", "", true, null, [], {}, 1.5, -1],
  list: [7, true, null, {}, "x", { 0: UNKNOWN.user, length: 1 }],
  object: [7, true, null, [], "x"],
  choice: [7, true, null, [], {}, "", "x", "__proto__", "constructor"],
};
type Kind = keyof typeof MISTAKES;

function replaced(base: object, [field = "", ...rest]: string[], value: unknown): object {
  const inner = (base as Record<string, object | undefined>)[field] ?? {};
  return { ...base, [field]: rest.length > 0 ? replaced(inner, rest, value) : value };
}

/** Bodies like `base`, each with one field of a wrong type. A dot leads into a field; after `?` null is allowed. */
export function mistyped(base: object, fields: Record<string, Kind | `${Kind}?`>): object[] {
  return Object.entries(fields).flatMap(([field, kind]) =>
    MISTAKES[kind.replace("?", "") as Kind]
      .filter((value) => value !== null || !kind.endsWith("?"))
      .map((value) => replaced(base, field.split("."), value)),
  );
}

/** Bodies like `base`, each without one of these fields. */
export function incomplete(base: object, fields = Object.keys(base)): object[] {
  return fields.map((field) => replaced(base, [field], undefined));
}

/** Rows of one route that differ in their bodies alone. */
export function withBodies(method: string, path: string, code: ErrorCode, values: unknown[]): Bad[] {
  return values.map((body) => [method, path, body, code]);
}

/** Rows of one route that differ in its end alone. */
export function withEnds(
  method: string,
  path: string,
  code: ErrorCode,
  ends: string[],
  body?: unknown,
): Bad[] {
  return ends.map((end) => [method, path + end, body, code]);
}
