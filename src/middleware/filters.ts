/** Holds texts of requests against the filters of the app, where no conversation does (rule 29). */
import type { Context } from "hono";
import { openDirectory } from "../directory/database.ts";
import { FILTERS } from "../directory/filters/cache.ts";
import { type Filtered, type FilteredText, judge } from "../domain/filter/verdict.ts";
import type { EpochMs } from "../domain/time.ts";
import type { Env } from "../env.ts";
import { ApiError } from "./errors.ts";

/** What of a request it needs. */
type FilterContext = Pick<Context, "executionCtx"> & { env: Env };

/** What filters make of texts; undefined if they stay as they are. @throws CONTENT_REJECTED */
export async function filterTexts(
  c: FilterContext,
  texts: readonly FilteredText[],
  now: EpochMs,
): Promise<Filtered | undefined> {
  const directory = () => openDirectory(c.env.DB);
  if (!FILTERS.isReady) await FILTERS.ready(directory(), now);
  const verdict = judge(
    FILTERS.current(directory, now, (work) => c.executionCtx.waitUntil(work)),
    texts,
  );
  if (verdict?.refusal) throw new ApiError(verdict.refusal);
  return verdict;
}
