/** What the page keeps of a person in this browser, beside the client's own store: it goes when they sign out. */

/** What is kept: unsent texts, their own profile, and the name of this installation. */
export type Kept = "draft" | "me" | "device";

const KINDS: readonly Kept[] = ["draft", "me", "device"];

/** People who have signed out since the page was loaded: what comes late of them is not kept. */
const forgotten = new Set<string>();

function keyOf(kind: Kept, userId: string, what: string): string {
  return `chat.${kind}.${userId}${what === "" ? "" : `.${what}`}`;
}

/** Reads what is kept; null is nothing. @param what which one, where a person has several. */
export function kept(kind: Kept, userId: string, what = ""): string | null {
  return localStorage.getItem(keyOf(kind, userId, what));
}

/** Keeps a value; null removes it. */
export function keep(kind: Kept, userId: string, value: string | null, what = ""): void {
  const key = keyOf(kind, userId, what);
  if (value === null) localStorage.removeItem(key);
  else if (!forgotten.has(userId)) localStorage.setItem(key, value);
}

/** Removes everything of a person, and keeps nothing more of them until the page is loaded again. */
export function forgetPerson(userId: string): void {
  forgotten.add(userId);
  const prefixes = KINDS.map((kind) => keyOf(kind, userId, ""));
  const keys = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at) ?? "");
  for (const key of keys) {
    if (prefixes.some((prefix) => key === prefix || key.startsWith(`${prefix}.`)))
      localStorage.removeItem(key);
  }
}
