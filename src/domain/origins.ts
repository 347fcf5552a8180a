/** Decides which web origins may use the service (rule 4). */

/** The parsed setting. */
export interface OriginRules {
  exact: ReadonlySet<string>;
  /** Origins with a wildcard as their first label: the text before and after it. */
  wildcards: readonly { scheme: string; rest: string }[];
  /** Allows every page on this machine, on any port. For `npm run dev` only. */
  loopback: boolean;
  /** Entries that cannot be parsed, with the reason, for the log. */
  invalid: readonly { entry: string; reason: string }[];
}

/** Replaces the wildcard while the URL is parsed. */
const ANY_LABEL = "wildcard-label";

/**
 * An origin as a browser writes it: lower case, no default port, no slash. Undefined if the text is not an origin. Apps
 * in a web view have schemes of their own (`capacitor://localhost`).
 */
export function normalizeOrigin(text: string): string | undefined {
  if (!/^[a-z][a-z\d+.-]*:\/\/[^/]/i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.pathname.length > 1 || url.search || url.hash || url.username || url.password) return undefined;
  return url.origin === "null" ? `${url.protocol}//${url.host.toLowerCase()}` : url.origin;
}

/** Parses `ALLOWED_ORIGINS`, a list separated by commas. */
export function parseOrigins(setting: string, loopback = false): OriginRules {
  const exact = new Set<string>();
  const wildcards: { scheme: string; rest: string }[] = [];
  const invalid: { entry: string; reason: string }[] = [];
  for (const entry of setting.split(",").flatMap((part) => part.trim() || [])) {
    const origin = normalizeOrigin(entry.replace("://*.", `://${ANY_LABEL}.`));
    const reason = problemOf(entry, origin);
    if (reason !== undefined || origin === undefined) invalid.push({ entry, reason: reason ?? NO_ORIGIN });
    else if (entry.includes("://*.")) {
      const [scheme = "", rest = ""] = origin.split(ANY_LABEL);
      wildcards.push({ scheme, rest });
    } else exact.add(origin);
  }
  return { exact, wildcards, loopback, invalid };
}

const NO_ORIGIN = "write scheme, host and port only, such as https://app.example.com";

function problemOf(entry: string, origin: string | undefined): string | undefined {
  if (entry === "*") return "name each origin: every site at once is not allowed";
  if (entry.replace("://*.", "").includes("*")) {
    return "a wildcard stands for the whole first label, such as https://*.example.com";
  }
  if (origin === undefined) return NO_ORIGIN;
  if (/^(wss?|file|ftp|data|blob):/.test(origin)) return "a page's origin begins with https:// or http://";
  if (entry.includes("://*.") && !/\.[^.]+\.[^.]/.test(origin) && !/\.localhost(:\d+)?$/.test(origin)) {
    return "the wildcard would cover a whole top-level domain";
  }
  return undefined;
}

/**
 * Whether a page of this origin may call the service and open sockets.
 * @param origin from the browser. `null` (a sandbox, a file) is always refused.
 * @param own the origin of the request itself, which is always allowed.
 */
export function isAllowedOrigin(origin: string, own: string, rules: OriginRules): boolean {
  const normal = normalizeOrigin(origin);
  if (normal === undefined) return false;
  if (normal === own || rules.exact.has(normal)) return true;
  return (
    rules.wildcards.some((wildcard) => matches(normal, wildcard)) || (rules.loopback && isLoopback(normal))
  );
}

/** The wildcard matches exactly one label. */
function matches(origin: string, { scheme, rest }: { scheme: string; rest: string }): boolean {
  if (!origin.startsWith(scheme) || !origin.endsWith(rest)) return false;
  const label = origin.slice(scheme.length, -rest.length);
  return origin.length > scheme.length + rest.length && !/[.:/@]/.test(label);
}

function isLoopback(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  if (protocol !== "http:" && protocol !== "https:") return false;
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
