import { useChatClient, useConnection } from "@rocket-chat-api/react";
import { CloudOff } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useT } from "../i18n/i18n.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import styles from "./ConnectionBanner.module.css";

/** A connection that comes back within this time is not worth a word, in milliseconds. */
const PATIENCE_MS = 1_500;

function subscribe(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

/** Whether the device has a network at all. */
function useNetwork(): boolean {
  return useSyncExternalStore(subscribe, () => navigator.onLine);
}

/** Says that there is no connection, and that what is written until then is kept and sent. */
export function ConnectionBanner() {
  const t = useT();
  const client = useChatClient();
  const { isOnline } = useConnection();
  const hasNetwork = useNetwork();
  const [isLate, setLate] = useState(false);

  useEffect(() => {
    if (isOnline) return setLate(false);
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isOnline]);
  // A network that has just come back need not wait for the next attempt.
  useEffect(() => {
    if (hasNetwork && client.status === "connecting") client.reconnect();
  }, [client, hasNetwork]);

  const text = hasNetwork ? t("app.reconnecting") : t("app.offline");
  const isShown = !hasNetwork || (!isOnline && isLate);
  return (
    <div role="status" className={styles.place}>
      {isShown && (
        <p className={styles.banner}>
          {hasNetwork ? <Spinner size={16} /> : <CloudOff aria-hidden="true" />}
          {text}
        </p>
      )}
    </div>
  );
}
