/** Whether people accept a user: that they write to them, and that they add them to groups (rule 29). */

import { failure } from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { openDirectory } from "../directory/database.ts";
import { shareGroup, whoRefusesAdding } from "../directory/privacy.ts";
import type { Caller } from "../domain/caller.ts";
import { checkBeginning, type MessageRequest, newRequest } from "../domain/message-request.ts";
import type { Addable } from "../domain/questions.ts";
import { ApiError } from "../middleware/errors.ts";
import { hasMessageRequests } from "../settings.ts";
import type { AppEnv } from "./api.ts";

/** Refused user ids that an answer names, at most. */
const MAX_NAMED = 100;

/**
 * Refuses if one of these people does not accept being added to a group by the caller.
 * @param blockers those of them who have blocked the caller. The answer says no more than their settings would.
 */
export async function requireAddable(
  c: Context<AppEnv>,
  people: readonly Addable[],
  blockers: readonly string[],
): Promise<void> {
  const leavers = people.filter(({ has_left }) => has_left);
  const asked = await whoRefusesAdding(
    openDirectory(c.env.DB),
    c.var.caller.user_id,
    people.map(({ user_id }) => user_id),
    leavers.map(({ user_id }) => user_id),
  );
  const refusing = people
    .map(({ user_id }) => user_id)
    .filter((id) => asked.includes(id) || blockers.includes(id));
  if (refusing.length === 0) return;
  const message = "Some of these people do not accept being added: see `details.user_ids`";
  throw new ApiError(failure("NOT_ACCEPTED", message, { user_ids: refusing.slice(0, MAX_NAMED) }));
}

/**
 * The state of a new direct chat with a person, who is a stranger: with a contact there is one already.
 * @returns why it may not be created, or with what it begins.
 */
export async function termsOfDirect(c: Context<AppEnv>, { user_id, who_can_message = "everyone" }: Caller) {
  const shares_group = await shareGroup(openDirectory(c.env.DB), user_id, c.var.caller.user_id);
  const request: MessageRequest = newRequest(hasMessageRequests(c.env), { shares_group });
  return { request, refusal: checkBeginning(who_can_message, request) };
}
