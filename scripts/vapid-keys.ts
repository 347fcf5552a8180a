/** `npm run vapid-keys`: makes the key pair of Web Push (RFC 8292). */
import { createECDH } from "node:crypto";
import { readArguments } from "./arguments.ts";

const USAGE = `
Usage: npm run vapid-keys

Prints a new key pair for Web Push, as lines for .dev.vars. For a deployment: put the private key there with
\`wrangler secret put VAPID_PRIVATE_KEY\`, and the other two under [vars] in wrangler.toml. Keep the pair: every
subscription is bound to it.
`;

/** Bytes of a private key. OpenSSL leaves out zeros at the beginning. */
const KEY_BYTES = 32;

readArguments({ usage: USAGE });
const pair = createECDH("prime256v1");
pair.generateKeys();
const secret = pair.getPrivateKey();
const padded = Buffer.concat([Buffer.alloc(KEY_BYTES - secret.length), secret]);
console.log(`VAPID_PRIVATE_KEY="${padded.toString("base64url")}"`);
console.log(`VAPID_PUBLIC_KEY="${pair.getPublicKey("base64url")}"`);
console.log(`VAPID_SUBJECT="mailto:you@example.com"`);
