/** Message search in a user's conversations, limited to messages since they joined. */

import {
  MAX_SEARCH_TOTAL,
  messageId,
  type SearchQuery,
  type SearchResult,
  type SearchResults,
  searchCursor,
  timestamp,
} from "@rocket-chat-api/protocol";
import type { EpochMs } from "../../domain/time.ts";
import { tokens } from "../../domain/tokens.ts";
import { type Directory, runBatch } from "../database.ts";
import { highlight } from "./highlight.ts";
import { hasAll, planSearch, type SearchPlan } from "./plan.ts";
import { type FoundRow, pageStatement } from "./search-page.ts";

/**
 * Limit of the work that one page does for phrases that the index did not check: characters of messages times phrases.
 * 25 of the longest messages for 16 words. The rest is on the next page.
 */
const MAX_EXAMINED = 1_600_000;

/** One page of a user's matches, newest first. */
export async function searchMessages(
  db: Directory,
  userId: string,
  query: SearchQuery,
  now: EpochMs,
): Promise<SearchResults> {
  const plan = planSearch(query.q);
  if (plan.phrases.length === 0) return { results: [], total: 0, total_is_exact: true, next_cursor: null };
  const [rows] = await runBatch(db, [pageStatement(userId, query, plan.asked, now)]);
  const found = (rows ?? []) as unknown as FoundRow[];
  const { total = 0, is_exact = 1, on_page = 0 } = found[0] ?? {};
  const hits = found.filter(isHit);
  const page = examine(hits.slice(0, query.limit), plan);
  const next = page.examined < on_page ? hits[page.examined - 1] : stopOf(found[0]);
  const isWhole = next === undefined && query.cursor === undefined;
  return {
    results: page.results,
    total: isWhole ? page.results.length : Math.min(total, MAX_SEARCH_TOTAL),
    total_is_exact: isWhole || (plan.isExact && is_exact === 1),
    next_cursor: next ? searchCursor(placeOf(next)) : null,
  };
}

type Place = Pick<Hit, "conversation_id" | "seq" | "created_at">;

/** Where the search stopped; undefined if everything was searched. */
function stopOf(row: FoundRow | undefined): Place | undefined {
  const { stop_conversation_id: conversation_id = null, stop_seq, stop_created_at } = row ?? {};
  if (conversation_id === null) return undefined;
  return { conversation_id, seq: Number(stop_seq), created_at: Number(stop_created_at) };
}

/** A message from the index. */
type Hit = FoundRow & { conversation_id: string };

function isHit(row: FoundRow): row is Hit {
  return row.conversation_id !== null;
}

/**
 * The results of a page. If the index did not check everything, the rest is checked here, for a limited number of
 * messages. The next page continues after them.
 */
function examine(hits: readonly Hit[], plan: SearchPlan): { results: SearchResult[]; examined: number } {
  const results: SearchResult[] = [];
  let steps = 0;
  for (const [examined, row] of hits.entries()) {
    if (!plan.isExact && steps > MAX_EXAMINED) return { results, examined };
    steps += row.content.length * plan.phrases.length;
    if (plan.isExact || hasAll(tokens(row.content), plan.phrases)) results.push(toResult(row, plan));
  }
  return { results, examined: hits.length };
}

function placeOf(row: Place): Pick<SearchResult, "message_id" | "created_at"> {
  return { message_id: messageId(row.conversation_id, row.seq), created_at: timestamp(row.created_at) };
}

function toResult(row: Hit, plan: SearchPlan): SearchResult {
  return {
    ...placeOf(row),
    conversation_id: row.conversation_id,
    conversation_name: row.conversation_name ?? "",
    sender_username: row.sender_username ?? "",
    content: row.content,
    highlight: highlight(row.content, plan.marked),
  };
}
