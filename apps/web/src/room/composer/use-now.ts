/** The time, as long as something waits for it. */
import { useEffect, useState } from "react";

/** Milliseconds since 1970: renders every second until `until` has passed. */
export function useNow(until: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (until <= Date.now()) return undefined;
    const timer = setInterval(() => {
      setNow(Date.now());
      if (until <= Date.now()) clearInterval(timer);
    }, 1_000);
    setNow(Date.now());
    return () => clearInterval(timer);
  }, [until]);
  return now;
}
