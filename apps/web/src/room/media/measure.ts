/** What a page can find out about a file before it is sent: its sides, its duration, a placeholder. */
import { attachmentType, type UploadOptions } from "@rocket-chat-api/client/upload";
import { placeholderOf } from "./placeholder.ts";

/** What is known of a file. */
export type Measured = Pick<
  UploadOptions,
  "attachment_type" | "width" | "height" | "duration" | "placeholder"
>;

/** A file that takes longer is sent without, in milliseconds. */
const PATIENCE_MS = 4_000;

/** Measures a file. What the browser cannot read is sent as a `file` without measures. */
export async function measure(file: File): Promise<Measured> {
  const type = attachmentType(file);
  try {
    if (type === "image") return { attachment_type: type, ...(await measureImage(file)) };
    if (type === "video" || type === "audio")
      return { attachment_type: type, ...(await measureMedia(file, type)) };
  } catch {
    // What cannot be shown can still be downloaded.
    return { attachment_type: type === "image" ? "file" : type };
  }
  return { attachment_type: type };
}

async function measureImage(file: File): Promise<Measured> {
  const bitmap = await createImageBitmap(file);
  const { width, height } = bitmap;
  const placeholder = placeholderOf(bitmap, width, height);
  bitmap.close();
  return { width, height, ...(placeholder !== undefined && { placeholder }) };
}

async function measureMedia(file: File, type: "video" | "audio"): Promise<Measured> {
  const url = URL.createObjectURL(file);
  const media = document.createElement(type);
  try {
    await loaded(media, url);
    const duration =
      Number.isFinite(media.duration) && media.duration > 0 ? { duration: media.duration } : {};
    if (!(media instanceof HTMLVideoElement) || media.videoWidth === 0) return duration;
    const { videoWidth: width, videoHeight: height } = media;
    const placeholder = placeholderOf(media, width, height);
    return { width, height, ...duration, ...(placeholder !== undefined && { placeholder }) };
  } finally {
    media.removeAttribute("src");
    URL.revokeObjectURL(url);
  }
}

async function loaded(media: HTMLMediaElement, url: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the file cannot be read")), PATIENCE_MS);
    media.preload = "auto";
    media.muted = true;
    media.onloadeddata = () => {
      clearTimeout(timer);
      resolve();
    };
    media.onerror = () => {
      clearTimeout(timer);
      reject(new Error("the file cannot be read"));
    };
    media.src = url;
  });
}
