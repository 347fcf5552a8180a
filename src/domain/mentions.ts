/** Who a message calls by name (rule 14). */
import { isManager, type Membership } from "./access.ts";

/** Members that a message mentions. */
export interface MentionSet {
  /** `@all`: everybody but the sender. */
  all: boolean;
  user_ids: string[];
  /** Who each name was when it was written, for edits; absent in messages from before it was kept. */
  names?: Record<string, string[]>;
}

/** A name as it is compared: with or without the `@`, in lower case. */
function normal(name: string): string {
  return name.replace(/^@/, "").toLowerCase();
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
  const wanted = new Set(names.map(normal));
  return toSet(wanted.has("all") && isManager(sender), lookUp(wanted, members));
}

/** The members behind names; names are no keys of an object, for one may be `constructor`. */
function lookUp(names: ReadonlySet<string>, members: Iterable<Named>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { username, user_id } of members) {
    if (names.has(username)) found.set(username, [...(found.get(username) ?? []), user_id]);
  }
  return found;
}

function toSet(all: boolean, names: ReadonlyMap<string, string[]>): MentionSet | null {
  if (!all && names.size === 0) return null;
  return { all, user_ids: [...new Set([...names.values()].flat())], names: Object.fromEntries(names) };
}

/** A message's mentions before an edit. */
export interface Mentioned {
  /** As they were written. */
  names: readonly string[] | undefined;
  set: MentionSet | null;
}

/**
 * Resolves the names of an edited message. What was resolved stays: a person keeps their mention under the name that they
 * had, and who has taken that name since is not called. Only names that are new are looked up.
 * @param names undefined is a message that mentions nobody any more.
 */
export function reviseMentions(
  before: Mentioned,
  names: readonly string[] | undefined,
  sender: Named & Membership,
  members: readonly Named[],
): MentionSet | null {
  const known = new Set(before.names?.map(normal));
  const wanted = [...new Set(names?.map(normal))];
  const fresh = lookUp(new Set(wanted), members);
  const was = namesOf(before, members);
  const found = new Map<string, string[]>();
  for (const name of wanted) {
    const people = (known.has(name) ? was : fresh).get(name);
    if (people) found.set(name, people);
  }
  const mayCallAll = known.has("all") ? before.set?.all === true : isManager(sender);
  return toSet(wanted.includes("all") && mayCallAll, found);
}

/**
 * Who each name was. In a message from before that was kept, a name is whoever is mentioned and has it still; the names
 * of those who were renamed cannot be told apart, so each stands for all of them.
 */
function namesOf({ names = [], set }: Mentioned, members: readonly Named[]): ReadonlyMap<string, string[]> {
  if (!set) return new Map();
  if (set.names) return new Map(Object.entries(set.names));
  const left = new Set(set.user_ids);
  const found = new Map<string, string[]>();
  for (const { username, user_id } of members) {
    if (!left.has(user_id) || !names.some((name) => normal(name) === username)) continue;
    found.set(username, [user_id]);
    left.delete(user_id);
  }
  for (const name of names.map(normal)) if (!found.has(name) && left.size > 0) found.set(name, [...left]);
  return found;
}

/** Whether a mention calls this member; nobody calls themselves. */
export function calls(set: MentionSet | null, userId: string, senderId: string): boolean {
  return set !== null && userId !== senderId && (set.all || set.user_ids.includes(userId));
}
