/** Display names that come with tokens (rules 1 and 29). A token cannot be refused for a name, so what is rejected is masked. */
import type { Identity } from "../../domain/caller.ts";
import { withMaskedName } from "../../domain/filter/names.ts";
import type { EpochMs } from "../../domain/time.ts";
import { log } from "../../log.ts";
import type { Directory } from "../database.ts";
import { FILTERS } from "./cache.ts";

/** An identity whose claims are as they came, and the name that others see. */
export interface ShownIdentity extends Identity {
  shown_name: string;
}

/** Holds the name of a token against the filters, before it becomes a profile. */
export async function withFilteredName(
  db: Directory,
  identity: Identity,
  now: EpochMs,
): Promise<ShownIdentity> {
  const { display_name, notes } = withMaskedName(await FILTERS.fresh(db, now), identity);
  for (const { action, details } of notes) {
    log("info", action, { user_id: identity.user_id, filter: details.filter });
  }
  return { ...identity, shown_name: display_name };
}
