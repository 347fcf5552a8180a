/** `npm run keys`: makes, lists and revokes the API keys of the app's own backend (rule 28). */
import { createHash, randomBytes, randomInt } from "node:crypto";
import { pathToFileURL } from "node:url";
import { API_KEY_PREFIX, isGrantedScope, SCOPES } from "@rocket-chat-api/protocol/facts";
import { readArguments, refuseArguments } from "./arguments.ts";
import { LOCATION, LOCATION_FLAGS, placeOf, query } from "./d1.ts";

const USAGE = `
Usage: npm run keys -- create --scopes <scopes> [--name <name>] [--env <name>]
       npm run keys -- list [--env <name>]
       npm run keys -- revoke <id> [--env <name>]

API keys for the app's own backend. A key is shown once; only its hash is stored. A revoked key ends within a minute.

  --scopes <scopes>    ${SCOPES.join(", ")}, with commas between them; or *
  --name <name>        what you call it: letters, digits, spaces and - _ . (at most 60)
${LOCATION}`;

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A new key, and what is stored of it. */
export function newKey(): { key: string; key_id: string; hash: string } {
  const key_id = Array.from({ length: 8 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
  const secret = randomBytes(32).toString("base64url");
  const hash = createHash("sha256").update(secret).digest("hex");
  return { key: `${API_KEY_PREFIX}${key_id}_${secret}`, key_id, hash };
}

/** The id of a key: what stands between its first underscores. Undefined if it is no key. */
export function keyIdOf(key: string): string | undefined {
  const [id = ""] = key.startsWith(API_KEY_PREFIX) ? key.slice(API_KEY_PREFIX.length).split("_") : [];
  return /^[a-z0-9]{8}$/.test(id) ? id : undefined;
}

/** The scopes of a list with commas, or the word that is none. */
function parseScopes(list: string): { scopes: string[] } | { unknown: string } {
  const words = list.split(",").map((word) => word.trim());
  const unknown = words.find((word) => !isGrantedScope(word));
  return unknown === undefined ? { scopes: [...new Set(words)] } : { unknown };
}

/** What is stored of a key in `api_keys`. Every value has been checked to need no quoting. */
export function insertOf(
  { key_id, hash }: { key_id: string; hash: string },
  scopes: string[],
  name: string,
  now: number,
): string {
  return `INSERT INTO api_keys (key_id, hash, scopes, name, created_at)
    VALUES ('${key_id}', '${hash}', '${scopes.join(" ")}', '${name}', ${now})`;
}

function create(given: { scopes?: string | undefined; name: string }, place: string[]): void {
  const { scopes: list = "", name } = given;
  const parsed = parseScopes(list);
  if ("unknown" in parsed) {
    refuseArguments(list === "" ? "--scopes is needed" : `There is no scope '${parsed.unknown}'`);
  }
  if (!/^[\w .-]{0,60}$/.test(name)) refuseArguments("--name is letters, digits, spaces and - _ .");
  const fresh = newKey();
  query(place, insertOf(fresh, parsed.scopes, name, Date.now()));
  console.log(fresh.key);
  console.error("This key is shown once. Keep it where your backend keeps its secrets.");
}

function list(place: string[]): void {
  const rows = query(
    place,
    "SELECT key_id, name, scopes, created_at, revoked_at FROM api_keys ORDER BY created_at",
  );
  const date = (at: string | number | null | undefined) => (at ? new Date(Number(at)).toISOString() : "");
  for (const { key_id, name, scopes, created_at, revoked_at } of rows) {
    const state = revoked_at === null ? "" : `  revoked ${date(revoked_at)}`;
    console.log(`${key_id}  ${date(created_at)}  ${scopes}  ${name}${state}`.trimEnd());
  }
  if (rows.length === 0) console.log("There are no keys.");
}

function revoke(keyId: string, place: string[]): void {
  // A whole key is taken too: the id is what stands between its first underscores.
  const id = keyId.startsWith(API_KEY_PREFIX) ? keyId.slice(API_KEY_PREFIX.length).split("_")[0] : keyId;
  if (!/^[a-z0-9]{8}$/.test(id ?? "")) refuseArguments("revoke takes the id of a key: see list");
  const revoked = query(
    place,
    `UPDATE api_keys SET revoked_at = coalesce(revoked_at, ${Date.now()}) WHERE key_id = '${id}' RETURNING key_id`,
  );
  if (revoked.length === 0) {
    console.error(`There is no key ${id}`);
    process.exit(1);
  }
  console.log(`Revoked ${id}. It ends within a minute.`);
}

function main(): void {
  const { values, positionals } = readArguments({
    usage: USAGE,
    words: 2,
    options: {
      scopes: { type: "string" },
      name: { type: "string", default: "" },
      ...LOCATION_FLAGS,
    },
  });
  const place = placeOf(values);
  const [action, id = ""] = positionals;
  if (action === "create") create(values, place);
  else if (action === "list") list(place);
  else if (action === "revoke") revoke(id, place);
  else if (action === undefined) refuseArguments("Say what to do: create, list or revoke");
  else refuseArguments(`There is no '${action}'`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
