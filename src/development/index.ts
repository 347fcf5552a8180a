/**
 * The Worker of `npm run dev`: the service, and a sign-in as one of three people without a password. wrangler.toml names
 * src/index.ts, so no deployment has what is in this folder.
 */
import type { Env } from "../env.ts";
import service from "../index.ts";
import { log } from "../log.ts";
import { isOwnHost } from "./hosts.ts";
import { type DemoName, type DemoPerson, isDemoName, NAMES, personOf } from "./people.ts";
import { signToken } from "./token.ts";
import { ensureWorld } from "./world.ts";

// Every class that wrangler.toml names.
export * from "../index.ts";

const PEOPLE_PATH = "/development/people";
const SESSION_PATH = "/development/session";

interface DevelopmentEnv extends Env {
  /** Names of one's own under which the sign-in is answered (hosts.ts). */
  DEVELOPMENT_HOSTS?: string;
}

/** The world of this server, while it is made and afterwards: two windows that sign in at once share it. */
let world: Promise<void> | undefined;

export default {
  scheduled: service.scheduled,
  async fetch(request: Request, env: DevelopmentEnv, context: ExecutionContext): Promise<Response> {
    const { pathname, hostname } = new URL(request.url);
    const isSignIn = pathname === PEOPLE_PATH || pathname === SESSION_PATH;
    if (isSignIn && !isOwnHost(hostname, env.DEVELOPMENT_HOSTS)) return strangeHost(hostname);
    if (pathname === PEOPLE_PATH && request.method === "GET") return await listPeople();
    if (pathname === SESSION_PATH && request.method === "POST") return await signIn(request, env, context);
    return await service.fetch(request, env, context);
  },
};

function answer(body: unknown, status = 200): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}

function strangeHost(hostname: string): Response {
  const error =
    `There is no sign-in under the name ${hostname}: a page of the internet may have led it here. ` +
    `If it is yours, put DEVELOPMENT_HOSTS="${hostname}" into .dev.vars.`;
  log("warn", "development.refused", { error });
  return answer({ error }, 403);
}

async function listPeople(): Promise<Response> {
  return answer({ people: await Promise.all(NAMES.map(personOf)) });
}

/** Answers with a token of the person whom the body names: `{ "as": "alice" }`. For pages of this server alone. */
async function signIn(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
  const { origin } = new URL(request.url);
  const from = request.headers.get("origin");
  if (from !== null && from !== origin)
    return answer({ error: "This sign-in is for the page beside it." }, 403);
  const body = (await request.json().catch(() => null)) as { as?: unknown } | null;
  const secret = env.JWT_SECRET;
  if (!isDemoName(body?.as)) return answer({ error: `"as" must be one of ${NAMES.join(", ")}.` }, 400);
  if (!secret) return answer({ error: "The sign-in needs a JWT_SECRET in .dev.vars." }, 503);
  const people = await byName(personOf);
  const tokens = await byName((name) => signToken(people[name], secret));
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> =>
    await service.fetch(new Request(input, init), env, context);
  world ??= ensureWorld({ people, tokens, origin, fetch });
  try {
    await world;
  } catch (error) {
    // The next sign-in tries again.
    world = undefined;
    throw error;
  }
  return answer({ token: tokens[body.as], user: people[body.as] satisfies DemoPerson });
}

/** One value for each person. */
async function byName<T>(make: (name: DemoName) => Promise<T>): Promise<Record<DemoName, T>> {
  return { alice: await make("alice"), bob: await make("bob"), carol: await make("carol") };
}
