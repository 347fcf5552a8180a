/** Hooks for files: uploads that are not part of a message yet, and links that `<img>` can use. */
import {
  type LinkedAttachment,
  type UploadFile,
  type UploadOptions,
  upload as uploadFile,
} from "@rocket-chat-api/client/upload";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "./provider.ts";

/** A file that is on its way, has arrived, or failed. */
export interface UploadItem {
  /** The key for React. */
  readonly key: string;
  readonly file: UploadFile;
  readonly state: "uploading" | "done" | "failed";
  /** From 0 to 1. */
  readonly progress: number;
  /** For a message (`attachment_ids`), of one that is done. */
  readonly attachment_id: string | null;
  /** What was thrown, of a failed one. */
  readonly error: unknown;
}

/** What is known of the media. */
export type UploadMedia = Omit<UploadOptions, "onProgress" | "signal">;

/** Uploads, and how to begin and end them. */
export interface UploadsView {
  uploads: readonly UploadItem[];
  /** Begins at once. @returns the `attachment_id`; null if it failed or was cancelled, which `uploads` shows. */
  upload: (file: UploadFile, media?: UploadMedia) => Promise<string | null>;
  /** Takes one out, and ends it if it is on its way. */
  cancel: (key: string) => void;
  /** Takes all out: they are in a message now. */
  clear: () => void;
}

let count = 0;

/** Uploads files for a conversation before the message is sent. To send files at once, see `useSend`. */
export function useUpload(conversationId: string): UploadsView {
  const { client } = useStore();
  const [uploads, setUploads] = useState<readonly UploadItem[]>([]);
  const aborts = useRef(new Map<string, AbortController>());

  // What is not sent when the composer goes is not uploaded to its end.
  useEffect(() => {
    const running = aborts.current;
    return () => {
      for (const abort of running.values()) abort.abort(new Error("the upload was cancelled"));
      running.clear();
    };
  }, []);

  const upload = useCallback(
    async (file: UploadFile, media: UploadMedia = {}) => {
      count += 1;
      const key = `upload-${count}`;
      const abort = new AbortController();
      aborts.current.set(key, abort);
      const change = (patch: Partial<UploadItem>) =>
        setUploads((known) => known.map((one) => (one.key === key ? { ...one, ...patch } : one)));
      const item: UploadItem = {
        key,
        file,
        state: "uploading",
        progress: 0,
        attachment_id: null,
        error: null,
      };
      setUploads((known) => [...known, item]);
      try {
        const onProgress = (progress: number) => change({ progress });
        const attachment_id = await uploadFile(client, conversationId, file, {
          ...media,
          onProgress,
          signal: abort.signal,
        });
        change({ state: "done", progress: 1, attachment_id });
        return attachment_id;
      } catch (error) {
        change({ state: "failed", error });
        return null;
      } finally {
        aborts.current.delete(key);
      }
    },
    [client, conversationId],
  );
  const cancel = useCallback((key: string) => {
    aborts.current.get(key)?.abort(new Error("the upload was cancelled"));
    setUploads((known) => known.filter((one) => one.key !== key));
  }, []);
  const clear = useCallback(() => {
    for (const abort of aborts.current.values()) abort.abort(new Error("the upload was cancelled"));
    setUploads([]);
  }, []);
  return useMemo(() => ({ uploads, upload, cancel, clear }), [uploads, upload, cancel, clear]);
}

/**
 * A link to an attachment that `<img>` and `<video>` can use; undefined until it is here, or if there is none.
 * @param attachment as its message has it: a link that came with it is there at the first render. Or its id.
 */
export function useAttachmentUrl(
  attachment: string | LinkedAttachment | null | undefined,
): string | undefined {
  const { urls } = useStore();
  const id = typeof attachment === "string" ? attachment : attachment?.attachment_id;
  const [link, setLink] = useState<{ id: string; url: string | undefined }>();
  // What is shown stays as it is when the same attachment comes again with another link.
  const latest = useRef(attachment);
  latest.current = attachment;
  useEffect(() => {
    if (id === undefined) return undefined;
    let isShown = true;
    void urls.get(latest.current ?? id).then((url) => {
      if (isShown) setLink({ id, url });
    });
    return () => {
      isShown = false;
    };
  }, [urls, id]);
  if (link && link.id === id) return link.url;
  return attachment ? urls.known(attachment) : undefined;
}
