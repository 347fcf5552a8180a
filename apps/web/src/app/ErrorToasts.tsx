import { useChatClient } from "@rocket-chat-api/react";
import { useEffect } from "react";
import { useT } from "../i18n/i18n.tsx";
import { forgetPerson } from "../session/kept.ts";
import { SignedOut } from "../session/session.ts";
import { toast } from "../ui/toasts.ts";
import { useViewer } from "./viewer.tsx";

/**
 * Shows what the client cannot help: errors for which waiting is of no use, and messages that were refused.
 * @param onEnded the service takes the person's tokens no longer.
 */
export function ErrorToasts({ onEnded }: { onEnded: () => void }) {
  const client = useChatClient();
  const { userId } = useViewer();
  const t = useT();
  useEffect(() => {
    const stops = [
      client.on("error", ({ code, message, retryable, cause }) => {
        if (cause instanceof SignedOut) {
          forgetPerson(userId);
          return void client.logOut().then(onEnded);
        }
        if (code === "UNAUTHORIZED") return onEnded();
        // The banner says that there is no connection.
        if (retryable) return;
        toast(t("app.failed", { reason: message }), {
          tone: "danger",
          action: { label: t("app.retry"), run: () => client.start() },
        });
      }),
      client.on("refused", ({ error }) => {
        toast(t("app.failed", { reason: error instanceof Error ? error.message : String(error) }), {
          tone: "danger",
        });
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [client, userId, t, onEnded]);
  return null;
}
