/** What `<img>`, `<video>` and `<audio>` load. */
import { useAttachmentUrl } from "@rocket-chat-api/react";
import { useEffect, useState } from "react";
import type { MediaItem } from "./item.ts";

/** An address of a file: the file itself where it was sent from here, else a link; undefined until there is one. */
export function useSource({ file, attachment }: MediaItem): string | undefined {
  const local = useObjectUrl(file);
  const remote = useAttachmentUrl(file ? null : attachment);
  return file ? local : remote;
}

/** An address of a file of this page, for as long as the component lives. */
export function useObjectUrl(file: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!file) return undefined;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
      setUrl(undefined);
    };
  }, [file]);
  return url;
}
