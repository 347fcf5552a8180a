/** Reads a part of a store: renders when that part changes, and not when something beside it does. */
import { useRef, useSyncExternalStore } from "react";

/**
 * @param subscribe must be the same function from render to render.
 * @param read what is shown now. A new value that `isSame` as the last one renders nothing.
 * @param atServer what is shown while rendering on a server, and while the browser takes that over.
 */
export function useSelected<T>(
  subscribe: (listener: () => void) => () => void,
  read: () => T,
  atServer: T,
  isSame: (one: T, other: T) => boolean = Object.is,
): T {
  const last = useRef<{ value: T } | null>(null);
  const get = (): T => {
    const value = read();
    if (last.current && isSame(last.current.value, value)) return last.current.value;
    last.current = { value };
    return value;
  };
  return useSyncExternalStore(subscribe, get, () => atServer);
}

/** Whether two lists hold the same values. */
export function isSameList<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((value, index) => Object.is(value, other[index]));
}

/** Whether two objects have the same values in all fields. */
export function isSameFields<T extends object>(one: T, other: T): boolean {
  const names = Object.keys(one) as (keyof T)[];
  return (
    names.length === Object.keys(other).length && names.every((name) => Object.is(one[name], other[name]))
  );
}

/** Whether two maps have the same values under the same keys, in the same order. */
export function isSameMap<K, V>(one: ReadonlyMap<K, V>, other: ReadonlyMap<K, V>): boolean {
  return isSameList([...one.keys()], [...other.keys()]) && isSameList([...one.values()], [...other.values()]);
}
