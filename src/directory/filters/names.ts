/** Display names that come with tokens (rules 1 and 29). A token cannot be refused for a name, so what is rejected is masked. */
import type { Identity } from "../../domain/caller.ts";
import { withMaskedName } from "../../domain/filter/names.ts";
import type { ClaimsEffect } from "../../domain/profile.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Directory } from "../database.ts";
import { addNameNotes } from "../moderation/notes.ts";
import { FILTERS } from "./cache.ts";

/** An identity whose claims are as they came, and the name that others see. */
export interface ShownIdentity extends Identity {
  shown_name: string;
}

/** Holds the name of a token against the filters, before it becomes that of a profile. @param effect only a refresh writes it. */
export async function withFilteredName(
  db: Directory,
  identity: Identity,
  effect: ClaimsEffect,
  now: EpochMs,
): Promise<ShownIdentity> {
  const { user_id, is_named, issued_at, expires_at } = identity;
  if (!is_named || effect !== "refresh") return { ...identity, shown_name: identity.display_name };
  const { display_name, notes } = withMaskedName(await FILTERS.fresh(db, now), identity);
  // Of one token there is one note, however many requests bring it at once.
  await addNameNotes(db, user_id, notes, now, `${user_id}:${issued_at || expires_at}`);
  return { ...identity, shown_name: display_name };
}
