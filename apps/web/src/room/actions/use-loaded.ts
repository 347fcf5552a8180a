/** Something that a dialog loads when it opens. */
import { useEffect, useState } from "react";

/** What has come, or what went wrong. */
export interface Loaded<T> {
  value: T | null;
  error: unknown;
}

/** Loads once. @param load must stay the same from render to render. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ value: null, error: null });
  useEffect(() => {
    let isShown = true;
    load().then(
      (value) => isShown && setLoaded({ value, error: null }),
      (error: unknown) => isShown && setLoaded({ value: null, error }),
    );
    return () => {
      isShown = false;
    };
  }, [load]);
  return loaded;
}
