/** People by their name. */
import type { User } from "@rocket-chat-api/client";
import { useChatClient } from "@rocket-chat-api/react";
import { useEffect, useState } from "react";
import { useViewer } from "../app/viewer.tsx";

/** Milliseconds without a key, until the server is asked. */
const PAUSE_MS = 250;
/** People of one answer. */
const LIMIT = 20;

/** What was found. */
export interface People {
  people: readonly User[];
  /** Whether these are the answer to what is typed now. */
  isCurrent: boolean;
  error: string | null;
}

const NOTHING: People = { people: [], isCurrent: false, error: null };

/** Searches people, without the viewer. @param q what is typed. */
export function usePeople(q: string): People {
  const client = useChatClient();
  const { userId } = useViewer();
  const [found, setFound] = useState<{ q: string; people: readonly User[]; error: string | null }>();
  const wanted = q.trim();
  useEffect(() => {
    if (wanted.length < 2) return undefined;
    let isWanted = true;
    const answer = (people: readonly User[], error: string | null) => {
      if (isWanted) setFound({ q: wanted, people, error });
    };
    const timer = setTimeout(() => {
      client.rest.searchUsers(wanted, LIMIT).then(
        ({ users }) =>
          answer(
            users.filter(({ user_id }) => user_id !== userId),
            null,
          ),
        (error: unknown) => answer([], error instanceof Error ? error.message : String(error)),
      );
    }, PAUSE_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [client, userId, wanted]);
  if (wanted.length < 2 || !found) return NOTHING;
  return { people: found.people, error: found.error, isCurrent: found.q === wanted };
}
