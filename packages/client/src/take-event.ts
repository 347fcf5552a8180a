/** What an event changes in what is known of conversations. */
import type { ServerEvent } from "@rocket-chat-api/protocol";
import { isStateEvent } from "./apply.ts";
import { asFutureEvent } from "./apply-future.ts";
import type { Conversations } from "./conversations.ts";
import type { Syncer } from "./syncer.ts";

/** Applies an event, or asks for what it says is missing. */
export function takeEvent(event: ServerEvent, conversations: Conversations, syncer: Syncer): void {
  if (event.type === "sync.required") {
    const { conversation_id, up_to_seq, reset } = event;
    if (reset) conversations.reset(conversation_id);
    syncer.want(conversation_id, up_to_seq);
  } else if (isStateEvent(event)) conversations.take(event);
  else {
    // A later server may send events that are not known here.
    const future = asFutureEvent(event);
    if (future) conversations.takeFuture(future);
  }
}
