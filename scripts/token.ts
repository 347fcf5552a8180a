/** `npm run token -- alice`: prints a development token. It is signed with the local secret, so no deployment takes it. */

import { devToken } from "./dev-token.ts";
import { ensureDevVars } from "./dev-vars.ts";

const name = (process.argv[2] ?? "").toLowerCase();
if (!/^[a-z0-9_.-]{3,32}$/.test(name)) {
  console.error("usage: npm run token -- <username>   (3 to 32 of a-z, 0-9, _ . -)");
  process.exit(1);
}
console.log(await devToken(name, ensureDevVars()));
