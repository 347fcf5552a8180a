import { CloudOff } from "lucide-react";
import { useT } from "../../i18n/i18n.tsx";
import { Button } from "../../ui/Button.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { errorText } from "../error-text.ts";
import styles from "./parts.module.css";

/** Stands where something is loading. */
export function Waiting() {
  const t = useT();
  return (
    <div className={styles.wait}>
      <Spinner label={t("app.loading")} />
    </div>
  );
}

/** Stands where something is loading, or could not be loaded. */
export function LoadState({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const t = useT();
  if (error === null) return <Waiting />;
  return (
    <div role="alert">
      <EmptyState
        icon={<CloudOff />}
        title={t("panels.load_failed")}
        hint={errorText(error, t)}
        action={<Button onClick={onRetry}>{t("app.retry")}</Button>}
      />
    </div>
  );
}
