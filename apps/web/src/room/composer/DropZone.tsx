import { Upload } from "lucide-react";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { useRoomUi } from "../room-ui.ts";
import styles from "./DropZone.module.css";

/** Takes files that are dropped anywhere on the room. */
export function DropZone({ children }: { children: ReactNode }) {
  const t = useT();
  const ui = useRoomUi();
  const depth = useRef(0);
  const [isOver, setOver] = useState(false);
  const hasFiles = ({ dataTransfer }: DragEvent) =>
    ui.addFiles !== null && dataTransfer.types.includes("Files");
  const count = (event: DragEvent, step: number) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    // Entering a child comes before leaving its parent.
    depth.current = Math.max(0, depth.current + step);
    setOver(depth.current > 0);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: files are chosen by a button too.
    <div
      className={styles.zone}
      onDragEnter={(event) => count(event, 1)}
      onDragLeave={(event) => count(event, -1)}
      onDragOver={(event) => hasFiles(event) && event.preventDefault()}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        ui.addFiles?.([...event.dataTransfer.files]);
        ui.focusComposer();
      }}
    >
      {children}
      {isOver && (
        <div className={styles.over}>
          <Upload aria-hidden="true" />
          {t("room.drop")}
        </div>
      )}
    </div>
  );
}
