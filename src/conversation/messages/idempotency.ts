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

/** Two bases and the prime of FNV-1a, whose two halves make 64 bits. */
const [BASE, OTHER_BASE, PRIME] = [0x811c9dc5, 0x9747b28c, 0x01000193] as const;

/**
 * What is kept of a text that filters have masked, to compare a retry with it. It tells a retry from a mistake of a client, so it
 * need not withstand an attack.
 */
export function hashOfSent(content: string): string {
  let [one, other]: [number, number] = [BASE, OTHER_BASE];
  for (let i = 0; i < content.length; i++) {
    const unit = content.charCodeAt(i);
    one = Math.imul(one ^ unit, PRIME);
    other = Math.imul(other ^ unit, PRIME) ^ (other >>> 15);
  }
  return `${content.length}:${(one >>> 0).toString(36)}:${(other >>> 0).toString(36)}`;
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
