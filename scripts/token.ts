/** `npm run token -- alice`: prints a development token. It is signed with the local secret, so no deployment takes it. */
import { readArguments, refuseArguments } from "./arguments.ts";
import { devToken } from "./dev-token.ts";
import { ensureDevVars } from "./dev-vars.ts";

const USAGE = `
Usage: npm run token -- <username>

Prints a token that the local server (npm run dev) accepts for a week. The user is made when it is first used.

  <username>   3 to 32 of a-z, 0-9, _ . -
`;

const { positionals } = readArguments({ usage: USAGE, words: 1 });
const name = (positionals[0] ?? "").toLowerCase();
if (!/^[a-z0-9_.-]{3,32}$/.test(name)) refuseArguments("A username is 3 to 32 of a-z, 0-9, _ . -");
console.log(await devToken(name, ensureDevVars()));
