/** Who uses this window, and where tokens come from. Every window has a session of its own. */
import type { TokenProvider } from "@rocket-chat-api/client";
import { userOf } from "@rocket-chat-api/client";
import type { PageConfig } from "./config.ts";
import { demoPeople, demoToken } from "./development.ts";
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

type Stored = { demo: string; userId?: string } | { token: string };

function stored(): Stored | null {
  return JSON.parse(sessionStorage.getItem(STORED) ?? "null") as Stored | null;
}

function store(value: Stored): void {
  sessionStorage.setItem(STORED, JSON.stringify(value));
}

/** The window has no session after the next load. */
export function forgetSession(): void {
  sessionStorage.removeItem(STORED);
  localStorage.removeItem(LAST_USER);
}

/** Ends the session of this window. What the page then shows is the sign-in. */
export function endSession(): void {
  forgetSession();
  location.assign(location.pathname);
}

/** Takes `#token=...` out of the address, at once: it is neither in the history nor in what is copied from the bar. */
function takeFragment(): string | null {
  const token = new URLSearchParams(location.hash.replace(/^#/, "")).get("token");
  if (token !== null) history.replaceState(null, "", location.pathname);
  return token;
}

/**
 * Takes `?as=bob` out of the address. It counts only where there is such a person: in a deployment a link like this must not end the session
 * that the window has.
 */
async function takeDemoName(): Promise<string | null> {
  const address = new URL(location.href);
  const wanted = address.searchParams.get("as");
  if (wanted === null) return null;
  address.searchParams.delete("as");
  history.replaceState(null, "", address);
  return (await demoPeople().catch(() => [])).some(({ name }) => name === wanted) ? wanted : null;
}

async function tokenOfEndpoint(address: string): Promise<string> {
  const response = await fetch(address, { method: "POST", credentials: "include" });
  if (response.status === 401 || response.status === 403) throw new SignedOut("nobody is signed in");
  if (!response.ok) throw new Error(`the token endpoint answered with ${response.status}`);
  return ((await response.json()) as { token: string }).token;
}

/** Who was here last, where it is the browser that is signed in and not the window. */
const LAST_USER = "chat.user";

/** The browser is another person's now: nothing of the one before may stay on the screen. */
function startAnew(): void {
  localStorage.removeItem(LAST_USER);
  location.reload();
}

/** The deployment says that nobody is signed in: what is kept of the person before must go. */
export class SignedOut extends Error {}

/**
 * A session whose tokens come from `provide`.
 * @param known the user's id, if the window had a session before: without a network, that is enough to read what is kept.
 * @throws as `provide` does, or if what comes is no token.
 */
async function sessionOf(
  provide: () => Promise<string>,
  known: string | null,
  demoName?: string,
): Promise<Session> {
  // To somebody who is known, what is kept on this device shows at once; the token comes when it is needed.
  let first = known === null ? await provide() : undefined;
  const userId = first === undefined ? known : (userOf(first) ?? null);
  if (userId === null) throw new Error("what was given as a token is none");
  const token = async (): Promise<string> => {
    const given = first ?? (await provide());
    first = undefined;
    if (userOf(given) !== userId) startAnew();
    return given;
  };
  return demoName === undefined ? { userId, token } : { userId, token, demoName };
}

/**
 * Signs in as a demo person, until the window is closed.
 * @param known their id, if the window had a session before.
 * @throws if the service refuses.
 */
export async function signInAs(name: string, known: string | null = null): Promise<Session> {
  const session = await sessionOf(() => demoToken(name), known, name);
  store({ demo: name, userId: session.userId });
  return session;
}

/** A session of the browser, by the endpoint of the deployment. */
async function sessionOfEndpoint(address: string): Promise<Session> {
  const session = await sessionOf(() => tokenOfEndpoint(address), localStorage.getItem(LAST_USER));
  localStorage.setItem(LAST_USER, session.userId);
  return session;
}

/** The session of this window; null where the person must sign in. @throws as the token's source does. */
export async function findSession(config: PageConfig): Promise<Session | null> {
  const { token_endpoint, parent_origins } = config;
  const given = takeFragment();
  // Where tokens come from elsewhere, a link with one is a trap: it would sign people in to an account that is not theirs.
  if (given !== null && token_endpoint === null && parent_origins.length === 0) store({ token: given });
  const demo = await takeDemoName();
  if (demo !== null) store({ demo });
  const known = stored();
  if (known && "demo" in known) return await signInAs(known.demo, known.userId ?? null);
  if (known) return await sessionOf(async () => known.token, null);
  if (token_endpoint !== null) return await sessionOfEndpoint(token_endpoint);
  if (parent_origins.length > 0 && hasParent())
    return await sessionOf(() => tokenOfParent(parent_origins), null);
  return null;
}
