/** The text of the composer: a draft, or a message that is edited. */
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";
import { useCell } from "../cell.ts";
import type { RoomUi } from "../room-ui.ts";
import { useDraft } from "./use-draft.ts";

/** The text, and how to change it. */
export interface Text {
  text: string;
  setText: (text: string) => void;
  /** Puts something where the caret is. */
  insert: (piece: string) => void;
  /** Where the caret goes after the next rendering. */
  setCaret: (caret: number) => void;
}

/** Keeps the text. An edit puts the draft aside, and it comes back afterwards. */
export function useText(ui: RoomUi, area: RefObject<HTMLTextAreaElement | null>): Text {
  const draft = useDraft(ui.conversationId);
  const mode = useCell(ui.mode);
  const [text, setShown] = useState(draft.read);
  const caret = useRef<number | null>(null);
  const editing = mode.kind === "edit" ? mode.message : null;

  const setText = useCallback(
    (next: string) => {
      setShown(next);
      if (ui.mode.read().kind !== "edit") draft.write(next);
    },
    [ui, draft.write],
  );

  const wasEditing = useRef(false);
  useLayoutEffect(() => {
    if (editing) {
      setShown(editing.content);
      caret.current = editing.content.length;
    } else if (wasEditing.current) {
      setShown(draft.read());
    }
    wasEditing.current = editing !== null;
  }, [editing, draft.read]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the caret is set after the text was.
  useLayoutEffect(() => {
    if (caret.current === null) return;
    area.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  }, [text, area]);

  const insert = useCallback(
    (piece: string) => {
      const { selectionStart = 0, selectionEnd = 0, value = "" } = area.current ?? {};
      caret.current = selectionStart + piece.length;
      setText(value.slice(0, selectionStart) + piece + value.slice(selectionEnd));
    },
    [area, setText],
  );
  const setCaret = useCallback((at: number) => {
    caret.current = at;
  }, []);
  return { text, setText, insert, setCaret };
}
