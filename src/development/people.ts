/** The people of the demo, which `npm run demo` has too. */
import { displayName, hashedName, idOfHash } from "./token.ts";

/** Their names. */
export const NAMES = ["alice", "bob", "carol"] as const;

/** One of them. */
export type DemoName = (typeof NAMES)[number];

/** A person as the page shows them. */
export interface DemoPerson {
  name: DemoName;
  user_id: string;
  display_name: string;
}

/** Whether there is a person of this name. */
export function isDemoName(name: unknown): name is DemoName {
  return NAMES.some((known) => known === name);
}

/** A person of the demo. */
export async function personOf(name: DemoName): Promise<DemoPerson> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(hashedName(name)));
  const hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { name, user_id: idOfHash(hash), display_name: displayName(name) };
}
