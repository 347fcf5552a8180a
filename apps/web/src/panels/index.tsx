/**
 * The side panels: each is loaded when it is first opened. A new one is a line in `PANELS`. In the address a panel may have
 * pages: `?panel=settings/devices`.
 */
import { type ComponentType, lazy, Suspense } from "react";
import { useT } from "../i18n/i18n.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import type { PanelProps } from "./panel.ts";
import styles from "./panels.module.css";
import { useReturnOfFocus } from "./use-panel-focus.ts";

const PANELS = {
  details: lazy(() => import("./details/DetailsPanel.tsx")),
  pins: lazy(() => import("./pins/PinsPanel.tsx")),
  search: lazy(() => import("./search/SearchPanel.tsx")),
  settings: lazy(() => import("./settings/SettingsPanel.tsx")),
} as const satisfies Record<string, ComponentType<PanelProps>>;

type Panel = keyof typeof PANELS;

/** The name of a panel, as in the address. */
export type PanelName = Panel | `${Panel}/${string}`;

/** Whether there is a panel of this name. */
export function isPanel(name: string): name is PanelName {
  return Object.hasOwn(PANELS, name.split("/")[0] ?? "");
}

/** The panel that is open. */
export function SidePanel({ name, conversationId }: { name: PanelName; conversationId: string | null }) {
  const t = useT();
  useReturnOfFocus();
  const [first = "", page = null] = name.split("/");
  const Panel = PANELS[first as Panel];
  return (
    <Suspense fallback={<div className={styles.loading}>{<Spinner label={t("app.loading")} />}</div>}>
      <Panel conversationId={conversationId} page={page} key={conversationId} />
    </Suspense>
  );
}
