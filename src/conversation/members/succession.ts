/** Chooses the owner of a group when its owner leaves (rule 8). */
import type { Role } from "@rocket-chat-api/protocol";
import { outranks } from "../../domain/access.ts";

interface Candidate {
  user_id: string;
  role: Role;
  joined_seq: number;
}

/** The member with the highest role, among several the longest-standing one; undefined in an empty group. */
export function successor<T extends Candidate>(candidates: readonly T[]): T | undefined {
  return candidates.reduce<T | undefined>(
    (first, candidate) => (!first || comesBefore(candidate, first) ? candidate : first),
    undefined,
  );
}

function comesBefore(one: Candidate, other: Candidate): boolean {
  return outranks(one, other) || (one.role === other.role && one.joined_seq < other.joined_seq);
}
