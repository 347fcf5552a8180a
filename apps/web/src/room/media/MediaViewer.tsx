import { useChatClient, useMessages } from "@rocket-chat-api/react";
import { ChevronLeft, ChevronRight, Download, X, ZoomIn, ZoomOut } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { Dialog, I18nProvider, Modal, ModalOverlay } from "react-aria-components";
import { fullTime } from "../../i18n/dates.ts";
import { useI18n } from "../../i18n/i18n.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { toast } from "../../ui/toasts.ts";
import { errorText } from "../error-text.ts";
import { useRoomUi } from "../room-ui.ts";
import { download } from "./download.ts";
import { itemsOf, type MediaItem } from "./item.ts";
import styles from "./MediaViewer.module.css";
import { placeholderUrl } from "./placeholder.ts";
import { useSource } from "./use-source.ts";

/** What {@link MediaViewer} takes. */
export interface MediaViewerProps {
  attachmentId: string;
  onClose: () => void;
}

/** A picture or video over the whole page. Arrow keys show the next one of the conversation, `+` and `-` zoom. */
export default function MediaViewer({ attachmentId, onClose }: MediaViewerProps) {
  const { t, language, direction } = useI18n();
  const client = useChatClient();
  const { conversationId } = useRoomUi();
  const { messages } = useMessages(conversationId);
  const [id, setId] = useState(attachmentId);
  const [isZoomed, setZoomed] = useState(false);
  const all = messages.flatMap((shown) =>
    itemsOf(shown)
      .filter((item) => item.attachmentId !== null && (item.type === "image" || item.type === "video"))
      .map((item) => ({ item, message: shown.message })),
  );
  const index = all.findIndex(({ item }) => item.attachmentId === id);
  const current = all[index];
  const go = (step: number) => {
    const next = all[index + step]?.item.attachmentId;
    if (!next) return;
    setZoomed(false);
    setId(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const forward = direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    if (event.target instanceof HTMLVideoElement) return;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") go(event.key === forward ? 1 : -1);
    if (event.key === "+" || event.key === "=") setZoomed(true);
    if (event.key === "-") setZoomed(false);
  };
  const save = () =>
    void download(client, id).catch((error: unknown) => toast(errorText(error, t), { tone: "danger" }));
  return (
    <I18nProvider locale={language}>
      <ModalOverlay
        isOpen
        isDismissable
        onOpenChange={(isOpen) => !isOpen && onClose()}
        className={styles.backdrop ?? ""}
      >
        <Modal className={styles.modal ?? ""}>
          <Dialog className={styles.dialog ?? ""} aria-label={current?.item.name ?? t("room.viewer")}>
            {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the dialog, wherever the focus is in it. */}
            <div className={styles.whole} onKeyDown={onKeyDown}>
              <header className={styles.bar}>
                <div className={styles.about}>
                  <p className={styles.name} dir="auto">
                    {current?.message.sender.display_name}
                  </p>
                  <p className={styles.when}>
                    {current && fullTime(new Date(current.message.created_at), language)}
                  </p>
                </div>
                {current?.item.type === "image" && (
                  <IconButton
                    label={t(isZoomed ? "room.zoom_out" : "room.zoom_in")}
                    icon={isZoomed ? <ZoomOut /> : <ZoomIn />}
                    onClick={() => setZoomed(!isZoomed)}
                  />
                )}
                <IconButton label={t("room.download")} icon={<Download />} onClick={save} />
                <IconButton label={t("app.close")} icon={<X />} onClick={onClose} autoFocus />
              </header>
              {current && (
                <Stage key={id} item={current.item} isZoomed={isZoomed} onZoom={() => setZoomed(!isZoomed)} />
              )}
              {index > 0 && (
                <span className={styles.before}>
                  <IconButton
                    label={t("room.previous")}
                    icon={<ChevronLeft data-mirrored />}
                    onClick={() => go(-1)}
                  />
                </span>
              )}
              {index >= 0 && index < all.length - 1 && (
                <span className={styles.after}>
                  <IconButton
                    label={t("room.next")}
                    icon={<ChevronRight data-mirrored />}
                    onClick={() => go(1)}
                  />
                </span>
              )}
            </div>
          </Dialog>
        </Modal>
      </ModalOverlay>
    </I18nProvider>
  );
}

function Stage({ item, isZoomed, onZoom }: { item: MediaItem; isZoomed: boolean; onZoom: () => void }) {
  const source = useSource(item);
  const blurred = placeholderUrl(item.placeholder);
  if (item.type === "video") {
    return (
      <div className={styles.stage}>
        {/* biome-ignore lint/a11y/useMediaCaption: what people film has no captions. */}
        <video className={styles.fit} src={source} poster={blurred} controls autoPlay playsInline />
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button in the bar and `+` and `-` do the same.
    <div
      className={styles.stage}
      data-zoomed={isZoomed || undefined}
      // Arrow keys and the page keys move a large picture.
      tabIndex={isZoomed ? 0 : undefined}
      onDoubleClick={onZoom}
    >
      <img
        className={isZoomed ? styles.whole_size : styles.fit}
        src={source ?? blurred}
        alt={item.name}
        width={item.width}
        height={item.height}
      />
    </div>
  );
}
