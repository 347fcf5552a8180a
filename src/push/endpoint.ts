/**
 * Where Web Push may send to. The address comes from a client, so without rules the service would send requests wherever
 * a user likes (SSRF).
 */
import { type Failure, failure, isLoopbackHost } from "@rocket-chat-api/protocol";
import type { DeploymentSettings } from "../settings.ts";
import { isPublicAddress } from "./addresses.ts";
import { addressOf } from "./credentials.ts";
import { ask, jsonOf, withDeadline } from "./request.ts";

/** The push services of browsers. A wildcard stands for one label or more. */
const PUSH_SERVICES = [
  // Chrome, Edge on Android, Opera, Samsung Internet.
  "fcm.googleapis.com",
  // Chromium that is built without keys of Google.
  "jmt17.google.com",
  // Firefox.
  "*.push.services.mozilla.com",
  // Safari.
  "*.push.apple.com",
  // Edge on Windows.
  "*.notify.windows.com",
];

const DNS_URL = "https://cloudflare-dns.com/dns-query";
const DNS_DEADLINE_MS = 5000;
/** Types of records. */
const RECORDS = { A: 1, AAAA: 28 } as const;
const NO_SUCH_NAME = 3;
/** Names that no public resolver knows. */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|home\.arpa)$/;

/** `WEB_PUSH_HOSTS`. */
interface HostRules {
  /** With a port: trusted as they are. */
  withPort: string[];
  names: string[];
  isAny: boolean;
}

function hostRules(setting: string | undefined): HostRules {
  const entries = (setting ?? "").split(",").flatMap((entry) => entry.trim().toLowerCase() || []);
  return {
    withPort: entries.filter((entry) => entry.includes(":")),
    names: entries.filter((entry) => !entry.includes(":") && entry !== "*"),
    isAny: entries.includes("*"),
  };
}

function matches(host: string, pattern: string): boolean {
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;
}

function isIpLiteral(host: string): boolean {
  // The URL parser writes every spelling of IPv4 in four decimal parts.
  return host.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(host);
}

const refuse = (message: string) => failure("VALIDATION_ERROR", message);

/** What can be said of an endpoint without asking anything: allowed, refused, or that its name must be resolved. */
function checkAddress(env: DeploymentSettings, endpoint: string): Failure | "allowed" | "resolve" {
  if (!URL.canParse(endpoint)) return refuse("The endpoint is not a URL");
  const url = new URL(endpoint);
  const { protocol, hostname: host } = url;
  if (url.username !== "" || url.password !== "") return refuse("The endpoint has a user name");
  const rules = hostRules(env.WEB_PUSH_HOSTS);
  const port = url.port || (protocol === "https:" ? "443" : "80");
  if (rules.withPort.includes(`${host}:${port}`)) {
    const isSafe = protocol === "https:" || (protocol === "http:" && isLoopbackHost(host));
    return isSafe ? "allowed" : refuse("The endpoint is not an https URL");
  }
  if (protocol !== "https:") return refuse("The endpoint is not an https URL");
  if (url.port !== "") return refuse("The endpoint has a port of its own");
  if (isIpLiteral(host)) return refuse("The endpoint is an IP address");
  if ([...PUSH_SERVICES, ...rules.names].some((pattern) => matches(host, pattern))) return "allowed";
  if (!rules.isAny) return refuse("The endpoint is not of a known push service");
  if (!host.includes(".") || host.endsWith(".") || LOCAL_NAME.test(host)) {
    return refuse("The endpoint is not a public host");
  }
  return "resolve";
}

/**
 * Whether a subscription may be registered, and sent to.
 *
 * With `WEB_PUSH_HOSTS = "*"` the name is resolved, and every address must be public. The runtime resolves it again when
 * the request is sent, so a name whose answers change in between could still lead elsewhere; a deployed Worker reaches no
 * private network in any case.
 * @returns why not; `SERVICE_UNAVAILABLE` if the name cannot be resolved now.
 */
export async function checkEndpoint(
  env: DeploymentSettings,
  endpoint: string,
  signal?: AbortSignal,
): Promise<Failure | undefined> {
  const verdict = checkAddress(env, endpoint);
  if (verdict === "allowed") return undefined;
  if (verdict !== "resolve") return verdict;
  const host = new URL(endpoint).hostname;
  return signal
    ? await checkName(env, host, signal)
    : await withDeadline(DNS_DEADLINE_MS, async (own) => await checkName(env, host, own));
}

async function checkName(
  env: DeploymentSettings,
  host: string,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const resolver = addressOf(env.PUSH_DNS_URL || DNS_URL);
  if (resolver === undefined) return failure("SERVICE_UNAVAILABLE", "PUSH_DNS_URL is not an https URL");
  const [v4, v6] = await Promise.all([
    resolve(resolver, host, "A", signal),
    resolve(resolver, host, "AAAA", signal),
  ]);
  if (v4 === undefined || v6 === undefined) {
    return failure("SERVICE_UNAVAILABLE", "The name of the push service cannot be resolved now");
  }
  const addresses = [...v4, ...v6];
  if (addresses.length === 0) return refuse("The host of the endpoint does not exist");
  return addresses.every(isPublicAddress) ? undefined : refuse("The endpoint is not a public host");
}

/** The addresses of a name, by DNS over HTTPS in JSON. Undefined if the resolver does not answer. */
async function resolve(
  resolver: string,
  host: string,
  type: keyof typeof RECORDS,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const url = new URL(resolver);
  url.searchParams.set("name", host);
  url.searchParams.set("type", type);
  const answer = await ask(url.href, { headers: { accept: "application/dns-json" } }, signal);
  if (!("text" in answer) || answer.status !== 200) return undefined;
  const { Status, Answer } = jsonOf(answer.text);
  if (Status === NO_SUCH_NAME) return [];
  if (Status !== 0) return undefined;
  const records: unknown[] = Array.isArray(Answer) ? Answer : [];
  return records.flatMap((record) => {
    const { type: kind, data } = Object(record) as { type?: unknown; data?: unknown };
    return kind === RECORDS[type] ? [String(data)] : [];
  });
}
