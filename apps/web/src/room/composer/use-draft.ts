/** What was written and not sent, for each conversation: it is there again after a reload. */
import { useCallback, useEffect, useRef } from "react";
import { useViewer } from "../../app/viewer.tsx";
import { keep, kept } from "../../session/kept.ts";

/** How long the text rests before it is stored, in milliseconds. */
const REST_MS = 300;

/** A draft. */
export interface Draft {
  read: () => string;
  write: (text: string) => void;
}

/** The draft of a conversation. */
export function useDraft(conversationId: string): Draft {
  const { userId } = useViewer();
  const waiting = useRef<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const store = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = undefined;
    if (waiting.current === null) return;
    keep("draft", userId, waiting.current === "" ? null : waiting.current, conversationId);
    waiting.current = null;
  }, [userId, conversationId]);
  const read = useCallback(
    () => waiting.current ?? kept("draft", userId, conversationId) ?? "",
    [userId, conversationId],
  );
  const write = useCallback(
    (text: string) => {
      waiting.current = text;
      timer.current ??= setTimeout(store, REST_MS);
    },
    [store],
  );
  useEffect(() => {
    window.addEventListener("pagehide", store);
    return () => {
      window.removeEventListener("pagehide", store);
      store();
    };
  }, [store]);
  return { read, write };
}
