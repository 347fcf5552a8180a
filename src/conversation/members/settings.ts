/** Changes a conversation's name, photo and settings (rules 8 and 10). */

import {
  type ConversationSnapshot,
  type Failure,
  failure,
  type Settings,
  type UpdateConversation,
  type UserSummary,
} from "@rocket-chat-api/protocol";
import { checkManage, checkOpen } from "../../domain/access.ts";
import { textsOfGroup, toGroup } from "../../domain/filter/group-texts.ts";
import { judge } from "../../domain/filter/verdict.ts";
import { found, refused } from "../../domain/outcome.ts";
import { isForDirect } from "../../domain/settings.ts";
import type { EpochMs } from "../../domain/time.ts";
import { noteFiltered } from "../messages/filtered.ts";
import { sameValue } from "../messages/idempotency.ts";
import { announce } from "../messages/system.ts";
import type { Context, Handlers } from "../state/handler.ts";
import { checkAccepted } from "../state/message-requests.ts";
import { answer, type Change, type Emission, type Room, unchanged } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";
import { toSnapshot } from "./views.ts";

/** Merges a patch. */
function updateConversation(context: Context<"updateConversation">): Change<ConversationSnapshot> {
  const { room, member: actor, input, filters, now } = context;
  const { name, description } = input;
  const refusal = checkUpdate(room, actor, input) ?? checkRetention(input, context.limits.retentionDays);
  if (refusal) return unchanged(refused(refusal));
  const verdict = judge(filters, textsOfGroup({ name, description }));
  if (!verdict) return applyUpdate(room, actor, input, now);
  if (verdict.refusal) return unchanged(refused(verdict.refusal));
  const change = applyUpdate(room, actor, { ...input, ...toGroup({ name, description }, verdict) }, now);
  if (change.emissions.length > 0) {
    noteFiltered(room, verdict.notes, { target_id: actor.user_id, seq: null }, now);
  }
  return change;
}

/** Merges a patch. Equal values change nothing. @param actor a member, or {@link SYSTEM}. */
export function applyUpdate(
  room: Room,
  actor: UserSummary,
  patch: UpdateConversation,
  now: EpochMs,
): Change<ConversationSnapshot> {
  const { name, description, photo_url, settings, metadata } = room.info;
  const merged = {
    name: patch.name ?? name,
    description: patch.description === undefined ? description : patch.description,
    photo_url: patch.photo_url === undefined ? photo_url : patch.photo_url,
    settings: mergeSettings(settings, patch.settings),
    metadata: patch.metadata === undefined ? metadata : patch.metadata,
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
  const emissions: Emission[] = [{ event, to: room.audience }];
  // What the app keeps here is not for people to read.
  const told = changed.filter((key) => key !== "metadata");
  if (told.length > 0) {
    const note = { event: "conversation.updated", changed: told };
    emissions.push(announce(room, actor, note, now, { typed: merged.name }));
  }
  return { ...answer(toSnapshot(room)), emissions };
}

/** Why messages may not be kept for so long, or undefined: never longer than the deployment keeps them. */
export function checkRetention(
  { settings }: UpdateConversation,
  most: number | undefined,
): Failure | undefined {
  const days = settings?.retention_days;
  if (most === undefined || typeof days !== "number" || days <= most) return undefined;
  const message = `Messages are kept for ${most} days at most`;
  return failure("VALIDATION_ERROR", message, { field: "settings.retention_days", limit: most });
}

/** Whether a patch changes what a direct conversation does not have. */
export function isForGroups({ settings = {}, ...identity }: UpdateConversation): boolean {
  const isOfGroup = ([key, value]: [string, unknown]) =>
    value !== undefined && key !== "metadata" && !isForDirect(key);
  return [...Object.entries(identity), ...Object.entries(settings)].some(isOfGroup);
}

function checkUpdate(room: Room, actor: MemberRow, patch: UpdateConversation) {
  if (room.info.type === "group") return checkManage(actor, room.info.type);
  if (patch.metadata !== undefined) {
    return failure("FORBIDDEN", "Only a server can change the metadata of a direct conversation");
  }
  if (!isForGroups(patch)) return checkAccepted(room, actor) ?? checkOpen(room.blocks.isClosed);
  return failure(
    "VALIDATION_ERROR",
    "Only the settings for disappearing messages can be changed in a direct conversation",
  );
}

/** Merges settings. */
function mergeSettings(settings: Settings, patch: UpdateConversation["settings"] = {}): Settings {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  return { ...settings, ...Object.fromEntries(given) };
}

export const settingsHandlers = {
  getConversation: { answer: ({ room, member }) => found(toSnapshot(room, member)) },
  updateConversation: {
    isFiltered: true,
    apply: updateConversation,
    after({ input, now }, effects) {
      // The alarm looks whether anything is too old now.
      if (input.settings?.retention_days !== undefined) effects.ringBy(now);
    },
  },
} satisfies Partial<Handlers>;
