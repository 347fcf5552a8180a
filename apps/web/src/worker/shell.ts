/**
 * What the page is made of, kept for a start without a network. Files whose name changes with their content never go stale, so
 * they come from the cache; the page itself and its settings come from the network while there is one.
 */

/** What a worker has that this uses. TypeScript's own library for workers contradicts that of pages. */
export interface ShellScope {
  readonly location: { readonly href: string; readonly origin: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(
    name: "install" | "activate",
    listener: (event: { waitUntil(what: Promise<unknown>): void }) => void,
  ): void;
  addEventListener(
    name: "fetch",
    listener: (event: { request: Request; respondWith(answer: Promise<Response>): void }) => void,
  ): void;
}

const CACHE = "chat-shell";
/** The scripts and style sheets of this version, which the build writes here: a new version is a new worker. */
declare const SHELL_FILES: readonly string[];
/** From the network first, since their names stay. */
const NAMED = ["/", "/config.json", "/icon.svg", "/manifest.webmanifest"];
/** How long the network may take until the kept page is shown, in milliseconds. */
const PATIENCE_MS = 4_000;

/** Keeps everything. @throws where something cannot be loaded: the browser then tries again at the next visit. */
export async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  const kept = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
  await cache.addAll([...NAMED, ...SHELL_FILES.filter((path) => !kept.has(path))]);
}

/** Throws away what belongs to older versions. */
export async function forget(): Promise<void> {
  const cache = await caches.open(CACHE);
  const wanted = new Set([...NAMED, ...SHELL_FILES]);
  for (const request of await cache.keys())
    if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request);
}

/** The answer to a request of the page; undefined where the browser is to go on as if there were no worker. */
export function answerOf(request: Request, origin: string): Promise<Response> | undefined {
  const { pathname, origin: wanted } = new URL(request.url);
  if (request.method !== "GET" || wanted !== origin) return undefined;
  if (pathname.startsWith("/assets/")) return fromCache(request);
  return NAMED.includes(pathname) ? fromNetwork(request, pathname) : undefined;
}

async function fromCache(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreVary: true })) ?? (await fetch(request));
}

/** From the network, and else what was kept. @param path under which it is kept: without a query. */
async function fromNetwork(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(path, { ignoreVary: true });
  const fresh = fetch(request).then(async (response) => {
    if (response.ok) await cache.put(path, response.clone());
    return response;
  });
  if (!kept) return await fresh;
  const late = new Promise<Response>((resolve) => setTimeout(() => resolve(kept), PATIENCE_MS));
  return await Promise.race([fresh.catch(() => kept), late]);
}
