/** Scalars that several schemas share. */
import { z } from "zod";
import type { LeanDefaults } from "./lean-defaults.ts";
import { MAX_PAGE_LIMIT, MAX_URL_LENGTH } from "./limits.ts";
import { codePoints } from "./text.ts";

/** Text that storage keeps as it is: no NUL (it cuts SQLite's strings) and no lone surrogate (rule 13). */
export const CleanText = z
  .string()
  .refine((text) => !text.includes("\0"), "must not contain NUL")
  .refine((text) => text.isWellFormed(), "must be well-formed Unicode");

/** Whether every key and every text inside a JSON value is clean, as {@link CleanText} has it. */
export function holdsCleanText(value: unknown): boolean {
  // Escaping hides a lone surrogate from `isWellFormed`, so each string is checked by itself.
  let clean = true;
  JSON.stringify(value, (key, inner) => {
    for (const text of [key, inner]) {
      if (typeof text === "string" && (text.includes("\0") || !text.isWellFormed())) clean = false;
    }
    return inner;
  });
  return clean;
}

/** The key that objects of JSON must not have: copying one would drop it, or change what the copy inherits from. */
const PROTO = "__proto__";

/** Whether no object inside a JSON value has the key `__proto__`. */
export function holdsNoProto(value: unknown): boolean {
  let clean = true;
  JSON.stringify(value, (key, inner) => {
    if (key === PROTO) clean = false;
    return inner;
  });
  return clean;
}

/** Refuses the key `__proto__` of an object whose keys are not all known, where Zod would drop it silently. */
export function withoutProto<T extends z.ZodType>(schema: T) {
  return z.preprocess((value, context) => {
    if (typeof value === "object" && value !== null && Object.hasOwn(value, PROTO)) {
      context.addIssue({ code: "custom", message: `must not have the key ${PROTO}` });
    }
    return value;
  }, schema);
}

/**
 * An optional field of a body or a command: null means absent (rule 5). Where null has a meaning of its own, such as to
 * remove a description, use `nullable().optional()` instead.
 */
export function optional<T extends z.ZodType>(schema: T) {
  return schema
    .nullable()
    .transform((value) => value ?? undefined)
    .optional();
}

/**
 * Fields whose schemas publish what they hold when nothing is set: what `?lean=1` leaves out. Nothing else changes: they
 * are still needed where an answer is checked.
 */
export function withDefaults<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  defaults: LeanDefaults,
): Shape {
  const named = Object.entries(defaults).map(([field, value]) => {
    const schema = shape[field];
    if (!(schema instanceof z.ZodType)) throw new Error(`there is no field ${field} for a default`);
    return [field, schema.meta({ default: value })] as const;
  });
  return { ...shape, ...Object.fromEntries(named) };
}

/** Bytes of a value as JSON; infinite if it is nested too deeply to be written. */
export function jsonBytes(value: unknown): number {
  try {
    return new TextEncoder().encode(JSON.stringify(value)).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/**
 * JSON text without a byte order mark. RFC 8259 (section 8.1) lets a reader ignore one: bodies and frames both do, and a
 * second one is no JSON.
 */
export function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** Clean text without surrounding space, of `min` to `max` code points. */
export function boundedText(min: number, max: number) {
  return CleanText.transform((text) => text.trim())
    .refine((text) => text.length >= min && codePoints(text) <= max, `must have ${min} to ${max} characters`)
    .meta({ minLength: min, maxLength: max });
}

/** ISO 8601 in UTC, with milliseconds. */
export const Timestamp = z.iso.datetime().meta({ description: "ISO 8601, UTC." });

/** Whether a host is this machine: what a browser calls trustworthy without https. @param hostname as `URL` has it. */
export function isLoopbackHost(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** Whether a picture may be fetched from there: over https, or from this machine, and without a name or password. */
function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return (protocol === "https:" || isLoopbackHost(hostname)) && username === "" && password === "";
}

/**
 * The address of a picture: https (for development, http on this machine), as the URL standard writes it: ASCII only,
 * without anything that would end an attribute or turn the reading direction.
 */
export const HttpUrl = CleanText.pipe(z.url({ protocol: /^https?$/, normalize: true }).max(MAX_URL_LENGTH))
  .refine(isSafeUrl, "must be https, without a user name")
  .meta({ description: "An https URL; http on a local address only." });

/**
 * A whole number in a query string. Only digits: coercion would take `1e2`, `0x10` and " 5 ".
 * @param fallback used when the parameter is absent.
 */
export function queryInteger(min: number, max: number, fallback: number) {
  return z
    .string()
    .regex(/^[0-9]{1,9}$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be from ${min} to ${max}`)
    .default(fallback)
    .meta({ type: "integer", minimum: min, maximum: max, default: fallback });
}

/** The cursor of lists that go by a number. It comes from the page before. */
export const numberCursor = z
  .string()
  .regex(/^[0-9]{1,15}$/, "must be the next_cursor of an answer")
  .transform(Number)
  .optional()
  .meta({ description: "`next_cursor` of the last page." });

/** `limit` of rule 25. */
export function limitParam(fallback: number) {
  return queryInteger(1, MAX_PAGE_LIMIT, fallback);
}
