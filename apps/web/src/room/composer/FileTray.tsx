import { attachmentType } from "@rocket-chat-api/client/upload";
import { FileText, Film, Music, X } from "lucide-react";
import { useI18n } from "../../i18n/i18n.tsx";
import { sizeText } from "../media/format.ts";
import { useObjectUrl } from "../media/use-source.ts";
import styles from "./FileTray.module.css";
import type { ChosenFile, Files } from "./use-files.ts";

/** The files that go with the message, before it is sent. */
export function FileTray({ files: { chosen, remove } }: { files: Files }) {
  const { t } = useI18n();
  if (chosen.length === 0) return null;
  return (
    <ul className={styles.tray} aria-label={t("room.files")}>
      {chosen.map((one) => (
        <li key={one.key} className={styles.item}>
          <Preview chosen={one} />
          <button
            type="button"
            className={styles.remove}
            aria-label={t("room.remove_file", { name: one.file.name })}
            onClick={() => remove(one.key)}
          >
            <X aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}

const ICONS = { image: FileText, video: Film, audio: Music, file: FileText } as const;

function Preview({ chosen: { file } }: { chosen: ChosenFile }) {
  const { language } = useI18n();
  const type = attachmentType(file);
  const url = useObjectUrl(type === "image" ? file : undefined);
  const Icon = ICONS[type];
  return (
    <span className={styles.preview} title={file.name}>
      {url ? (
        <img className={styles.picture} src={url} alt="" />
      ) : (
        <Icon className={styles.icon} aria-hidden="true" />
      )}
      <span className={styles.name} dir="auto">
        {file.name}
      </span>
      <span className={styles.size}>{sizeText(file.size, language)}</span>
    </span>
  );
}
