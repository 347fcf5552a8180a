/** What the Worker does around some operations: checks before the conversation, and presence in the answer. */
import type {
  AddParticipants,
  ConversationSnapshot,
  DeclineRequest,
  Member,
  OperationName,
  SendMessage,
  UpdateConversation,
} from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import type { z } from "zod";
import { blockersOf } from "../directory/blocks.ts";
import { openDirectory } from "../directory/database.ts";
import type { Command } from "../domain/command.ts";
import { bodyOf, refuse } from "../middleware/errors.ts";
import { type ConversationObject, hubObject } from "../realtime/objects.ts";
import type { AppEnv } from "./api.ts";
import { requireAddable } from "./consent.ts";
import { requirePhotoHost, requireUsers, toConversation, toParticipants } from "./presenters.ts";
import { spendQuota } from "./quotas.ts";
import { storeReport } from "./reports.ts";

/** Refuses, or adds what only the Worker knows to the command. */
type Before = (c: Context<AppEnv>, command: Command, conversation: ConversationObject) => Promise<Command>;

/** `Idempotency-Key` is the same as `client_message_id` (rule 12). */
const sendMessage: Before = async (c, command) => {
  const input = command.input as SendMessage;
  // The route has validated this header.
  const { "idempotency-key": key } = c.req.valid("header" as never) as { "idempotency-key"?: string };
  if (key === undefined) return command;
  if ((input.client_message_id ?? key) !== key) {
    refuse("VALIDATION_ERROR", "Idempotency-Key and client_message_id must be equal");
  }
  return { ...command, input: { ...input, client_message_id: key } };
};

/** Checks the caller's permission first, so that others do not learn which users exist. */
const addParticipants: Before = async (c, command, conversation) => {
  const { user_id, user_ids } = command.input as z.output<typeof AddParticipants>;
  const ids = [...new Set(user_ids ?? (user_id === undefined ? [] : [user_id]))];
  const fresh = bodyOf(await conversation.ask(c.var.caller, "mayAdd", { user_ids: ids }));
  const people = await requireUsers(c.env, ids);
  const { conversation_id } = command;
  const db = openDirectory(c.env.DB);
  await requireAddable(c, fresh, await blockersOf(db, c.var.caller.user_id, ids, conversation_id));
  if (fresh.length > 0) await spendQuota(c, { invite: fresh.length });
  return { ...command, people };
};

/** Looks up whom the conversation has never seen. Who may not ban learns nothing of it. */
const banUser: Before = async (c, command, conversation) => {
  const { user_id } = command.input as { user_id: string };
  const isKnown = bodyOf(await conversation.ask(c.var.caller, "mayBan", { user_id }));
  return isKnown ? command : { ...command, people: await requireUsers(c.env, [user_id]) };
};

const updateConversation: Before = async (c, command) => {
  requirePhotoHost(c.env, (command.input as UpdateConversation).photo_url);
  return command;
};

/**
 * Also reports the conversation and blocks the stranger, once it is clear that the caller may decline. Before the conversation
 * declines, so that repeating a request that was interrupted does all of it.
 */
const declineRequest: Before = async (c, command, conversation) => {
  const { block = false, report } = command.input as z.output<typeof DeclineRequest>;
  if (!block && report === undefined) return command;
  const { caller } = c.var;
  const { conversation_id } = command;
  const { user_id } = bodyOf(await conversation.ask(caller, "mayDecline", null));
  if (report !== undefined) await storeReport(c, { conversation_id, reason: report });
  if (block) bodyOf(await hubObject(c.env, caller.user_id).askBlocks(caller.user_id, "block", { user_id }));
  return command;
};

export const BEFORE: { readonly [Name in OperationName]?: Before } = {
  sendMessage,
  addParticipants,
  declineRequest,
  banUser,
  updateConversation,
};

/** Completes an answer of the conversation. */
type Show = (c: Context<AppEnv>, body: unknown) => Promise<unknown>;

const withPresence: Show = async (c, body) =>
  await toConversation(c.env, body as ConversationSnapshot, c.var.caller);

const oneWithPresence: Show = async (c, body) => {
  const [participant] = await toParticipants(c.env, [body as Member], c.var.caller);
  return participant;
};

export const SHOWN: { readonly [Name in OperationName]?: Show } = {
  getConversation: withPresence,
  updateConversation: withPresence,
  addParticipants: withPresence,
  changeRole: oneWithPresence,
  muteParticipant: oneWithPresence,
};
