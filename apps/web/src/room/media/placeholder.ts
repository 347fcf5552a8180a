/** Placeholders of pictures (ThumbHash): a blurred picture in 30 bytes, which comes with the message. */
import { rgbaToThumbHash, thumbHashToDataURL } from "thumbhash";

const KNOWN = new Map<string, string>();
/** No more are kept. */
const MOST_KNOWN = 200;
/** A ThumbHash has no more bytes than this; a longer text is another format. */
const MOST_BYTES = 40;

/** A placeholder as the address of a small picture; undefined where it is no ThumbHash. */
export function placeholderUrl(placeholder: string | undefined): string | undefined {
  if (!placeholder) return undefined;
  const known = KNOWN.get(placeholder);
  if (known !== undefined) return known || undefined;
  if (KNOWN.size >= MOST_KNOWN) KNOWN.clear();
  const made = decode(placeholder);
  KNOWN.set(placeholder, made);
  return made || undefined;
}

function decode(placeholder: string): string {
  try {
    const bytes = Uint8Array.from(atob(placeholder), (letter) => letter.charCodeAt(0));
    return bytes.length < 5 || bytes.length > MOST_BYTES ? "" : thumbHashToDataURL(bytes);
  } catch {
    // A BlurHash, or nonsense.
    return "";
  }
}

/** The longer side of what a ThumbHash is made from. */
const SIDE = 100;

/** The placeholder of a picture; undefined where the browser gives no pixels. */
export function placeholderOf(
  source: ImageBitmap | HTMLVideoElement,
  width: number,
  height: number,
): string | undefined {
  const scale = SIDE / Math.max(width, height);
  const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  const canvas = document.createElement("canvas");
  canvas.width = w;
  canvas.height = h;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return undefined;
  context.drawImage(source, 0, 0, w, h);
  const hash = rgbaToThumbHash(w, h, context.getImageData(0, 0, w, h).data);
  return btoa(String.fromCharCode(...hash));
}
