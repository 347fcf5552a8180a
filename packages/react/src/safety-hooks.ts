/** Hooks for what keeps people apart. */
import { useCallback, useMemo, useSyncExternalStore } from "react";
import { useStore } from "./provider.ts";

/** Whom the viewer has blocked, and how to change that. */
export interface BlocksView {
  /** Ids of the blocked. A new set after each change, on this device or another. */
  blocked: ReadonlySet<string>;
  /** Blocks a user, who is not told. Rejects with ApiError or ConnectionLost. */
  block: (userId: string) => Promise<void>;
  /** Ends a block. Rejects as `block` does. */
  unblock: (userId: string) => Promise<void>;
}

const NOBODY: ReadonlySet<string> = new Set();
const nobody = (): ReadonlySet<string> => NOBODY;

/** Whom the viewer has blocked. */
export function useBlocks(): BlocksView {
  const { blocks } = useStore();
  const subscribe = useCallback((listener: () => void) => blocks.onChange(listener), [blocks]);
  const blocked = useSyncExternalStore(subscribe, () => blocks.ids, nobody);
  const calls = useMemo(
    () => ({
      block: async (userId: string) => void (await blocks.block(userId)),
      unblock: (userId: string) => blocks.unblock(userId),
    }),
    [blocks],
  );
  return useMemo(() => ({ blocked, ...calls }), [blocked, calls]);
}
