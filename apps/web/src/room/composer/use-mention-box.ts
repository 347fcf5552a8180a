/** The completion of mentions while one types. */
import { useMembers } from "@rocket-chat-api/react";
import { type KeyboardEvent, useState } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { useRights } from "../use-rights.ts";
import { type Candidate, candidatesOf, mentionQuery, withMention } from "./mentions.ts";
import type { Text } from "./use-text.ts";

/** The open completion. */
export interface MentionBox {
  candidates: readonly Candidate[];
  active: number;
  choose: (candidate: Candidate) => void;
  /** Takes a key. @returns whether it was for the completion. */
  onKey: (event: KeyboardEvent) => boolean;
  /** Call it with every change of the text or the caret. */
  onCaret: (caret: number) => void;
  close: () => void;
}

/** Completes mentions in a group. */
export function useMentionBox(conversationId: string, { text, setText, setCaret }: Text): MentionBox {
  const t = useT();
  const { isGroup, isModerator, viewerId } = useRights();
  const members = useMembers(conversationId);
  const [caret, setAt] = useState<number | null>(null);
  const [active, setActive] = useState(0);
  const query = caret === null || !isGroup ? null : mentionQuery(text, caret);
  const everybody = isModerator ? t("room.everybody") : null;
  const candidates = query ? candidatesOf(query, members, viewerId, everybody) : [];
  const shown = Math.min(active, Math.max(candidates.length - 1, 0));

  const close = () => setAt(null);
  const choose = (candidate: Candidate) => {
    if (!query) return;
    const next = withMention(text, query, candidate);
    setCaret(next.caret);
    setText(next.text);
    close();
  };
  const move = (step: number) => setActive((shown + step + candidates.length) % candidates.length);
  return {
    candidates,
    active: shown,
    choose,
    close,
    onCaret(at) {
      setAt(at);
      setActive(0);
    },
    onKey({ key }) {
      const chosen = candidates[shown];
      if (!chosen) return false;
      if (key === "ArrowDown") move(1);
      else if (key === "ArrowUp") move(-1);
      else if (key === "Enter" || key === "Tab") choose(chosen);
      else if (key === "Escape") close();
      else return false;
      return true;
    },
  };
}
