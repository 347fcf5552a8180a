/** Takes an erased person out of one conversation (rule 28). */
import type { ErasedConversation } from "@rocket-chat-api/protocol";
import type { Directory } from "../directory/database.ts";
import type { ErasureOrder, SettleOrder } from "../domain/erased-person.ts";
import type { Env } from "../env.ts";
import { conversationObject } from "../realtime/objects.ts";
import { eraseFiles } from "./erase-files.ts";

/** Erases some of what the conversation has. @param order says whether this comes again. @returns what was erased, once it is all; "gone" if it was deleted as a whole. */
export async function eraseSome(
  env: Env,
  db: Directory,
  order: ErasureOrder & SettleOrder,
  conversation_id: string,
): Promise<ErasedConversation | "more" | "gone"> {
  const conversation = conversationObject(env, conversation_id);
  const outcome = await conversation.executeForServer("eraseSome", order);
  if (!outcome.ok) return "gone";
  const { more, counts } = outcome.body;
  if (more) return "more";
  await eraseFiles(env, db, order, conversation_id);
  const settled = await conversation.executeForServer("settleErasure", order);
  if (!settled.ok) return "gone";
  if (!settled.body.is_settled) throw new Error("the directory is behind");
  return { conversation_id, ...counts, is_rewritten: settled.body.is_rewritten };
}
