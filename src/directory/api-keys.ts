/** API keys of the app's backend (rule 28). `npm run keys` writes them; the Worker only reads. */
import { eq } from "drizzle-orm";
import type { Directory } from "./database.ts";
import { apiKeys } from "./server-schema.ts";

/** What is stored of a key, or undefined. */
export async function findApiKey(db: Directory, keyId: string) {
  return await db.query.apiKeys.findFirst({ where: eq(apiKeys.key_id, keyId) });
}
