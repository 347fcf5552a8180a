/** `npm run hashed-id -- <user id>`: what stands in the log in the place of a user's id. */
import { hashedId } from "../src/auth/hashed-id.ts";
import { readArguments, refuseArguments } from "./arguments.ts";
import { devVar } from "./dev-vars.ts";

const USAGE = `
Usage: npm run hashed-id -- <user id>

What stands in the log in the place of a user's id. The secret is the environment variable IDENTITY_SECRET of the deployment; without
one, that of \`npm run dev\`.
`;

const { positionals } = readArguments({ usage: USAGE, words: 1 });
const [userId] = positionals;
if (userId === undefined) refuseArguments("Which user id?");
console.log(hashedId(process.env.IDENTITY_SECRET ?? devVar("IDENTITY_SECRET"), userId));
