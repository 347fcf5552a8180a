/** Holds texts of requests against the filters of the app, where no conversation does (rule 29). */
import type { Context } from "hono";
import { openDirectory } from "../directory/database.ts";
import { FILTERS } from "../directory/filters/cache.ts";
import { type Filtered, type FilteredText, type FilterNote, judge } from "../domain/filter/verdict.ts";
import type { EpochMs } from "../domain/time.ts";
import type { Env } from "../env.ts";
import { ApiError } from "./errors.ts";

/** What of a request it needs. */
type FilterContext = Pick<Context, "executionCtx"> & { env: Env };

/** What filters make of texts; undefined if they stay as they are. @param details of a refusal. @throws CONTENT_REJECTED */
export async function filterTexts(
  c: FilterContext,
  texts: readonly FilteredText[],
  now: EpochMs,
  details: Record<string, unknown> = {},
): Promise<Filtered | undefined> {
  const directory = () => openDirectory(c.env.DB);
  if (!FILTERS.isReady) await FILTERS.ready(directory(), now);
  const verdict = judge(
    FILTERS.current(directory, now, (work) => c.executionCtx.waitUntil(work)),
    texts,
  );
  if (!verdict?.refusal) return verdict;
  throw new ApiError({ ...verdict.refusal, details: { ...verdict.refusal.details, ...details } });
}

/** A profile as filters leave it, and what is to be noted of it. */
export interface FilteredProfile<Patch> {
  shown: Patch;
  notes: FilterNote[];
}

/**
 * Holds the display name of a profile against filters: there are stars in it, if they mask some of it. The caller passes the notes to
 * `addNameNotes` when the profile is written.
 * @throws CONTENT_REJECTED; a server learns whose name it is.
 */
export async function filterName<Patch extends { display_name?: string | undefined }>(
  c: FilterContext,
  user_id: string,
  patch: Patch,
): Promise<FilteredProfile<Patch>> {
  const { display_name } = patch;
  if (display_name === undefined) return { shown: patch, notes: [] };
  const filtered = await filterTexts(c, [{ field: "display_name", text: display_name }], Date.now(), {
    user_id,
  });
  if (!filtered) return { shown: patch, notes: [] };
  return { shown: { ...patch, display_name: filtered.texts[0] ?? display_name }, notes: filtered.notes };
}
