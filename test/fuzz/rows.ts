/** What is stored, and what a new client is given: the truth that everything else is held against. */
import { runInDurableObject } from "cloudflare:test";
import { apply, type ConversationState, emptyState } from "@rocket-chat-api/client";
import type { ConversationChanges, Settings } from "@rocket-chat-api/protocol";
import { conversationObject } from "../worker/kit.ts";
import type { Somebody } from "./actor.ts";

/** The tables of one conversation's object. */
export interface Rows {
  messages: MessageRow[];
  members: MemberRow[];
  hidden: { user_id: string; seq: number }[];
  reactions: { seq: number; user_id: string; emoji: string }[];
  pins: { seq: number; pinned_seq: number; pinned_at: number; pinned_by: string }[];
  bans: { user_id: string; until: number }[];
  /** Those that hold. */
  blocks: { blocker_id: string; blocked_id: string }[];
  type: "direct" | "group";
  settings: Settings;
  /** Everything in every table, as text, but what is kept for reports for a while. */
  dump: string;
}

export interface MessageRow {
  seq: number;
  sender_id: string;
  type: string;
  content: string;
  client_message_id: string | null;
  changed_seq: number;
  created_at: number;
  edited_at: number | null;
  deleted_at: number | null;
  expires_at: number | null;
  system: string | null;
}

export interface MemberRow {
  user_id: string;
  username: string;
  role: string;
  joined_seq: number;
  left_seq: number | null;
  /** The first message that they may see, if that is not the one after they joined. */
  visible_from: number | null;
  /** That they have not accepted this direct chat. */
  request: { state: "open" | "pending" | "declined" } | null;
  last_read_seq: number;
  muted_until: number | null;
}

/** Reads an object's rows. */
export async function rowsOf(conversationId: string): Promise<Rows> {
  return await runInDurableObject(conversationObject(conversationId), (_, { storage }) => {
    const all = (table: string) => storage.sql.exec(`SELECT * FROM ${table} ORDER BY rowid`).toArray();
    const tables = storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%_cf_%'")
      .toArray();
    return {
      messages: all("messages") as unknown as MessageRow[],
      members: all("members").map((row) => ({
        ...row,
        request: JSON.parse(String(row.request ?? null)),
      })) as unknown as MemberRow[],
      hidden: all("hidden") as unknown as Rows["hidden"],
      reactions: all("reactions") as unknown as Rows["reactions"],
      pins: all("pins") as unknown as Rows["pins"],
      bans: all("bans") as unknown as Rows["bans"],
      blocks: all("blocks").filter(({ is_blocked }) => is_blocked === 1) as unknown as Rows["blocks"],
      type: all("conversation")[0]?.type as Rows["type"],
      settings: JSON.parse(String(all("conversation")[0]?.settings)),
      dump: JSON.stringify(
        tables.filter(({ name }) => !name.startsWith("evidence")).map(({ name }) => all(name)),
      ),
    };
  });
}

/** Whether a message is by whom somebody has blocked, where that hides it: in groups. What the group says itself is not hidden. */
export function isUnseen(
  { type, blocks }: Rows,
  viewerId: string,
  message: Pick<MessageRow, "sender_id" | "type">,
): boolean {
  if (type !== "group" || message.type === "system") return false;
  return blocks.some((one) => one.blocker_id === viewerId && one.blocked_id === message.sender_id);
}

/** What a new client would know of a conversation; undefined for who is not in. */
export async function freshState(who: Somebody, id: string): Promise<ConversationState | undefined> {
  const caller = { ...who, display_name: who.username, profile_photo_url: null, profile_version: 0 };
  const answer = (await conversationObject(id).changes(caller, 0, 1_000_000)) as
    | { ok: true; body: ConversationChanges }
    | { ok: false };
  if (!answer.ok) return undefined;
  return apply(emptyState(id, who.user_id), {
    type: "conversation.sync",
    conversation_id: id,
    data: answer.body,
  }).state;
}
