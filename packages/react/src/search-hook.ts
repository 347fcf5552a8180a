/** A hook for the search of messages. */
import type { SearchResult } from "@rocket-chat-api/client";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useChatClient } from "./provider.ts";

/** Where to search. */
export interface SearchWhere {
  /** In this conversation only. */
  conversation_id?: string;
  /** Only messages of this user. */
  sender_id?: string;
  /** Milliseconds without a key before the server is asked; 250. It answers 20 searches a minute. */
  delay_ms?: number;
}

/** What was found. */
export interface SearchView {
  /** Newest first. Of the last query that was answered, so that a list does not flicker while one types. */
  results: readonly SearchResult[];
  /** The matches of all pages, as far as they are counted. */
  total: number;
  hasMore: boolean;
  isLoading: boolean;
  /** What was thrown, of the last query. */
  error: unknown;
  /** Loads the next page. */
  loadMore: () => void;
}

interface Found {
  results: readonly SearchResult[];
  total: number;
  cursor: string | null;
  isLoading: boolean;
  error: unknown;
}

const NOTHING: Found = { results: [], total: 0, cursor: null, isLoading: false, error: null };

/** Searches messages as one types. @param q words; the last may be the beginning of one. Empty finds nothing. */
export function useSearch(q: string, where: SearchWhere = {}): SearchView {
  const client = useChatClient();
  const { conversation_id, sender_id, delay_ms = 250 } = where;
  const [found, setFound] = useState(NOTHING);
  /** The query that is asked; an answer to another one is dropped. */
  const current = useRef<object | null>(null);
  const words = q.trim();

  const ask = useCallback(
    async (cursor: string | null, before: readonly SearchResult[]) => {
      const own = {};
      current.current = own;
      setFound((known) => ({ ...known, isLoading: true }));
      try {
        const page = await client.rest.searchMessages({
          q: words,
          ...(conversation_id !== undefined && { conversation_id }),
          ...(sender_id !== undefined && { sender_id }),
          ...(cursor !== null && { cursor }),
        });
        const results = [...before, ...page.results];
        const next = { results, total: page.total, cursor: page.next_cursor, isLoading: false, error: null };
        if (current.current === own) setFound(next);
      } catch (error) {
        if (current.current === own) setFound((known) => ({ ...known, isLoading: false, error }));
      }
    },
    [client, words, conversation_id, sender_id],
  );

  useEffect(() => {
    current.current = null;
    if (words === "") {
      setFound(NOTHING);
      return undefined;
    }
    const timer = setTimeout(() => void ask(null, []), delay_ms);
    return () => {
      clearTimeout(timer);
      current.current = null;
    };
  }, [ask, words, delay_ms]);

  const loadMore = useCallback(() => {
    if (found.cursor !== null && !found.isLoading) void ask(found.cursor, found.results);
  }, [ask, found]);
  return useMemo(() => {
    const { cursor, ...shown } = found;
    return { ...shown, hasMore: cursor !== null, loadMore };
  }, [found, loadMore]);
}
