/**
 * The service with a back door: it writes many rows at once, where the front door would take hours. Rows are those
 * that the service writes; the projection's are written by its own code.
 */
import { openDirectory } from "../../src/directory/database.ts";
import { type Flush, project } from "../../src/directory/projection.ts";
import { mergeSegments } from "../../src/directory/search/search-index.ts";
import type { Env as ServiceEnv } from "../../src/env.ts";
import service, { Conversation as ServiceConversation } from "../../src/index.ts";
import { BEGINNING, conversationIdOf, type Seed, textOf } from "./corpus.ts";

export { Attachments, UserHub } from "../../src/index.ts";

interface Env extends Omit<ServiceEnv, "CONVERSATION"> {
  CONVERSATION: DurableObjectNamespace<Conversation>;
}

const ROWS_PER_STATEMENT = 50_000;
const ROWS_PER_FLUSH = 500;

/**
 * `?1` to `?2` are the places to fill, `?3` the senders as JSON, who take turns; `?4` the newest message before.
 * Numbers are bound as REAL, hence the cast.
 */
const INSERT_MESSAGES = `
  WITH RECURSIVE
    place (seq) AS (SELECT ?1 UNION ALL SELECT seq + 1 FROM place WHERE seq < ?2),
    turn (seq, no, senders) AS (
      SELECT CAST(seq AS INTEGER), CAST(seq - ?4 AS INTEGER), json_array_length(?3) FROM place)
  INSERT INTO messages (seq, sender_id, type, content, created_at, client_message_id, no, sender_no, changed_seq)
  SELECT seq, ?3 ->> ((no - 1) % senders), 'text',
    'Message ' || seq || ': about as long as what people write to each other.', ${BEGINNING} + seq * 1000,
    'seed-' || seq, no, (no - 1) / senders + 1, seq
  FROM turn`;

/** A picture for each message of a conversation. `?1` is the first 24 characters of the conversation's id. */
const ATTACH_PICTURES = `
  UPDATE messages SET type = 'image', attachments = json_array(json_object(
    'attachment_id', ?1 || printf('%012x', 0x800000000000 + seq), 'type', 'image', 'file_name', 'photo.jpg',
    'mime_type', 'image/jpeg', 'file_size', 204800, 'width', 1536, 'height', 2048,
    'etag', printf('%032x', seq), 'key', ?1 || seq))`;

/** A conversation that can be filled. */
export class Conversation extends ServiceConversation {
  /** Adds so many messages by the members in turn, each with a picture if asked. The directory hears nothing of them. */
  async seed(messages: number, senders: string[], hasPictures: boolean): Promise<void> {
    const { sql } = this.ctx.storage;
    const [newest] = sql.exec<{ seq: number }>("SELECT max(seq) AS seq FROM messages").toArray();
    const head = newest?.seq ?? 0;
    for (let first = head + 1; first <= head + messages; first += ROWS_PER_STATEMENT) {
      const last = Math.min(first + ROWS_PER_STATEMENT - 1, head + messages);
      sql.exec(INSERT_MESSAGES, first, last, JSON.stringify(senders), head);
      await this.ctx.storage.sync();
    }
    if (hasPictures) sql.exec(ATTACH_PICTURES, String(this.ctx.id.name).slice(0, 24));
    sql.exec("UPDATE cursors SET seq = ? WHERE name = 'directory'", head + messages);
    // Otherwise it would have less than the cursor says, and get everything.
    await this.env.DB.prepare("UPDATE conversations SET seq = ?1 WHERE conversation_id = ?2")
      .bind(head + messages, this.ctx.id.name ?? "")
      .run();
    await this.ctx.storage.sync();
  }

  /** How many messages are not deleted. */
  async left(): Promise<number> {
    const query =
      "SELECT (SELECT count(*) FROM messages) - (SELECT count(*) FROM messages WHERE deleted_at IS NOT NULL) AS n";
    return this.ctx.storage.sql.exec<{ n: number }>(query).one().n;
  }

  /** Forgets what is in memory: the next call reads the rows. */
  async restart(): Promise<void> {
    this.ctx.abort("seeded");
  }
}

/** Writes one conversation with its messages into the directory. */
async function seedDirectory(env: Env, seed: Seed): Promise<void> {
  const db = openDirectory(env.DB);
  for (let done = 0; done < seed.messages || done === 0; done += ROWS_PER_FLUSH) {
    await project(db, flushOf(seed, done, Math.min(done + ROWS_PER_FLUSH, seed.messages)));
  }
}

/** The flush that brings messages `from + 1` to `to` of a conversation; the first brings the members too. */
function flushOf(seed: Seed, from: number, to: number): Flush {
  const at = (seq: number) => BEGINNING + (seed.firstMessage + seq) * 1000;
  const sender = (seq: number) => seed.senders[seq % seed.senders.length] ?? "";
  const messages = Array.from({ length: to - from }, (_, i) => {
    const seq = from + i + 1;
    const content = textOf(seed.firstMessage + seq);
    const never = { edited_at: null, deleted_at: null, expires_at: null };
    const fixed = { type: "text" as const, sender_id: sender(seq), created_at: at(seq) };
    return { seq, changed_seq: seq, content, ...fixed, ...never };
  });
  const everybody = [...seed.senders, ...seed.unread, ...seed.read];
  return {
    conversation: {
      conversation_id: conversationIdOf(seed.number),
      type: "group",
      name: `Group ${seed.number}`,
      description: null,
      photo_url: null,
      created_by: seed.senders[0] ?? "",
      created_at: at(0),
      member_count: everybody.length,
      seq: to,
      message_no: to,
      last_message_seq: to,
      last_activity_at: at(to),
      sent_counts: null,
    },
    members: from === 0 ? everybody.map((user_id) => memberOf(seed, user_id)) : [],
    messages,
    hidden: [],
    isMarked: false,
    sent: seed.senders.map((user_id, i) => ({
      user_id,
      sent_no: Math.floor((to - i) / seed.senders.length) + (i === 0 ? 0 : 1),
    })),
  };
}

function memberOf({ senders, read, messages }: Seed, user_id: string): Flush["members"][number] {
  const place = read.includes(user_id) ? messages : 0;
  return {
    user_id,
    role: senders[0] === user_id ? "owner" : "member",
    joined_seq: 1,
    left_seq: null,
    last_read_seq: place,
    read_no: place,
    read_sent_no: 0,
    unread_deleted: 0,
    unread_mentions: 0,
    hidden_seq: null,
    visible_from: null,
    request: null,
    blocked: null,
    read_blocked_no: 0,
    muted_until: null,
    sent_no: 0,
    rev: 1,
  };
}

async function fill(request: Request, env: Env): Promise<void> {
  const body: { conversation_id: string; messages: number; senders: string[]; pictures?: boolean } =
    await request.json();
  const object = env.CONVERSATION.get(env.CONVERSATION.idFromName(body.conversation_id));
  await object.seed(body.messages, body.senders, body.pictures === true);
  // It ends the call too.
  await object.restart().catch(() => undefined);
}

/** The back door: what it answers, or undefined where it is none. */
async function backDoor(request: Request, env: Env): Promise<Response | undefined> {
  switch (new URL(request.url).pathname) {
    case "/bench/conversation":
      await fill(request, env);
      return new Response("done");
    case "/bench/left": {
      const { conversation_id } = await request.json<{ conversation_id: string }>();
      const object = env.CONVERSATION.get(env.CONVERSATION.idFromName(conversation_id));
      return Response.json(await object.left());
    }
    case "/bench/directory":
      for (const seed of await request.json<Seed[]>()) await seedDirectory(env, seed);
      return new Response("done");
    case "/bench/merge":
      return Response.json(await mergeSegments(openDirectory(env.DB), 10_000));
    case "/bench/select-1":
      return Response.json(await env.DB.prepare("SELECT 1").first());
    default:
      return undefined;
  }
}

/** Everything but the back door is the service. */
export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    try {
      const answer = await backDoor(request, env);
      return answer ?? (await service.fetch(request, env as unknown as ServiceEnv, ctx));
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
};
