/** `npm run vapid-keys`: makes the key pair of Web Push (RFC 8292). */
import { readArguments } from "./arguments.ts";
import { newVapidPair } from "./vapid-pair.ts";

const USAGE = `
Usage: npm run vapid-keys

Prints a new key pair for Web Push, as lines for .dev.vars. For a deployment: put the private key there with
\`wrangler secret put VAPID_PRIVATE_KEY\`, and the other two under [vars] in wrangler.toml. Keep the pair: every
subscription is bound to it.
`;

readArguments({ usage: USAGE });
for (const [name, value] of Object.entries(newVapidPair())) console.log(`${name}="${value}"`);
console.log(`VAPID_SUBJECT="mailto:you@example.com"`);
