/** The key pair of Web Push (RFC 8292). */
import { createECDH } from "node:crypto";

/** Bytes of a private key. OpenSSL leaves out zeros at the beginning. */
const KEY_BYTES = 32;

/** A new key pair, as settings of the service. */
export function newVapidPair(): Record<"VAPID_PRIVATE_KEY" | "VAPID_PUBLIC_KEY", string> {
  const pair = createECDH("prime256v1");
  pair.generateKeys();
  const secret = pair.getPrivateKey();
  const padded = Buffer.concat([Buffer.alloc(KEY_BYTES - secret.length), secret]);
  return {
    VAPID_PRIVATE_KEY: padded.toString("base64url"),
    VAPID_PUBLIC_KEY: pair.getPublicKey("base64url"),
  };
}
