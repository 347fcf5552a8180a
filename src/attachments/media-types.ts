/** Normalises media types. Clients write the same type in many ways. */

/** Aliases of the types that we support, from browsers, phones and file extension tables. */
const ALIASES: Readonly<Record<string, string>> = {
  "image/jpg": "image/jpeg",
  "image/pjpeg": "image/jpeg",
  "image/jfif": "image/jpeg",
  "image/x-jpeg": "image/jpeg",
  "image/x-png": "image/png",
  "image/apng": "image/png",
  "image/vnd.mozilla.apng": "image/png",
  "image/x-gif": "image/gif",
  "image/x-webp": "image/webp",
  "image/avif-sequence": "image/avif",
  "video/m4v": "video/mp4",
  "video/x-m4v": "video/mp4",
  "video/x-mp4": "video/mp4",
  "video/mov": "video/quicktime",
  "video/x-quicktime": "video/quicktime",
  "audio/mp3": "audio/mpeg",
  "audio/mpeg3": "audio/mpeg",
  "audio/mpg": "audio/mpeg",
  "audio/x-mp3": "audio/mpeg",
  "audio/x-mpeg": "audio/mpeg",
  "audio/x-mpeg-3": "audio/mpeg",
  "audio/x-mpeg3": "audio/mpeg",
  "audio/x-mpg": "audio/mpeg",
  "audio/m4a": "audio/mp4",
  "audio/x-m4a": "audio/mp4",
  "audio/x-mp4": "audio/mp4",
  "audio/mp4a-latm": "audio/mp4",
  "audio/aacp": "audio/aac",
  "audio/x-aac": "audio/aac",
  "audio/x-hx-aac-adts": "audio/aac",
  "audio/opus": "audio/ogg",
  "audio/vorbis": "audio/ogg",
  "audio/x-ogg": "audio/ogg",
  "audio/x-opus+ogg": "audio/ogg",
  "audio/x-vorbis+ogg": "audio/ogg",
  "audio/vnd.wave": "audio/wav",
  "audio/wave": "audio/wav",
  "audio/x-pn-wav": "audio/wav",
  "audio/x-wav": "audio/wav",
  "audio/x-flac": "audio/flac",
};

/**
 * Normalises a media type: lower case, no parameters, no alias.
 * @param contentType from a client, such as `Audio/WebM; codecs="opus"`.
 */
export function mediaType(contentType: string): string {
  const [essence = ""] = contentType.split(";");
  const name = essence.trim().toLowerCase();
  return Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? name) : name;
}
