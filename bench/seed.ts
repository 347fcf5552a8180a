/** Fills the service that has a back door; see `seeded/worker.ts`. */
import type { Bench, Options } from "./scenario.ts";
import type { Seed } from "./seeded/corpus.ts";
import type { Service } from "./servers.ts";

/** Asks the back door. Throws with what it says if it refuses. */
export async function backDoor(service: Service, path: string, body: unknown): Promise<void> {
  const response = await fetch(`${service.server.url}/bench/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the back door's ${path}: ${response.status} ${text.slice(0, 300)}`);
}

/** Who takes part in what is seeded, by their part. */
export interface Cast {
  senders: string[];
  /** Are in the first half of the conversations and have read nothing, or everything. */
  unread: string;
  read: string;
  /** Are in every tenth conversation, and in all. */
  some: string;
  all: string;
}

/** Users of the seeded service that no other scenario uses. */
const FIRST_OF_CAST = 10;

/** The cast. The headers of each are those of `crowd.of(16)` at the same place. */
export async function castOf(
  bench: Bench,
): Promise<{ cast: Cast; headers: Map<string, Record<string, string>> }> {
  const people = (await bench.crowd(await bench.servers.seeded()).of(FIRST_OF_CAST + 6)).slice(FIRST_OF_CAST);
  const [a = "", b = "", unread = "", read = "", some = "", all = ""] = people.map(
    (person) => person.user_id,
  );
  const headers = new Map(people.map((person) => [person.user_id, person.headers]));
  return { cast: { senders: [a, b], unread, read, some, all }, headers };
}

/** Conversations of the corpus, and messages in each. */
export function corpusSize({ quick }: Options): { conversations: number; messages: number } {
  return { conversations: 100, messages: quick ? 100 : 10_000 };
}

let written = 0;

/** Makes sure that the first so many conversations of the corpus are in the directory. */
export async function writeCorpus(bench: Bench, conversations: number): Promise<void> {
  const service = await bench.servers.seeded();
  const { cast } = await castOf(bench);
  const { conversations: total, messages } = corpusSize(bench.options);
  for (; written < conversations; written++) {
    const isFirstHalf = written < total / 2;
    const seed: Seed = {
      number: written,
      firstMessage: written * messages,
      messages,
      senders: cast.senders,
      unread: [...(isFirstHalf ? [cast.unread] : []), ...(written % 10 === 0 ? [cast.some] : []), cast.all],
      read: isFirstHalf ? [cast.read] : [],
    };
    await backDoor(service, "directory", [seed]);
    if ((written + 1) % 10 === 0) console.error(`${(written + 1) * messages} messages are in the directory`);
  }
}
