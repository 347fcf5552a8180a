import { useChatClient } from "@rocket-chat-api/react";
import { Download, FileText } from "lucide-react";
import { useState } from "react";
import { useI18n } from "../../i18n/i18n.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { toast } from "../../ui/toasts.ts";
import { errorText } from "../error-text.ts";
import { useRowTab } from "../list/row-tab.ts";
import { download } from "./download.ts";
import { sizeText } from "./format.ts";
import type { MediaItem } from "./item.ts";
import styles from "./media.module.css";

/** A file: its name and size. A press downloads it. */
export function FileCard({ item }: { item: MediaItem }) {
  const { t, language } = useI18n();
  const client = useChatClient();
  const tab = useRowTab();
  const [isBusy, setBusy] = useState(false);
  const { attachmentId } = item;
  const save = async (id: string) => {
    setBusy(true);
    await download(client, id).catch((error: unknown) => toast(errorText(error, t), { tone: "danger" }));
    setBusy(false);
  };
  return (
    <button
      type="button"
      className={styles.file}
      aria-label={t("room.download_file", { name: item.name, size: sizeText(item.size, language) })}
      disabled={attachmentId === null || isBusy}
      tabIndex={tab}
      onClick={() => attachmentId && void save(attachmentId)}
    >
      <span className={styles.round}>{isBusy ? <Spinner /> : <FileText aria-hidden="true" />}</span>
      <span className={styles.about}>
        <span className={styles.name} dir="auto">
          {item.name}
        </span>
        <span className={styles.size}>{sizeText(item.size, language)}</span>
      </span>
      {attachmentId && <Download className={styles.arrow} aria-hidden="true" />}
    </button>
  );
}
