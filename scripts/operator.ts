/** How a script of an operator reaches a deployment: the service with a server credential, the platform with its token. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ChatServer } from "@rocket-chat-api/server";
import { refuseArguments } from "./arguments.ts";
import { ensureDevVars } from "./dev-vars.ts";
import type { Platform } from "./platform.ts";
import { ROOT } from "./tools.ts";

/** What `--help` says of the credentials. */
export const CREDENTIALS = `
Environment, for a deployment:
  SERVER_TOKEN             a server token or an API key with the scope operate; or
  JWT_SECRET               the deployment's secret, with which a token is made. A directory that was lost has no API keys
  CLOUDFLARE_API_TOKEN     a token that may read the Workers of its account
`;

/** The address of a service. */
export function serviceUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    return refuseArguments(`--url takes an address that begins with https:// or http://, not '${text}'`);
  }
  return url;
}

/** Whether a service is on this machine. */
export function isLocal(url: URL): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
}

/** The service, as an operator. Locally its own secret is known. */
export function operatorOf(url: URL): ChatServer {
  const { SERVER_TOKEN: token, JWT_SECRET: secret } = process.env;
  const options = { url: url.origin, scopes: ["operate"] as const };
  if (token) return new ChatServer({ ...options, token: () => token });
  if (secret) return new ChatServer({ ...options, secret });
  if (isLocal(url)) return new ChatServer({ ...options, secret: ensureDevVars() });
  return refuseArguments("SERVER_TOKEN or JWT_SECRET is needed in the environment");
}

/** The platform behind a service. @param accountId of the deployment, if it is known. */
export function platformOf(url: URL, accountId?: string): Platform {
  if (isLocal(url)) return { base: `${url.origin}/cdn-cgi/local/explorer/api`, token: undefined };
  const { CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_API_BASE_URL } = process.env;
  // That of the deployment: a login may be of another.
  const account = accountId ?? CLOUDFLARE_ACCOUNT_ID;
  if (!account || !token) {
    return refuseArguments("CLOUDFLARE_API_TOKEN is needed in the environment");
  }
  const api = CLOUDFLARE_API_BASE_URL || "https://api.cloudflare.com/client/v4";
  return { base: `${api}/accounts/${account}`, token };
}

/** The Worker's name in wrangler.toml. */
export function workerName(): string {
  const text = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
  return /^name = "([^"]+)"/m.exec(text)?.[1] ?? "rocket-chat-api";
}
