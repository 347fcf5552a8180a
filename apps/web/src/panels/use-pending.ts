/** Settings that change at once on the screen, and then on the server. */
import { useCallback, useRef, useState } from "react";
import { useAttempt } from "./use-attempt.ts";

/**
 * Shows what was chosen until the server has it. Changes are sent one after the other, so that a late answer undoes no newer
 * choice. What the server refuses goes back, and is explained.
 * @param known as the server has it; null while that is not known.
 * @param send must lead to a new `known`, and be the same function from render to render.
 * @returns what to show, and how to change a part of it.
 */
export function usePending<T extends object>(
  known: T | null,
  send: (patch: Partial<T>) => Promise<unknown>,
): [shown: T | null, change: (patch: Partial<T>) => void] {
  const { attempt } = useAttempt();
  const [waiting, setWaiting] = useState<readonly Partial<T>[]>([]);
  const queue = useRef<Promise<unknown>>(Promise.resolve());
  const change = useCallback(
    (patch: Partial<T>) => {
      setWaiting((others) => [...others, patch]);
      queue.current = queue.current.then(async () => {
        await attempt(() => send(patch));
        setWaiting((others) => others.filter((one) => one !== patch));
      });
    },
    [attempt, send],
  );
  return [known && Object.assign({}, known, ...waiting), change];
}
