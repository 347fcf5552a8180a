/** The side panels: each is loaded when it is first opened. A new one is a line in `PANELS`. */
import { type ComponentType, lazy, Suspense } from "react";
import { useT } from "../i18n/i18n.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import type { PanelProps } from "./panel.ts";
import styles from "./panels.module.css";

const PANELS = {
  details: lazy(() => import("./details/DetailsPanel.tsx")),
} as const satisfies Record<string, ComponentType<PanelProps>>;

/** The name of a panel, as in the address. */
export type PanelName = keyof typeof PANELS;

/** Whether there is a panel of this name. */
export function isPanel(name: string): name is PanelName {
  return Object.hasOwn(PANELS, name);
}

/** The panel that is open. */
export function SidePanel({ name, conversationId }: { name: PanelName } & PanelProps) {
  const t = useT();
  const Panel = PANELS[name];
  return (
    <Suspense fallback={<div className={styles.loading}>{<Spinner label={t("app.loading")} />}</div>}>
      <Panel conversationId={conversationId} />
    </Suspense>
  );
}
