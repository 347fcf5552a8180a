/**
 * Signs links to attachments. The key is derived from the secret that signs uploads: a deployment that can take files can link
 * to them, and a new secret ends the links that were made with the old one.
 */
import type { AttachmentLink, SignedQuery } from "@rocket-chat-api/protocol";
import { timestamp } from "@rocket-chat-api/protocol";
import { linkExpiry } from "../domain/attachment-link.ts";
import type { StoredAttachment } from "../domain/attachments.ts";
import type { EpochMs } from "../domain/time.ts";

/** What a signature stands for. */
interface Signed {
  attachment_id: string;
  /** The etag of the bytes. */
  etag: string;
  /** When the link ends, in seconds since 1970. */
  expires: number;
  isDownload: boolean;
}

const encoder = new TextEncoder();
/** The derived keys of each secret, by purpose. A deployment has one secret. */
const keys = new Map<string, Promise<CryptoKey>>();

async function deriveKey(secret: string, what: string): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveKey"]);
  const purpose = {
    name: "HKDF",
    hash: "SHA-256",
    salt: new Uint8Array(),
    info: encoder.encode(what),
  };
  const hmac = { name: "HMAC", hash: "SHA-256", length: 256 };
  return await crypto.subtle.deriveKey(purpose, base, hmac, false, ["sign", "verify"]);
}

/** The key that signs for one purpose. A signature for one is none for another. */
export function signingKey(secret: string, what: string): Promise<CryptoKey> {
  const name = `${what}\n${secret}`;
  const known = keys.get(name);
  if (known) return known;
  const made = deriveKey(secret, what);
  keys.set(name, made);
  return made;
}

function keyOf(secret: string): Promise<CryptoKey> {
  return signingKey(secret, "attachment links");
}

/** JSON, so that no two contents have the same bytes. */
function bytesOf({ attachment_id, etag, expires, isDownload }: Signed): Uint8Array {
  return encoder.encode(JSON.stringify([attachment_id, etag, expires, isDownload]));
}

/**
 * A link to an attachment that the caller may see now.
 * @param origin of the API.
 */
export async function linkTo(
  secret: string,
  { attachment_id, etag }: Pick<StoredAttachment, "attachment_id" | "etag">,
  { origin, isDownload }: { origin: string; isDownload: boolean },
  now: EpochMs,
): Promise<AttachmentLink> {
  const { path, expires } = await signedPath(secret, { attachment_id, etag, isDownload }, linkExpiry(now));
  return {
    attachment_id,
    signed_url: new URL(path, origin).href,
    signed_url_expires_at: timestamp(expires * 1000),
  };
}

/** The path and query of a link. @param expires when it ends, in seconds since 1970. */
export async function signedPath(
  secret: string,
  { attachment_id, etag, isDownload }: Omit<Signed, "expires">,
  expires: number,
): Promise<{ path: string; expires: number }> {
  const bytes = bytesOf({ attachment_id, etag, expires, isDownload });
  const signature = await crypto.subtle.sign("HMAC", await keyOf(secret), bytes);
  const query = new URLSearchParams({ v: etag, expires: String(expires) });
  if (isDownload) query.set("download", "1");
  query.set("sig", Buffer.from(signature).toString("base64url"));
  return { path: `/api/v1/attachments/${attachment_id}/file?${query}`, expires };
}

/** Whether a link was signed by us. Whether it has ended is another question. */
export async function isSigned(secret: string, attachment_id: string, query: SignedQuery): Promise<boolean> {
  const { v: etag, expires, download, sig } = query;
  const bytes = bytesOf({ attachment_id, etag, expires: Number(expires), isDownload: download === "1" });
  return await crypto.subtle.verify("HMAC", await keyOf(secret), Buffer.from(sig, "base64url"), bytes);
}
