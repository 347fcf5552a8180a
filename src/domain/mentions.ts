/** Resolves the names in a message's mentions (rule 14). */
import { type Membership, mayModerate } from "./access.ts";

/** Members that a message mentions. */
export interface MentionSet {
  /** `@all`: everyone but the sender. */
  all: boolean;
  user_ids: string[];
  /** The users behind each name when it was written; edits need it. Absent in old messages. */
  names?: Record<string, string[]>;
}

/** Normalises a name for comparison: no `@`, lower case. */
function normal(name: string): string {
  return name.replace(/^@/, "").toLowerCase();
}

/** The fields of a member that mentions need. */
interface Named {
  user_id: string;
  username: string;
}

/**
 * Resolves names against the members. Unknown names, and `@all` from a plain member, remain text.
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
  return toSet(wanted.has("all") && mayModerate(sender), lookUp(wanted, members));
}

/** The members behind names. A map, because a name can be `constructor`. */
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
  /** The names as they were written. */
  names: readonly string[] | undefined;
  set: MentionSet | null;
}

/**
 * Resolves the names of an edited message. Resolved names keep their users: a renamed user stays mentioned, and a user
 * who took the old name later is not. Only new names are looked up.
 * @param names undefined if the message no longer mentions anyone.
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
  const mayCallAll = known.has("all") ? before.set?.all === true : mayModerate(sender);
  return toSet(wanted.includes("all") && mayCallAll, found);
}

/**
 * The users behind each name before the edit. Old messages did not store this. For them a name stands for the mentioned
 * member who still has it. Renamed members cannot be distinguished, so each remaining name stands for all of them.
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

/** Whether a member is mentioned. Senders never mention themselves. */
export function calls(set: MentionSet | null, userId: string, senderId: string): boolean {
  return set !== null && userId !== senderId && (set.all || set.user_ids.includes(userId));
}
