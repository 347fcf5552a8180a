/** What a panel asks the server for. */
import { useCallback, useEffect, useState } from "react";

/** What {@link useLoaded} returns. */
export interface Loaded<T> {
  /** Null until it has come. */
  value: T | null;
  /** What was thrown; null if nothing was. */
  error: unknown;
  /** Replaces the value after a change. */
  setValue: (next: T | ((known: T) => T)) => void;
  /** Asks again. */
  reload: () => void;
}

/** Loads something when it is first shown. @param load must be the same function from render to render. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ value: T | null; error: unknown }>({ value: null, error: null });
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again.
  useEffect(() => {
    let isWanted = true;
    load().then(
      (value) => isWanted && setState({ value, error: null }),
      (error: unknown) => isWanted && setState((known) => ({ ...known, error })),
    );
    return () => {
      isWanted = false;
    };
  }, [load, round]);
  const setValue = useCallback((next: T | ((known: T) => T)) => {
    setState((known) => {
      if (typeof next !== "function") return { value: next, error: null };
      return known.value === null ? known : { ...known, value: (next as (known: T) => T)(known.value) };
    });
  }, []);
  const reload = useCallback(() => {
    setState((known) => ({ ...known, error: null }));
    setRound((known) => known + 1);
  }, []);
  return { ...state, setValue, reload };
}
