/** Chooses the owner of a group when its owner leaves (rule 8). */
import type { Role } from "@rocket-chat-api/protocol";

interface Candidate {
  user_id: string;
  role: Role;
  joined_seq: number;
}

/** The longest-standing admin, else the longest-standing member; undefined in an empty group. */
export function successor<T extends Candidate>(candidates: readonly T[]): T | undefined {
  const admins = candidates.filter((candidate) => candidate.role === "admin");
  const pool = admins.length > 0 ? admins : candidates;
  return pool.reduce<T | undefined>(
    (first, candidate) => (!first || candidate.joined_seq < first.joined_seq ? candidate : first),
    undefined,
  );
}
