import { X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { useT } from "../i18n/i18n.tsx";
import { Button } from "./Button.tsx";
import { IconButton } from "./IconButton.tsx";
import styles from "./Toasts.module.css";
import { dismissToast, toastStore } from "./toasts.ts";

/** Shows what `toast()` was given. */
export function Toasts() {
  const t = useT();
  const toasts = useSyncExternalStore(toastStore.subscribe, toastStore.read);
  return (
    <div className={styles.place} role="status">
      {toasts.map(({ key, text, tone, action }) => (
        <div key={key} className={styles.toast} data-tone={tone}>
          <p className={styles.text}>{text}</p>
          {action && (
            <Button
              variant="quiet"
              size="s"
              onClick={() => {
                action.run();
                dismissToast(key);
              }}
            >
              {action.label}
            </Button>
          )}
          <IconButton size="s" label={t("app.dismiss")} icon={<X />} onClick={() => dismissToast(key)} />
        </div>
      ))}
    </div>
  );
}
