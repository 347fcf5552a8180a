/** A store in memory: for tests, and for clients that are made again in the same process. */
import type { StoreBackend, StoredFields } from "./backend.ts";

/** A place that lives as long as this object. */
export function memoryBackend(): StoreBackend {
  const scopes = new Map<string, StoredFields>();
  return {
    keepsFiles: true,
    load: async (scope) => ({ ...scopes.get(scope) }),
    async save(scope, patch) {
      const fields = Object.entries({ ...scopes.get(scope), ...patch });
      scopes.set(scope, Object.fromEntries(fields.filter(([, value]) => value !== undefined)));
    },
    async drop(scope) {
      scopes.delete(scope);
    },
    async clear() {
      scopes.clear();
    },
  };
}
