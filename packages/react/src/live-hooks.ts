/** Hooks for typing and presence. */
import type { Presence, Typist } from "@rocket-chat-api/client/live";
import { useCallback, useMemo, useSyncExternalStore } from "react";
import { useStore } from "./provider.ts";
import { isSameMap, useSelected } from "./selected.ts";

/** Who types, and how to say that the viewer does. */
export interface TypingView {
  /** Without the viewer, in the order in which they began. */
  typing: readonly Typist[];
  /** Call it with every key in the composer; sending ends it. */
  onInput: () => void;
  /** Call it where the text was thrown away. */
  onStop: () => void;
}

const NOBODY: readonly Typist[] = [];
const nobody = (): readonly Typist[] => NOBODY;

/** Who types in a conversation. */
export function useTyping(conversationId: string): TypingView {
  const { live } = useStore();
  const subscribe = useCallback(
    (listener: () => void) => live.onTyping(conversationId, listener),
    [live, conversationId],
  );
  const typing = useSyncExternalStore(subscribe, () => live.typing(conversationId), nobody);
  const calls = useMemo(
    () => ({ onInput: () => live.input(conversationId), onStop: () => live.endInput(conversationId) }),
    [live, conversationId],
  );
  return useMemo(() => ({ typing, ...calls }), [typing, calls]);
}

const NOTHING: ReadonlyMap<string, Presence> = new Map();

/** Who of these people is there. One of whom nothing is known is not in the map. */
export function usePresence(userIds: readonly string[]): ReadonlyMap<string, Presence> {
  const { live } = useStore();
  // The array may be a new one in each render; its ids count.
  const key = userIds.join(" ");
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = idsOf(key).map((id) => live.onPresence(id, listener));
      return () => {
        for (const stop of stops) stop();
      };
    },
    [live, key],
  );
  const read = (): ReadonlyMap<string, Presence> => {
    const known = idsOf(key).flatMap((id): [string, Presence][] => {
      const presence = live.presence(id);
      return presence ? [[id, presence]] : [];
    });
    return new Map(known);
  };
  return useSelected(subscribe, read, NOTHING, isSameMap);
}

function idsOf(key: string): string[] {
  return key === "" ? [] : [...new Set(key.split(" "))];
}
