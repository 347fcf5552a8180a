/** Puts bytes to the storage, with progress where the platform tells it. */

/** The storage has refused the bytes, or could not be reached. */
export class UploadFailed extends Error {
  override readonly name = "UploadFailed";
  /** HTTP status; 0 if nothing was answered. */
  readonly status: number;

  constructor(status: number) {
    super(status === 0 ? "the upload was not answered" : `the storage answered ${status}`);
    this.status = status;
  }
}

/** One PUT. */
export interface Put {
  url: string;
  headers: Record<string, string>;
  /** The bytes: a `Blob` or `File`; in React Native also what has a `uri`. */
  body: unknown;
  signal: AbortSignal | undefined;
  /** Called with the part that is sent, from 0 to 1. */
  onProgress(part: number): void;
}

/** The part of `XMLHttpRequest` that is used. Browsers and React Native have it; it alone tells how much is sent. */
interface Request {
  readonly status: number;
  readonly upload: { onprogress: ((event: { loaded: number; total: number }) => void) | null };
  onload: (() => void) | null;
  onerror: (() => void) | null;
  onabort: (() => void) | null;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  send(body: unknown): void;
  abort(): void;
}

/** Sends the bytes once. @throws UploadFailed. @throws what the signal says when it ends it. */
export async function put(request: Put): Promise<void> {
  const { XMLHttpRequest } = globalThis as unknown as { XMLHttpRequest?: new () => Request };
  const status = XMLHttpRequest ? await putWith(new XMLHttpRequest(), request) : await putByFetch(request);
  if (request.signal?.aborted) throw abortOf(request.signal);
  if (status < 200 || status > 299) throw new UploadFailed(status);
  request.onProgress(1);
}

/** Why a signal has fired, as an error. */
export function abortOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("the upload was cancelled");
}

async function putWith(xhr: Request, { url, headers, body, signal, onProgress }: Put): Promise<number> {
  const abort = () => xhr.abort();
  signal?.addEventListener("abort", abort);
  try {
    return await new Promise<number>((resolve) => {
      xhr.open("PUT", url);
      for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
      xhr.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
      xhr.onload = () => resolve(xhr.status);
      xhr.onerror = () => resolve(0);
      xhr.onabort = () => resolve(0);
      xhr.send(body);
    });
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

async function putByFetch({ url, headers, body, signal }: Put): Promise<number> {
  try {
    const sent = { method: "PUT", headers, body: body as RequestInit["body"] & {}, signal: signal ?? null };
    const response = await fetch(url, sent);
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
}
