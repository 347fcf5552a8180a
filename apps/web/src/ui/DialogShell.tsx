import { X } from "lucide-react";
import { Dialog as AriaDialog, Heading, I18nProvider, Modal, ModalOverlay } from "react-aria-components";
import { useI18n } from "../i18n/i18n.tsx";
import styles from "./DialogShell.module.css";
import type { DialogProps } from "./dialog-props.ts";
import { IconButton } from "./IconButton.tsx";

/** An open dialog. On a phone it comes from below. */
export default function DialogShell({ title, onClose, footer, role = "dialog", children }: DialogProps) {
  const { t, language } = useI18n();
  return (
    <I18nProvider locale={language}>
      <ModalOverlay
        isOpen
        isDismissable={role === "dialog"}
        onOpenChange={(isOpen) => !isOpen && onClose()}
        className={styles.backdrop ?? ""}
      >
        <Modal className={styles.modal ?? ""}>
          <AriaDialog role={role} className={styles.dialog ?? ""}>
            <header className={styles.header}>
              <Heading slot="title" level={2} className={styles.title ?? ""}>
                {title}
              </Heading>
              <IconButton label={t("app.close")} icon={<X />} onClick={onClose} />
            </header>
            <div className={styles.body}>{children}</div>
            {footer && <footer className={styles.footer}>{footer}</footer>}
          </AriaDialog>
        </Modal>
      </ModalOverlay>
    </I18nProvider>
  );
}
