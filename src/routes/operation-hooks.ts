/** What the Worker does around some operations: checks before the conversation, and presence in the answer. */
import type {
  AddParticipants,
  ConversationSnapshot,
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
import type { Env } from "../env.ts";
import { bodyOf, refuse } from "../middleware/errors.ts";
import type { ConversationObject } from "../realtime/objects.ts";
import type { AppEnv } from "./api.ts";
import {
  requireAccepted,
  requirePhotoHost,
  requireUsers,
  toConversation,
  toParticipants,
} from "./presenters.ts";
import { spendQuota } from "./quotas.ts";

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
  const invite = bodyOf(await conversation.ask(c.var.caller, "mayAdd", { user_ids: ids }));
  const people = await requireUsers(c.env, ids);
  const { conversation_id } = command;
  requireAccepted(await blockersOf(openDirectory(c.env.DB), c.var.caller.user_id, ids, conversation_id));
  if (invite > 0) await spendQuota(c, { invite });
  return { ...command, people };
};

const updateConversation: Before = async (c, command) => {
  requirePhotoHost(c.env, (command.input as UpdateConversation).photo_url);
  return command;
};

export const BEFORE: { readonly [Name in OperationName]?: Before } = {
  sendMessage,
  addParticipants,
  updateConversation,
};

/** Completes an answer of the conversation. */
type Show = (env: Env, body: unknown, viewerId: string) => Promise<unknown>;

const withPresence: Show = async (env, body, viewerId) =>
  await toConversation(env, body as ConversationSnapshot, viewerId);

export const SHOWN: { readonly [Name in OperationName]?: Show } = {
  getConversation: withPresence,
  updateConversation: withPresence,
  addParticipants: withPresence,
  changeRole: async (env, body, viewerId) => {
    const [participant] = await toParticipants(env, [body as Member], viewerId);
    return participant;
  },
};
