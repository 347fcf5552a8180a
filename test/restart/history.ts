/** The conversation as it is afterwards, and what must be true of it. */
import { isDeepStrictEqual } from "node:util";
import type { Person } from "../../scripts/person.ts";
import { type FetchedMessage, type Message, MessagePage } from "../../src/protocol/index.ts";
import type { Ledger } from "./ledger.ts";

/** The whole history over REST, oldest first. */
export async function wholeHistory(person: Person, conversationId: string): Promise<Message[]> {
  const messages: FetchedMessage[] = [];
  for (let more = true; more; ) {
    const oldest = messages.at(-1)?.message_id;
    const query = oldest === undefined ? "limit=100" : `limit=100&before_id=${oldest}`;
    const { body } = await person.api(
      MessagePage,
      "GET",
      `/conversations/${conversationId}/messages?${query}`,
    );
    messages.push(...body.messages);
    more = body.has_more;
  }
  // Whose message was read by whom differs between members; everything else must not.
  return messages.reverse().map(({ receipt_status: _, ...message }) => message);
}

/** Everything that is wrong with the history, given what was acknowledged. */
export function findViolations(history: Message[], other: Message[], ledger: Ledger): string[] {
  const found = [...ledger.violations, ...orderViolations(history)];
  if (!isDeepStrictEqual(history, other)) found.push("two members do not see the same history");
  const stored = new Map<string, Message>();
  for (const message of history) {
    if (message.client_message_id === null) continue;
    const twin = stored.get(message.client_message_id);
    if (twin) found.push(`doubled: ${message.client_message_id} is seq ${twin.seq} and ${message.seq}`);
    stored.set(message.client_message_id, message);
  }
  for (const [id, { sent, stored: acknowledged }] of ledger.acknowledged) {
    const message = stored.get(id);
    if (!message) found.push(`missing: ${id}, acknowledged as seq ${acknowledged.seq}`);
    else if (!isDeepStrictEqual(message, acknowledged)) {
      found.push(`changed: ${id} (${sent.content}) was acknowledged as another message than is stored`);
    }
    stored.delete(id);
  }
  // Every client retried until its ack, so nothing can be left that nobody was told of.
  for (const id of stored.keys()) found.push(`stored, but never acknowledged: ${id}`);
  return found;
}

/** `seq` rises strictly, and so does every lane's own numbering: a client's messages are in the order it sent them. */
function orderViolations(history: Message[]): string[] {
  const found: string[] = [];
  const lanes = new Map<string, number>();
  history.forEach((message, index) => {
    const before = history[index - 1];
    if (before && message.seq <= before.seq) found.push(`order: seq ${message.seq} follows ${before.seq}`);
    const [, lane, n] = /^(.*)-(\d+)$/.exec(message.client_message_id ?? "") ?? [];
    if (lane === undefined) return;
    if (Number(n) !== (lanes.get(lane) ?? 0) + 1) found.push(`order: ${lane}-${n} at seq ${message.seq}`);
    lanes.set(lane, Number(n));
  });
  return found;
}
