/** Who uses this window, and where tokens come from. Every window has a session of its own. */
import type { TokenProvider } from "@rocket-chat-api/client";
import { userOf } from "@rocket-chat-api/client";
import type { PageConfig } from "./config.ts";
import { demoToken } from "./development.ts";
import { hasParent, tokenOfParent } from "./parent.ts";

/** A person at this window. */
export interface Session {
  readonly userId: string;
  readonly token: TokenProvider;
  /** The name at the development sign-in; undefined otherwise. */
  readonly demoName?: string;
}

/** In the window's own storage: what survives a reload. */
const STORED = "chat.session";

type Stored = { demo: string } | { token: string };

function stored(): Stored | null {
  return JSON.parse(sessionStorage.getItem(STORED) ?? "null") as Stored | null;
}

function store(value: Stored): void {
  sessionStorage.setItem(STORED, JSON.stringify(value));
}

/** Ends the session of this window. What the page then shows is the sign-in. */
export function endSession(): void {
  sessionStorage.removeItem(STORED);
  location.assign(location.pathname);
}

/** Takes `#token=...` out of the address, at once: it is neither in the history nor in what is copied from the bar. */
function takeFragment(): string | null {
  const token = new URLSearchParams(location.hash.replace(/^#/, "")).get("token");
  if (token !== null) history.replaceState(null, "", location.pathname);
  return token;
}

/** Takes `?as=bob` out of the address. */
function takeDemoName(): string | null {
  const address = new URL(location.href);
  const name = address.searchParams.get("as");
  address.searchParams.delete("as");
  if (name !== null) history.replaceState(null, "", address);
  return name;
}

async function tokenOfEndpoint(address: string): Promise<string> {
  const response = await fetch(address, { method: "POST", credentials: "include" });
  if (!response.ok) throw new Error(`the token endpoint answered with ${response.status}`);
  return ((await response.json()) as { token: string }).token;
}

/** A session whose tokens come from `provide`. @throws as it does, or if what comes is no token. */
async function sessionOf(provide: () => Promise<string>, demoName?: string): Promise<Session> {
  let first: string | undefined = await provide();
  const userId = userOf(first);
  if (userId === undefined) throw new Error("what was given as a token is none");
  const token = async (): Promise<string> => {
    const known = first;
    first = undefined;
    return known ?? (await provide());
  };
  return demoName === undefined ? { userId, token } : { userId, token, demoName };
}

/** Signs in as a demo person, until the window is closed. @throws if the service refuses. */
export async function signInAs(name: string): Promise<Session> {
  const session = await sessionOf(() => demoToken(name), name);
  store({ demo: name });
  return session;
}

/** The session of this window; null where the person must sign in. @throws as the token's source does. */
export async function findSession(config: PageConfig): Promise<Session | null> {
  const given = takeFragment();
  if (given !== null) store({ token: given });
  const demo = takeDemoName();
  if (demo !== null) store({ demo });
  const known = stored();
  if (known && "demo" in known) return await signInAs(known.demo);
  if (known) return await sessionOf(async () => known.token);
  const { token_endpoint, parent_origins } = config;
  if (token_endpoint !== null) return await sessionOf(() => tokenOfEndpoint(token_endpoint));
  if (parent_origins.length > 0 && hasParent()) return await sessionOf(() => tokenOfParent(parent_origins));
  return null;
}
