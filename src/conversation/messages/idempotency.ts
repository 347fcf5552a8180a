/** Decides whether a repeated `client_message_id` is a retry or a mistake (rule 12). Compares values, not text. */

/** Whether two JSON values are equal, ignoring the order of keys. */
export function sameValue(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && sameValue(one[key], other[key]))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/**
 * Whether two messages have equal metadata. No metadata, an empty object, and no mentions are equal.
 * @param one stored JSON, in its original order.
 */
export function sameMetadata(one: string | null, other: string | null): boolean {
  return one === other || sameValue(meaningOf(one), meaningOf(other));
}

/** Ignores empty mentions (rule 5). Other metadata belongs to the app, where null may have a meaning. */
function meaningOf(metadata: string | null): Record<string, unknown> {
  const { mentions, ...rest }: Record<string, unknown> = metadata === null ? {} : JSON.parse(metadata);
  const isEmpty = mentions === undefined || mentions === null || sameValue(mentions, []);
  return isEmpty ? rest : { ...rest, mentions };
}

/** The fields that make two sends equal. */
export interface SendFingerprint {
  type: string;
  content: string;
  reply_to_seq: number | null;
  metadata: string | null;
  /** The ids of the attachments, in order. */
  attachment_ids?: readonly string[];
}

/**
 * Decides whether a send repeats an earlier one.
 * @param original the first message before any edit; undefined if it was deleted. Its text is gone then, so every
 *   repetition counts as a retry.
 */
export function isSameSend(original: SendFingerprint | undefined, again: SendFingerprint): boolean {
  if (!original) return true;
  return (
    original.type === again.type &&
    original.content === again.content &&
    original.reply_to_seq === again.reply_to_seq &&
    sameMetadata(original.metadata, again.metadata) &&
    sameValue(original.attachment_ids ?? [], again.attachment_ids ?? [])
  );
}
