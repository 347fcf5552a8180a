/** The chat page's settings (page.json), and the headers of files that the platform serves. Pure: scripts/assets.ts writes. */

/** page.json. docs/page.md describes each. */
export interface PageSettings {
  /** Whether the deployment has the page. */
  enabled: boolean;
  /** Where the service is; empty is the host that serves the page. */
  api: string;
  token_endpoint: string | null;
  parent_origins: string[];
  /** Where uploads go. */
  storage_origins: string[];
}

const DEFAULTS: PageSettings = {
  enabled: true,
  api: "",
  token_endpoint: null,
  parent_origins: [],
  storage_origins: [],
};

/** A source of a policy: an origin, in which the first label may be `*`. */
const ORIGIN = /^(?:https?|wss?):\/\/(?:\*\.)?[a-z0-9.-]+(?::\d+)?$/i;

/** Reads page.json. @throws Error that names the setting that is wrong. */
export function parsePageSettings(text: string): PageSettings {
  const given = JSON.parse(text) as Record<string, unknown>;
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(DEFAULTS, name));
  if (unknown.length > 0) throw new Error(`page.json: there is no setting '${unknown[0]}'`);
  const settings = { ...DEFAULTS, ...given } as PageSettings;
  if (typeof settings.enabled !== "boolean") throw new Error("page.json: 'enabled' must be true or false");
  for (const name of ["parent_origins", "storage_origins"] as const) {
    const origins = settings[name];
    const isList =
      Array.isArray(origins) && origins.every((one) => typeof one === "string" && ORIGIN.test(one));
    if (!isList)
      throw new Error(`page.json: '${name}' must be a list of origins, such as https://app.example.com`);
  }
  if (settings.parent_origins.some((one) => one.includes("*"))) {
    throw new Error("page.json: 'parent_origins' must name each origin: whoever is there can sign people in");
  }
  for (const name of ["api", "token_endpoint"] as const) {
    const address = settings[name];
    const isAddress =
      !address || (typeof address === "string" && URL.canParse(address, "https://page.invalid"));
    if (!isAddress) throw new Error(`page.json: '${name}' must be an address`);
  }
  return settings;
}

/** The origin of an address elsewhere, as a list of at most one. */
function originsOf(address: string | null): string[] {
  return address && URL.canParse(address) ? [new URL(address).origin] : [];
}

/** What the page may load, and who may frame it. No script or style stands in the page itself. */
export function pagePolicy(settings: PageSettings): string {
  const { api, token_endpoint, parent_origins, storage_origins } = settings;
  const service = originsOf(api);
  const sockets = service.map((origin) => origin.replace(/^http/, "ws"));
  const connect = [...service, ...sockets, ...originsOf(token_endpoint), ...storage_origins];
  const join = (...sources: string[]) => [...new Set(sources)].join(" ");
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    // Photos of profiles and groups are wherever the app keeps them.
    `img-src ${join("'self'", "blob:", "data:", "https:", ...service)}`,
    `media-src ${join("'self'", "blob:", ...service)}`,
    `connect-src ${join("'self'", ...connect)}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "form-action 'none'",
    `frame-ancestors ${parent_origins.length > 0 ? join("'self'", ...parent_origins) : "'none'"}`,
  ].join("; ");
}

/** The file `_headers`. */
export function headersFile(settings: PageSettings): string {
  const page = ["/", "/index.html"].flatMap((path) => [
    path,
    "  ! Content-Security-Policy",
    `  Content-Security-Policy: ${pagePolicy(settings)}`,
    "  Permissions-Policy: camera=(), geolocation=(), payment=(), usb=()",
    ...(settings.parent_origins.length > 0 ? ["  ! X-Frame-Options"] : []),
    "",
  ]);
  const worker = [
    "# It keeps the files of the page for a start without a network.",
    "/service-worker.js",
    "  ! Content-Security-Policy",
    "  Content-Security-Policy: default-src 'none'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "",
  ];
  return [
    "# Made by `npm run assets` (scripts/page-headers.ts), for files that the platform serves without asking the Worker.",
    "/*",
    "  X-Content-Type-Options: nosniff",
    "  X-Frame-Options: DENY",
    "  Referrer-Policy: no-referrer",
    "  Cross-Origin-Resource-Policy: same-origin",
    "  Content-Security-Policy: default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
    "  Strict-Transport-Security: max-age=31536000; includeSubDomains",
    "",
    "/docs/*",
    "  Cache-Control: public, max-age=3600",
    "",
    "# Their names change with their content.",
    "/assets/*",
    "  Cache-Control: public, max-age=31536000, immutable",
    "",
    ...(settings.enabled ? [...page, ...worker] : []),
  ].join("\n");
}
