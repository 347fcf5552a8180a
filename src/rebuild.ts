/** Gives a directory that was lost its data back: each conversation and each user's hub knows its part (docs/backup.md). */
import type { RebuildDirectory, RebuiltDirectory } from "@rocket-chat-api/protocol";
import type { Env } from "./env.ts";
import { errorFields, log } from "./log.ts";
import { concurrently } from "./realtime/concurrently.ts";
import { type ConversationObject, type Rebuilt, stubById, type UserHubObject } from "./realtime/objects.ts";
import { within } from "./realtime/within.ts";

/** An object that has not answered for so long has failed, in milliseconds: a request must not wait for one. */
const CALL_MS = 40_000;
/** Objects that write at a time: the directory has one writer, and the conversations that people use need it too. */
const CONCURRENCY = 4;

/** Lets some objects give back what they know. */
export async function rebuild(
  env: Env,
  { kind, objects, is_begun }: RebuildDirectory,
): Promise<RebuiltDirectory> {
  const answer: RebuiltDirectory = { done: [], pending: [], empty: [], failed: [] };
  await concurrently([...new Set(objects)], CONCURRENCY, async (id) => {
    try {
      answer[await within(rebuildOne(env, kind, id, is_begun), CALL_MS)].push(id);
    } catch (error) {
      log("warn", "rebuild.failed", { kind, ...errorFields(error) });
      answer.failed.push(id);
    }
  });
  return answer;
}

async function rebuildOne(
  env: Env,
  kind: RebuildDirectory["kind"],
  id: string,
  isBegun: boolean,
): Promise<Rebuilt> {
  return kind === "conversations"
    ? await stubById<ConversationObject>(env.CONVERSATION, id).rebuildProjection(isBegun)
    : await stubById<UserHubObject>(env.USER_HUB, id).restoreDirectory();
}
