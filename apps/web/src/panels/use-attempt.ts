/** Runs what may fail. */
import { useCallback, useEffect, useRef, useState } from "react";
import { useT } from "../i18n/i18n.tsx";
import { toast } from "../ui/toasts.ts";
import { errorText } from "./error-text.ts";

/** What {@link useAttempt} returns. */
export interface Attempts {
  /** Whether something is on its way. */
  isBusy: boolean;
  /** Runs it, and shows in words why it failed. @returns whether it did not fail. */
  attempt: (run: () => Promise<unknown>) => Promise<boolean>;
}

/** Runs requests, and says in words what went wrong. */
export function useAttempt(): Attempts {
  const t = useT();
  const [isBusy, setBusy] = useState(false);
  const isShown = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  const attempt = useCallback(
    async (run: () => Promise<unknown>) => {
      setBusy(true);
      try {
        await run();
        return true;
      } catch (error) {
        toast(errorText(error, t), { tone: "danger" });
        return false;
      } finally {
        if (isShown.current) setBusy(false);
      }
    },
    [t],
  );
  return { isBusy, attempt };
}
