/** The conversation as it is afterwards, and what must be true of it. */
import { isDeepStrictEqual } from "node:util";
import { type FetchedMessage, type Message, MessagePage } from "@rocket-chat-api/protocol";
import type { Person } from "../../scripts/person.ts";
import type { Ledger } from "./ledger.ts";

/** What was said, without how far it has come: receipts move on after the ack, and differ between members. */
export type Said = Omit<Message, "status">;

function said(message: Message | FetchedMessage): Said {
  const { status: _, receipt_status: __, ...rest } = { receipt_status: undefined, ...message };
  return rest;
}

/** The whole history over REST, oldest first. */
export async function wholeHistory(person: Person, conversationId: string): Promise<Said[]> {
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
  return messages.reverse().map(said);
}

/** Everything that is wrong with the history, given what was acknowledged. */
export function findViolations(history: Said[], other: Said[], ledger: Ledger): string[] {
  const found = [...ledger.violations, ...orderViolations(history)];
  if (!isDeepStrictEqual(history, other)) found.push("two members do not see the same history");
  const stored = new Map<string, Said>();
  for (const message of history) {
    if (message.client_message_id === null) continue;
    const twin = stored.get(message.client_message_id);
    if (twin) found.push(`doubled: ${message.client_message_id} is seq ${twin.seq} and ${message.seq}`);
    stored.set(message.client_message_id, message);
  }
  for (const [id, { stored: answer }] of ledger.acknowledged) {
    const acknowledged = said(answer);
    const message = stored.get(id);
    if (!message) found.push(`missing: ${id}, acknowledged as seq ${acknowledged.seq}`);
    else if (!isDeepStrictEqual(message, acknowledged)) {
      found.push(
        `changed: ${id} differs from what was acknowledged in ${differences(message, acknowledged)}`,
      );
    }
    stored.delete(id);
  }
  // Every client retried until its ack, so nothing can be left that nobody was told of.
  for (const id of stored.keys()) found.push(`stored, but never acknowledged: ${id}`);
  return found;
}

/** The fields in which two messages differ, with both values. */
function differences(stored: Said, acknowledged: Said): string {
  const keys = Object.keys({ ...acknowledged, ...stored }) as (keyof Said)[];
  return keys
    .filter((key) => !isDeepStrictEqual(stored[key], acknowledged[key]))
    .map((key) => `${key} (${JSON.stringify(stored[key])}, not ${JSON.stringify(acknowledged[key])})`)
    .join(", ");
}

/** `seq` rises strictly, and so does every lane's own numbering: a client's messages are in the order it sent them. */
function orderViolations(history: Said[]): string[] {
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
