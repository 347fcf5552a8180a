/**
 * Message Encryption for Web Push (RFC 8291), with the encoding `aes128gcm` (RFC 8188), by WebCrypto. It is not a library
 * because those take neither a fixed key, which the vector of RFC 8291 needs, nor bytes that go elsewhere than to a push
 * service.
 */
import type { PushKeys } from "@rocket-chat-api/protocol";
import { base64url } from "jose";

const ECDH = { name: "ECDH", namedCurve: "P-256" };
/** RFC 8188, section 2.1: one record holds all that we send. */
const RECORD_BYTES = 4096;
const SALT_BYTES = 16;
const PUBLIC_KEY_BYTES = 65;
/** Salt, record size, length of the key, key. */
const HEADER_BYTES = SALT_BYTES + 4 + 1 + PUBLIC_KEY_BYTES;
/** The delimiter of the last record, and the tag of AES-GCM. */
const RECORD_OVERHEAD_BYTES = 1 + 16;
const LAST_RECORD = 2;

/** Bytes that encryption adds. */
export const ENCRYPTION_BYTES = HEADER_BYTES + RECORD_OVERHEAD_BYTES;

const encoder = new TextEncoder();

function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** HKDF with SHA-256 (RFC 5869). */
async function hkdf(salt: Uint8Array, secret: Uint8Array, info: Uint8Array, bytes: number) {
  const key = await crypto.subtle.importKey("raw", new Uint8Array(secret), "HKDF", false, ["deriveBits"]);
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(salt), info: new Uint8Array(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 8 * bytes));
}

/** What is random in a message, so that a test can fix it. */
export interface Randomness {
  /** A key pair for this message alone, P-256. */
  keys: CryptoKeyPair;
  salt: Uint8Array;
}

async function newRandomness(): Promise<Randomness> {
  const keys = await crypto.subtle.generateKey(ECDH, true, ["deriveBits"]);
  return { keys: keys as CryptoKeyPair, salt: crypto.getRandomValues(new Uint8Array(SALT_BYTES)) };
}

/**
 * Encrypts for a browser or a device.
 * @param keys what it has registered. Throws if `p256dh` is no point of the curve.
 * @returns the body of a request with `Content-Encoding: aes128gcm`.
 */
export async function encryptFor(
  keys: PushKeys,
  content: Uint8Array,
  random?: Randomness,
): Promise<Uint8Array<ArrayBuffer>> {
  const { keys: own, salt } = random ?? (await newRandomness());
  const theirs = base64url.decode(keys.p256dh);
  const theirKey = await crypto.subtle.importKey("raw", new Uint8Array(theirs), ECDH, false, []);
  const ownPublic = new Uint8Array((await crypto.subtle.exportKey("raw", own.publicKey)) as ArrayBuffer);
  // The types of Workers call the parameter `$public`, and the runtime takes `public` as WebCrypto does.
  const agreement = { name: "ECDH", public: theirKey } as unknown as Parameters<
    SubtleCrypto["deriveBits"]
  >[0];
  const shared = new Uint8Array(await crypto.subtle.deriveBits(agreement, own.privateKey, 256));
  // RFC 8291, section 3.4.
  const info = concat(encoder.encode("WebPush: info\0"), theirs, ownPublic);
  const secret = await hkdf(base64url.decode(keys.auth), shared, info, 32);
  // RFC 8188, sections 2.2 and 2.3. There is one record, so the nonce is that of number 0.
  const contentKey = await hkdf(salt, secret, encoder.encode("Content-Encoding: aes128gcm\0"), 16);
  const nonce = await hkdf(salt, secret, encoder.encode("Content-Encoding: nonce\0"), 12);
  const key = await crypto.subtle.importKey("raw", contentKey, "AES-GCM", false, ["encrypt"]);
  const record = concat(content, new Uint8Array([LAST_RECORD]));
  const encrypted = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, record);
  return concat(headerOf(salt, ownPublic), new Uint8Array(encrypted));
}

/** RFC 8188, section 2.1. */
function headerOf(salt: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, RECORD_BYTES);
  return concat(salt, size, new Uint8Array([publicKey.length]), publicKey);
}

/** Characters of base64, with padding, of so many bytes of content after encryption. */
export function encryptedBase64Length(contentBytes: number): number {
  return 4 * Math.ceil((contentBytes + ENCRYPTION_BYTES) / 3);
}

/** Bytes as base64 with padding, which Android and iOS read without help. */
export function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
