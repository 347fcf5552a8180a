/** The settings of the page, which `npm run assets` writes to /config.json (docs/page.md). */

/** What a deployment decides about its page. */
export interface PageConfig {
  /** Where the service is; empty is the host that serves the page. */
  api: string;
  /** Answers a POST with `{ "token": "..." }` for whoever is signed in; null is none. */
  token_endpoint: string | null;
  /** Origins of pages that may pass a token by `postMessage`: those that frame this one, or have opened it. */
  parent_origins: readonly string[];
}

const DEFAULTS: PageConfig = { api: "", token_endpoint: null, parent_origins: [] };

/** Loads the settings. Without an answer they are the usual ones, so that the page starts while it is offline. */
export async function loadConfig(): Promise<PageConfig> {
  try {
    const response = await fetch("/config.json");
    const given = response.ok ? ((await response.json()) as Partial<PageConfig>) : {};
    return { ...DEFAULTS, ...given };
  } catch {
    return DEFAULTS;
  }
}
