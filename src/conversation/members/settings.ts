/** Changes a conversation's name, photo and settings (rules 8 and 10). */

import {
  type ConversationSnapshot,
  failure,
  type Settings,
  type UpdateConversation,
} from "@rocket-chat-api/protocol";
import { checkManage } from "../../domain/access.ts";
import { found, refused } from "../../domain/outcome.ts";
import { isForDirect } from "../../domain/settings.ts";
import { sameValue } from "../messages/idempotency.ts";
import { announce } from "../messages/system.ts";
import type { Context, Handlers } from "../state/handler.ts";
import { answer, type Change, type Room, unchanged } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";
import { toSnapshot } from "./views.ts";

/** Merges a patch. Equal values change nothing. */
function updateConversation({
  room,
  member: actor,
  input: patch,
  now,
}: Context<"updateConversation">): Change<ConversationSnapshot> {
  const refusal = checkUpdate(room, actor, patch);
  if (refusal) return unchanged(refused(refusal));
  const { name, description, photo_url, settings } = room.info;
  const merged = {
    name: patch.name ?? name,
    description: patch.description === undefined ? description : patch.description,
    photo_url: patch.photo_url === undefined ? photo_url : patch.photo_url,
    settings: mergeSettings(settings, patch.settings),
  };
  const changed = (Object.keys(merged) as (keyof typeof merged)[]).filter(
    (key) => !sameValue(merged[key], room.info[key]),
  );
  if (changed.length === 0) return answer(toSnapshot(room));
  const seq = room.nextSeq();
  room.info = { ...room.info, ...merged, changed_seq: seq };
  room.store.updateConversation({ ...merged, changed_seq: seq });
  const data = { ...merged, updated_by: actor.user_id };
  const event = { type: "conversation.updated" as const, conversation_id: room.id, seq, data };
  const note = { event: "conversation.updated", changed };
  const text = `${actor.display_name} ${sentence(changed, merged.name)}`;
  const notice = announce(room, actor, text, note, now);
  return { ...answer(toSnapshot(room)), emissions: [{ event, to: room.audience }, notice] };
}

function checkUpdate(room: Room, actor: MemberRow, patch: UpdateConversation) {
  if (room.info.type === "group") return checkManage(actor, room.info.type);
  const { settings = {}, ...identity } = patch;
  const isOfGroup = ([key, value]: [string, unknown]) => value !== undefined && !isForDirect(key);
  return [...Object.entries(identity), ...Object.entries(settings)].some(isOfGroup)
    ? failure(
        "VALIDATION_ERROR",
        "Only the settings for disappearing messages can be changed in a direct conversation",
      )
    : undefined;
}

/** Merges settings. */
function mergeSettings(settings: Settings, patch: UpdateConversation["settings"] = {}): Settings {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  return { ...settings, ...Object.fromEntries(given) };
}

function sentence(changed: string[], name: string | null): string {
  if (changed.includes("name")) return `changed the name to ${name}`;
  if (changed.includes("photo_url")) return "changed the photo";
  return changed.includes("description") ? "changed the description" : "changed the settings";
}

export const settingsHandlers = {
  getConversation: { answer: ({ room }) => found(toSnapshot(room)) },
  updateConversation: { apply: updateConversation },
} satisfies Partial<Handlers>;
