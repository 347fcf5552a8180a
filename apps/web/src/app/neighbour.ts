/** The conversations before and after one, in the order of the list. */
import type { ChatClient } from "@rocket-chat-api/client";
import { ConversationList } from "@rocket-chat-api/client/list";

/** The id of a neighbour; of the first or last where none is open. Undefined at the end of the list. */
export function neighbourOf(client: ChatClient, id: string | null, step: 1 | -1): string | undefined {
  const list = new ConversationList(client);
  const ids = list.items("inbox").map(({ conversation_id }) => conversation_id);
  list.stop();
  const at = id === null ? -1 : ids.indexOf(id);
  if (at < 0) return step === 1 ? ids[0] : ids.at(-1);
  return ids[at + step];
}
