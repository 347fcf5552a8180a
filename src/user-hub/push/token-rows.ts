/** The hub's rows of tokens that its devices no longer have. */
import { and, eq, lt, sql } from "drizzle-orm";
import { droppedTokens, releasedTokens } from "../schema.ts";
import type { HubStore } from "../store.ts";

/** Milliseconds for which a taken token is remembered: no registration takes so long. */
const RELEASED_MS = 86_400_000;

/** A token, and the registration that brought it (directory/device-tokens.ts). */
export type DroppedToken = typeof droppedTokens.$inferSelect;

export class TokenRows {
  readonly #hub: Pick<HubStore, "db">;

  constructor(hub: Pick<HubStore, "db">) {
    this.#hub = hub;
  }

  /** The registration that has taken a token from this user last; 0 if none has. */
  releasedVersion(token_hash: string): number {
    const row = this.#hub.db
      .select()
      .from(releasedTokens)
      .where(eq(releasedTokens.token_hash, token_hash))
      .get();
    return row?.version ?? 0;
  }

  /** Notes who has taken a token. Versions are times: older ones belong to registrations that have ended long ago. */
  putReleased(token_hash: string, version: number): void {
    this.#hub.db
      .delete(releasedTokens)
      .where(lt(releasedTokens.version, version - RELEASED_MS))
      .run();
    this.#hub.db
      .insert(releasedTokens)
      .values({ token_hash, version })
      .onConflictDoUpdate({
        target: releasedTokens.token_hash,
        set: { version: sql`max(${releasedTokens.version}, excluded.version)` },
      })
      .run();
  }

  /** No device here has a token any more, and no other user has taken it: the directory is to forget it. */
  drop({ token_hash, version }: DroppedToken): void {
    this.#hub.db
      .insert(droppedTokens)
      .values({ token_hash, version })
      .onConflictDoUpdate({
        target: droppedTokens.token_hash,
        set: { version: sql`max(${droppedTokens.version}, excluded.version)` },
      })
      .run();
  }

  /** Tokens that the directory is to forget, limited. */
  dropped(limit: number): DroppedToken[] {
    return this.#hub.db.select().from(droppedTokens).limit(limit).all();
  }

  /** The directory has forgotten a token. */
  removeDropped({ token_hash, version }: DroppedToken): void {
    const isSame = and(eq(droppedTokens.token_hash, token_hash), eq(droppedTokens.version, version));
    this.#hub.db.delete(droppedTokens).where(isSame).run();
  }
}
