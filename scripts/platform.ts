/**
 * The ids of all Durable Objects, from the platform. It is the one list of conversations that does not lie in D1.
 * `wrangler dev` answers the same requests as Cloudflare's API, for its local objects.
 */

/** A class of objects. */
export type ObjectClass = "Conversation" | "UserHub";

/** Where to ask, and as whom. */
export interface Platform {
  /** The address in front of `/workers/durable_objects`. */
  base: string;
  /** A token of Cloudflare's API that may read Workers; none for a local server. */
  token: string | undefined;
}

/** Ids in one answer. The platform gives ten thousand at most. */
const PAGE = 1_000;

interface Answer<T> {
  success: boolean;
  errors?: { message?: string }[];
  result: T;
  result_info?: { cursor?: string } | null;
}

async function ask<T>({ base, token }: Platform, path: string): Promise<Answer<T>> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${base}/workers/durable_objects${path}`, {
    headers,
    signal: AbortSignal.timeout(60_000),
  });
  const answer = (await response.json().catch(() => undefined)) as Answer<T> | undefined;
  if (response.ok && answer?.success) return answer;
  const said = answer?.errors?.map(({ message }) => message).join("; ") || `status ${response.status}`;
  throw new Error(`The platform does not list its objects: ${said}`);
}

/** The namespace of a class. @param script the Worker's name, if the account has several with such a class. */
async function namespaceOf(platform: Platform, name: ObjectClass, script: string): Promise<string> {
  const { result } = await ask<{ id: string; class: string; script: string }[]>(
    platform,
    "/namespaces?per_page=1000",
  );
  const found = result.find((one) => one.class === name && one.script === script);
  if (!found) throw new Error(`The platform knows no class ${name} of the Worker ${script}`);
  return found.id;
}

/** The ids of all objects of a class that hold anything, sorted. */
export async function objectIds(platform: Platform, name: ObjectClass, script: string): Promise<string[]> {
  const namespace = encodeURIComponent(await namespaceOf(platform, name, script));
  const ids: string[] = [];
  for (let cursor: string | undefined = ""; cursor !== undefined; ) {
    const after: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { result, result_info }: Answer<{ id: string; hasStoredData: boolean }[]> = await ask(
      platform,
      `/namespaces/${namespace}/objects?limit=${PAGE}${after}`,
    );
    for (const { id, hasStoredData } of result) if (hasStoredData) ids.push(id);
    cursor = result_info?.cursor && result.length > 0 ? result_info.cursor : undefined;
  }
  return ids.sort();
}
