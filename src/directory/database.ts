/** D1 through Drizzle. */
import { drizzle } from "drizzle-orm/d1";
import * as schema from "./schema.ts";

/** Opens the directory. */
export function openDirectory(db: D1Database) {
  return drizzle(db, { schema });
}
export type Directory = ReturnType<typeof openDirectory>;
