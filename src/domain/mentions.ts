/** Who a message calls by name (rule 14). */
import { isManager, type Membership } from "./access.ts";

/** Members that a message mentions. */
export interface MentionSet {
  /** `@all`: everybody but the sender. */
  all: boolean;
  user_ids: string[];
}

/** A member as far as mentions go. */
interface Named {
  user_id: string;
  username: string;
}

/**
 * Resolves names against the members. Unknown names, and `@all` from somebody who may not say it, stay mere text.
 * @param names with or without the `@`.
 * @returns who is mentioned, or null if nobody is.
 */
export function resolveMentions(
  names: readonly string[] | null | undefined,
  sender: Named & Membership,
  members: Iterable<Named>,
): MentionSet | null {
  if (!names || names.length === 0) return null;
  const wanted = new Set(names.map((name) => name.replace(/^@/, "").toLowerCase()));
  const all = wanted.has("all") && isManager(sender);
  const user_ids: string[] = [];
  for (const member of members) if (wanted.has(member.username)) user_ids.push(member.user_id);
  return all || user_ids.length > 0 ? { all, user_ids } : null;
}

/** Whether a mention calls this member; nobody calls themselves. */
export function calls(set: MentionSet | null, userId: string, senderId: string): boolean {
  return set !== null && userId !== senderId && (set.all || set.user_ids.includes(userId));
}
