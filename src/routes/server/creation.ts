/** Creates conversations for the app's own backend, once for each `external_id` (rule 28). */
import {
  type CreateConversation,
  DEFAULT_SETTINGS,
  newConversationId,
  type ServerConversation,
} from "@rocket-chat-api/protocol";
import { blocksAmong } from "../../directory/blocks.ts";
import { type Directory, openDirectory } from "../../directory/database.ts";
import { claimExternalId, externalIdOf } from "../../directory/external-conversations.ts";
import { claimDirectPair } from "../../directory/pairs.ts";
import type { Caller } from "../../domain/caller.ts";
import { isForDirect } from "../../domain/settings.ts";
import type { Env } from "../../env.ts";
import { bodyOf, refuse } from "../../middleware/errors.ts";
import type { NewConversation } from "../../realtime/objects.ts";
import { limitsOf } from "../../settings.ts";
import { conversationStub } from "../objects.ts";
import { requireUsers, toConversation } from "../presenters.ts";

/** A conversation as servers see it. */
export async function shown(
  env: Env,
  conversationId: string,
  externalId?: string,
): Promise<ServerConversation> {
  const stub = conversationStub(env, conversationId);
  const conversation = bodyOf(await stub.executeForServer("getSnapshot", null));
  const external_id = externalId ?? (await externalIdOf(openDirectory(env.DB), conversationId));
  return { ...(await toConversation(env, conversation, undefined)), external_id };
}

/** Creates a conversation, or finds the one that an earlier request has created. */
export async function createNamed(
  env: Env,
  wanted: CreateConversation,
): Promise<{ conversation: ServerConversation; isNew: boolean }> {
  const ids = membersOf(env, wanted);
  const db = openDirectory(env.DB);
  // A server may bring people together who have blocked each other.
  const [people, blocks] = await Promise.all([requireUsers(env, ids), blocksAmong(db, ids, [])]);
  const conversation_id = await claim(db, wanted, ids);
  const created = { ...toNew(wanted, conversation_id, people), blocks };
  const outcome = await conversationStub(env, conversation_id).create(created);
  bodyOf(outcome);
  return {
    conversation: await shown(env, conversation_id, wanted.external_id),
    isNew: outcome.ok && outcome.status === 201,
  };
}

/** The ids of all members, sorted. Refuses what makes no conversation. */
function membersOf(env: Env, { type, participants, owner, name, description, settings }: CreateConversation) {
  const ids = [...new Set([...participants, ...(owner === undefined ? [] : [owner])])].sort();
  const { maxGroupMembers } = limitsOf(env);
  if (type === "group") {
    if (ids.length <= maxGroupMembers) return ids;
    refuse("VALIDATION_ERROR", `A group can have at most ${maxGroupMembers} members`);
  }
  if (ids.length !== 2) refuse("VALIDATION_ERROR", "A direct conversation takes two participants");
  if (owner !== undefined || name !== undefined || description !== undefined) {
    refuse("VALIDATION_ERROR", "A direct conversation has no owner, name or description");
  }
  const foreign = Object.entries(settings ?? {}).find(
    ([key, value]) => value !== undefined && !isForDirect(key),
  );
  if (foreign) refuse("VALIDATION_ERROR", `The setting ${foreign[0]} is for groups only`);
  return ids;
}

/** The id of the conversation: that of an earlier request, of the pair, or a new one. */
async function claim(
  db: Directory,
  { type, external_id }: CreateConversation,
  ids: string[],
): Promise<string> {
  const [one = "", other = ""] = ids;
  const fresh = type === "direct" ? await claimDirectPair(db, one, other) : newConversationId();
  if (external_id === undefined) return fresh;
  const request = JSON.stringify([type, ids]);
  const known = await claimExternalId(db, external_id, { conversation_id: fresh, request });
  if (known.request !== request) {
    refuse("CONFLICT", "This external_id belongs to a conversation with other participants", {
      existing_id: known.conversation_id,
    });
  }
  return known.conversation_id;
}

function toNew(wanted: CreateConversation, conversation_id: string, people: Caller[]): NewConversation {
  const { type, name = null, description = null, settings = {}, metadata = null, owner } = wanted;
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return {
    conversation_id,
    type,
    name,
    description,
    settings: { ...DEFAULT_SETTINGS[type], ...Object.fromEntries(given) },
    metadata,
    creator: people.find(({ user_id }) => user_id === owner) ?? null,
    others: people.filter(({ user_id }) => user_id !== owner),
  };
}
