import type { ShownMessage } from "@rocket-chat-api/react";
import { X } from "lucide-react";
import { useT } from "../../i18n/i18n.tsx";
import { classes } from "../../ui/classes.ts";
import styles from "./Attachments.module.css";
import { Audio } from "./Audio.tsx";
import { FileCard } from "./FileCard.tsx";
import { itemsOf } from "./item.ts";
import { Picture } from "./Picture.tsx";
import { Progress } from "./Progress.tsx";
import { Video } from "./Video.tsx";

/** What {@link Attachments} takes. */
export interface AttachmentsProps {
  shown: ShownMessage;
  onCancel: () => void;
}

/** The files of a message. */
export function Attachments({ shown, onCancel }: AttachmentsProps) {
  const t = useT();
  const items = itemsOf(shown);
  const { outgoing } = shown;
  const isUploading = outgoing?.state === "uploading";
  const isGallery = items.length > 1 && items.every(({ type }) => type === "image" || type === "video");
  const isVisual = items[0]?.type === "image" || items[0]?.type === "video";
  return (
    <div className={classes(styles.files, isGallery && styles.gallery)}>
      {items.map((item) => {
        if (item.type === "image") return <Picture key={item.key} item={item} isTile={isGallery} />;
        if (item.type === "video") return <Video key={item.key} item={item} isTile={isGallery} />;
        if (item.type === "audio") return <Audio key={item.key} item={item} />;
        return <FileCard key={item.key} item={item} />;
      })}
      {isUploading && (
        <div className={classes(styles.progress, !isVisual && styles.beside)}>
          <Progress part={outgoing.progress} label={t("room.uploading")} />
          <button
            type="button"
            className={styles.cancel}
            aria-label={t("room.cancel_upload")}
            onClick={onCancel}
          >
            <X aria-hidden="true" />
          </button>
        </div>
      )}
    </div>
  );
}
