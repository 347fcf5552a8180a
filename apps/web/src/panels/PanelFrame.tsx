import { ArrowLeft, X } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId, useRef } from "react";
import { navigate } from "../app/route.ts";
import { useT } from "../i18n/i18n.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import styles from "./panels.module.css";
import { usePageFocus } from "./use-panel-focus.ts";

/** What {@link PanelFrame} takes. */
export interface PanelFrameProps {
  title: string;
  /** The page inside of the panel; null is its first one. */
  page?: string | null;
  /** The panel to which "back" leads; left out, this is the first page, and "back" closes. */
  parent?: string;
  /** Buttons of the head. */
  actions?: ReactNode;
  /** What stays above while the rest scrolls. */
  top?: ReactNode;
  children: ReactNode;
}

/** A page of a panel: its head, and what scrolls below. Escape goes back, or closes. */
export function PanelFrame({ title, page = null, parent, actions, top, children }: PanelFrameProps) {
  const t = useT();
  const id = useId();
  const frame = useRef<HTMLElement>(null);
  usePageFocus(frame, page);
  const close = () => navigate({ panel: null });
  const back = () => (parent ? navigate({ panel: parent }, { replace: true }) : close());
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    // Events of open dialogs and menus come here too, though they stand elsewhere.
    const isHere = event.target instanceof Node && event.currentTarget.contains(event.target);
    if (event.key !== "Escape" || event.defaultPrevented || !isHere) return;
    event.preventDefault();
    back();
  };
  return (
    <section ref={frame} className={styles.frame} aria-labelledby={id} onKeyDown={onKeyDown}>
      <header className={styles.header} data-nested={parent !== undefined || undefined}>
        <span className={styles.back}>
          <IconButton label={t("app.back")} icon={<ArrowLeft data-mirrored />} onClick={back} />
        </span>
        <h2 id={id} className={styles.title} tabIndex={-1}>
          {title}
        </h2>
        {actions}
        <span className={styles.close}>
          <IconButton label={t("app.close")} icon={<X />} onClick={close} />
        </span>
      </header>
      {top}
      <div className={styles.body}>{children}</div>
    </section>
  );
}
