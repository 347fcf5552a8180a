/** `ext:<sub>` instead of a user id, in paths and bodies under a server credential (rule 28). */
import { EXTERNAL_PREFIX, Uuid } from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { userIdOf } from "../auth/user-id.ts";
import type { Actor } from "../domain/actor.ts";
import { acceptedId } from "../domain/claims.ts";
import type { Env } from "../env.ts";
import { log } from "../log.ts";
import { refuse } from "./errors.ts";

/** A user, named by a server. */
interface NamedUser {
  user_id: string;
  /** The id that the identity provider uses, if that is how the user was named. */
  external_id?: string;
}

/**
 * The user whom a server names. Nothing is looked up.
 * @param text a user id, or `ext:<sub>`. @param issuer whose `sub` it is.
 */
export async function resolveUserId(env: Env, text: string, issuer: string): Promise<NamedUser> {
  if (!text.startsWith(EXTERNAL_PREFIX)) {
    const user_id = Uuid.safeParse(text).data;
    return user_id === undefined
      ? refuse(
          "VALIDATION_ERROR",
          `A user is a user id, or ${EXTERNAL_PREFIX} and the id of the identity provider`,
        )
      : { user_id };
  }
  const external_id = acceptedId(text.slice(EXTERNAL_PREFIX.length));
  if (external_id === undefined) {
    refuse(
      "VALIDATION_ERROR",
      `${EXTERNAL_PREFIX} must be followed by 1 to 128 characters without control characters`,
    );
  }
  const user_id = await userIdOf({ external_id, issuer }, env.IDENTITY_SECRET);
  if (typeof user_id === "string") return { user_id, external_id };
  log("error", "auth.misconfigured", { reason: user_id.misconfigured });
  return refuse("SERVICE_UNAVAILABLE");
}

/** Fields of bodies that hold a user id, or a list of them. */
const ID_FIELDS: ReadonlySet<string> = new Set([
  ...["user", "user_id", "owner", "sender"],
  ...["user_ids", "participant_ids", "participants"],
]);
/** The field of a batch: a list of objects with such fields. */
const BATCH = "users";
/** Parameters of paths that hold a user id. */
const ID_PARAMETERS = ["user_id"];

type Resolve = (text: string) => Promise<string>;

async function resolveIn(value: unknown, resolve: Resolve): Promise<unknown> {
  if (Array.isArray(value)) return await Promise.all(value.map((item) => resolveIn(item, resolve)));
  return typeof value === "string" && value.startsWith(EXTERNAL_PREFIX) ? await resolve(value) : value;
}

/** A body with user ids in place of external ones. Other fields stay as they are, whatever they hold. */
async function resolveBody(body: unknown, resolve: Resolve): Promise<unknown> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const entries = Object.entries(body).map(async ([name, value]) => {
    if (ID_FIELDS.has(name)) return [name, await resolveIn(value, resolve)] as const;
    const isBatch = name === BATCH && Array.isArray(value);
    return [
      name,
      isBatch ? await Promise.all(value.map((one) => resolveBody(one, resolve))) : value,
    ] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

interface Variables {
  actor: Actor;
  externalIds?: ReadonlyMap<string, string>;
}

/** The parsed body if it may hold external ids. What is no JSON is left to the validators. */
function parsed(text: string): { body: unknown } | undefined {
  if (!text.includes(`"${EXTERNAL_PREFIX}`)) return undefined;
  try {
    return { body: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

async function replaceBody(c: Context, resolve: Resolve): Promise<void> {
  const { method, body, headers } = c.req.raw;
  if (method === "GET" || method === "HEAD" || !body) return;
  const text = await c.req.raw.text();
  const json = parsed(text);
  const resolved = json ? JSON.stringify(await resolveBody(json.body, resolve)) : text;
  c.req.raw = new Request(c.req.raw.url, { method, headers, body: resolved });
}

/** Lets the routes read user ids where the path has external ones. */
async function replaceParameters(c: Context, resolve: Resolve): Promise<void> {
  // The router has matched the whole path by now, but only the route's own handler may ask for its parameters.
  const values = new Map<string, string>();
  for (const segment of new URL(c.req.raw.url).pathname.split("/")) {
    const text = decodedSegment(segment);
    if (text?.startsWith(EXTERNAL_PREFIX)) values.set(text, await resolve(text));
  }
  if (values.size === 0) return;
  const read = c.req.param.bind(c.req) as () => Record<string, string>;
  const replaced = (): Record<string, string> => {
    const parameters = read();
    for (const name of ID_PARAMETERS) {
      const value = values.get(parameters[name] ?? "");
      if (value !== undefined) parameters[name] = value;
    }
    return parameters;
  };
  c.req.param = ((name?: string) =>
    name === undefined ? replaced() : replaced()[name]) as typeof c.req.param;
}

function decodedSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Replaces external ids in the path and the body. Only servers may use them: to users they say nothing. */
export function externalIds() {
  return createMiddleware<{ Bindings: Env; Variables: Variables }>(
    async function resolveExternalIds(c, next) {
      const { actor } = c.var;
      if (actor.kind === "server") {
        const externals = new Map<string, string>();
        const resolve: Resolve = async (text) => {
          const named = await resolveUserId(c.env, text, actor.credential.issuer);
          if (named.external_id !== undefined) externals.set(named.user_id, named.external_id);
          return named.user_id;
        };
        await replaceParameters(c, resolve);
        await replaceBody(c, resolve);
        c.set("externalIds", externals);
      }
      await next();
    },
  );
}
