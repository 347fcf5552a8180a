/** Which web pages may use the service: origins of browsers, and the setting that names them (rule 4). */

/** A setting of origins, read once. */
export interface OriginRules {
  exact: ReadonlySet<string>;
  /** Origins whose first label is open: what stands before that label, and what stands after it. */
  wildcards: readonly { scheme: string; rest: string }[];
  /** Every page on this machine, whatever its port. For `npm run dev` only. */
  loopback: boolean;
  /** What was not understood, each with its reason, for the log. */
  invalid: readonly { entry: string; reason: string }[];
}

/** Stands for the wildcard while the URL is parsed. */
const ANY_LABEL = "wildcard-label";

/**
 * An origin as a browser would write it: lower case, no default port, no slash. Undefined where there is none in it.
 * Apps in a web view have schemes of their own (`capacitor://localhost`).
 */
export function normalizeOrigin(text: string): string | undefined {
  if (!/^[a-z][a-z\d+.-]*:\/\/[^/]/i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.pathname.length > 1 || url.search || url.hash || url.username || url.password) return undefined;
  return url.origin === "null" ? `${url.protocol}//${url.host.toLowerCase()}` : url.origin;
}

/** Reads the value of `ALLOWED_ORIGINS`, separated by commas. */
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
 * @param origin what the browser says. `null` (a sandbox, a file) is nobody's, and is refused.
 * @param own the origin that the request was sent to, whose pages may always.
 */
export function isAllowedOrigin(origin: string, own: string, rules: OriginRules): boolean {
  const normal = normalizeOrigin(origin);
  if (normal === undefined) return false;
  if (normal === own || rules.exact.has(normal)) return true;
  return (
    rules.wildcards.some((wildcard) => matches(normal, wildcard)) || (rules.loopback && isLoopback(normal))
  );
}

/** One label stands for the wildcard: neither none nor two. */
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
