/** Loses the directory of some people, or puts it back to an earlier state, and asks everything that is answered from it. */
import { env } from "cloudflare:workers";
import { api, type Person } from "./kit.ts";

/** The tables, with the column that says whose a row is. */
const TABLES = {
  conversations: "conversation_id",
  members: "conversation_id",
  messages: "conversation_id",
  hidden: "conversation_id",
  preferences: "conversation_id",
  flushes: "conversation_id",
  direct_pairs: "conversation_id",
  attachments: "conversation_id",
  users: "user_id",
  user_names: "user_id",
  blocks: "blocker_id",
  device_tokens: "user_id",
  revision: "id",
} as const;
type Table = keyof typeof TABLES;
type Rows = Record<string, unknown>[];

/** The rows of the search index are found by those of the messages. */
const INDEXED =
  "rowid IN (SELECT id FROM messages WHERE conversation_id IN (SELECT value FROM json_each(?1)))";

/** Whose directory it is: all tests share one database. */
export interface Part {
  people: readonly Person[];
  conversations: readonly string[];
}

function keysOf({ people, conversations }: Part, table: Table): string {
  if (table === "revision") return "[1]";
  const column = TABLES[table];
  const isOfUser = column === "user_id" || column === "blocker_id";
  return JSON.stringify(isOfUser ? people.map(({ user_id }) => user_id) : conversations);
}

/** Deletes everything: the rows, the search entries, and the directory's identity. */
export async function lose(part: Part): Promise<void> {
  const index = env.DB.prepare(`DELETE FROM search_index WHERE ${INDEXED}`).bind(keysOf(part, "messages"));
  const rows = (Object.keys(TABLES) as Table[]).map((table) =>
    env.DB.prepare(`DELETE FROM ${table} WHERE ${TABLES[table]} IN (SELECT value FROM json_each(?1))`).bind(
      keysOf(part, table),
    ),
  );
  await env.DB.batch([index, ...rows]);
}

/** A state to put the directory back to. */
export type Backup = Map<Table, Rows>;

/** Keeps the rows as they are. The search index keeps no text, so {@link putBack} can only forget what came later. */
export async function backUp(part: Part): Promise<Backup> {
  const backup: Backup = new Map();
  for (const table of Object.keys(TABLES) as Table[]) {
    const text = `SELECT * FROM ${table} WHERE ${TABLES[table]} IN (SELECT value FROM json_each(?1))`;
    backup.set(table, (await env.DB.prepare(text).bind(keysOf(part, table)).all()).results);
  }
  return backup;
}

/** Puts the directory back, as the platform's time travel does: also its identity and its revision. */
export async function putBack(part: Part, backup: Backup): Promise<void> {
  const known = backup.get("messages") ?? [];
  const later = `${INDEXED} AND rowid NOT IN (SELECT value FROM json_each(?2))`;
  const ids = JSON.stringify(known.map(({ id }) => id));
  await env.DB.prepare(`DELETE FROM search_index WHERE ${later}`).bind(keysOf(part, "messages"), ids).run();
  for (const [table, rows] of backup) {
    const gone = `DELETE FROM ${table} WHERE ${TABLES[table]} IN (SELECT value FROM json_each(?1))`;
    const inserts = rows.map((row) => {
      const places = Object.keys(row).map((_, index) => `?${index + 1}`);
      const text = `INSERT INTO ${table} (${Object.keys(row).join()}) VALUES (${places.join()})`;
      return env.DB.prepare(text).bind(...Object.values(row));
    });
    await env.DB.batch([env.DB.prepare(gone).bind(keysOf(part, table)), ...inserts]);
  }
}

/** Everything that a person is answered from the directory. @param words to search for. */
export async function answersOf(who: Person, part: Part, words: readonly string[]) {
  const get = async (path: string) => (await api(who, "GET", path)).body;
  const searches = words.map((word) => get(`/search/messages?q=${word}`));
  const people = part.people.map(({ username }) => get(`/users?q=${username}`));
  const { conversations } = await get("/sync?limit=100");
  return {
    list: await get("/conversations?limit=100"),
    unread: await get("/unread"),
    searches: await Promise.all(searches),
    people: await Promise.all(people),
    // In the order of changes, which a rebuild cannot know.
    sync: conversations.sort(byId),
  };
}

interface Item {
  conversation: { conversation_id: string };
}

function byId(one: Item, other: Item): number {
  return one.conversation.conversation_id < other.conversation.conversation_id ? -1 : 1;
}
