/** The files of the message that is being written. */
import type { OutgoingFile } from "@rocket-chat-api/client/outgoing";
import { attachmentType } from "@rocket-chat-api/client/upload";
import { useCallback, useState } from "react";
import { useI18n } from "../../i18n/i18n.tsx";
import { toast } from "../../ui/toasts.ts";
import { sizeText } from "../media/format.ts";
import { type Measured, measure } from "../media/measure.ts";
import type { Limits } from "./limits.ts";

/** A file that was chosen. */
export interface ChosenFile {
  readonly key: string;
  readonly file: File;
  readonly measured: Promise<Measured>;
}

/** The chosen files, and how to change them. */
export interface Files {
  chosen: readonly ChosenFile[];
  /** Adds files. What cannot be sent is said in words. */
  add: (files: readonly File[]) => void;
  remove: (key: string) => void;
  clear: () => void;
}

let count = 0;

/** Keeps the files that are chosen. */
export function useFiles({ max_attachments, max_attachment_bytes }: Limits): Files {
  const { t, language } = useI18n();
  const [chosen, setChosen] = useState<readonly ChosenFile[]>([]);
  const add = useCallback(
    (files: readonly File[]) => {
      const refuse = (text: string) => toast(text, { tone: "danger" });
      const fine = files.filter((file) => {
        const most = max_attachment_bytes[attachmentType(file)];
        if (file.size === 0) refuse(t("room.file_empty", { name: file.name }));
        else if (file.size > most)
          refuse(t("room.file_too_large", { name: file.name, size: sizeText(most, language) }));
        else return true;
        return false;
      });
      setChosen((known) => {
        const room = max_attachments - known.length;
        const added = fine.slice(0, room).map((file) => {
          count += 1;
          return { key: `file-${count}`, file, measured: measure(file) };
        });
        return [...known, ...added];
      });
      if (chosen.length + fine.length > max_attachments)
        refuse(t("room.too_many_files", { count: max_attachments }));
    },
    [chosen.length, max_attachments, max_attachment_bytes, t, language],
  );
  const remove = useCallback(
    (key: string) => setChosen((known) => known.filter((one) => one.key !== key)),
    [],
  );
  const clear = useCallback(() => setChosen([]), []);
  return { chosen, add, remove, clear };
}

/** The files as they are sent, with what could be measured. */
export async function outgoingFiles(chosen: readonly ChosenFile[]): Promise<OutgoingFile[]> {
  return await Promise.all(chosen.map(async ({ file, measured }) => ({ file, ...(await measured) })));
}
