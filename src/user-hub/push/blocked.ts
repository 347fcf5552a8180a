/** What devices show, and what they are to be sent, after their user has blocked another (rule 29). */
import type { NotedMessage, PushNote } from "../../domain/push-note.ts";
import type { EpochMs } from "../../domain/time.ts";
import { errorFields, log } from "../../log.ts";
import { concurrently } from "../../realtime/concurrently.ts";
import type { PushStore } from "./push-store.ts";

/** Conversations that are asked at a time. */
const CONCURRENCY = 6;
/** How often one message is asked for, if notes overtake the answers. */
const ATTEMPTS = 3;

interface Parts {
  store: PushStore;
  /** Takes an answer. False if a note has overtaken it. */
  inbox: { stateSeen(note: PushNote, now: EpochMs): boolean };
  host: { ask(conversationId: string, seq: number): Promise<PushNote | undefined> };
}

/**
 * Asks the conversations of all notifications how their messages look now. What was said by a blocked user is gone there, and
 * goes here. Never rejects: what could not be asked is kept from going out by the decision (decide.ts).
 */
export async function lookAgain({ store, inbox, host }: Parts, now: EpochMs): Promise<void> {
  const asked = [...messagesOf(store)];
  await concurrently(asked, CONCURRENCY, async ([conversationId, seq]) => {
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const note = await host.ask(conversationId, seq);
        if (!note || inbox.stateSeen(note, now)) return;
      }
    } catch (error) {
      log("warn", "push.not_asked", { ...errorFields(error) });
    }
  });
}

/** Each message that a device shows or is to be sent, once. */
function messagesOf(store: PushStore): [string, number][] {
  if (!store.state()) return [];
  const found = new Map<string, [string, number]>();
  for (const deviceId of store.devices().keys()) {
    for (const { conversation_id, pending, shown_seq } of store.itemsOf(deviceId)) {
      for (const seq of [pending?.message?.seq ?? 0, shown_seq]) {
        if (seq > 0) found.set(`${conversation_id} ${seq}`, [conversation_id, seq]);
      }
    }
  }
  return [...found.values()];
}

/** A note in which earlier messages of blocked users are gone. New ones stay, so that the log says why they do not push. */
export function withoutBlocked(note: PushNote, isBlocked: (userId: string) => boolean): PushNote {
  const isShown = (message: NotedMessage | null) => message !== null && !isBlocked(message.sender.user_id);
  return {
    ...note,
    changed: note.changed.map((one) => (isShown(one.message) ? one : { ...one, message: null })),
    left: note.left.filter(isShown),
  };
}
