/** A message request in a run (rule 29): a stranger's direct chat, until who was asked accepts it, or writes, or declines it. */
import { ApiError } from "@rocket-chat-api/client";
import type { Actor } from "./actor.ts";
import type { Truth } from "./convergence.ts";
import type { Ledger } from "./ledger.ts";
import { answerTo } from "./phones.ts";
import { type Rows, rowsOf } from "./rows.ts";
import type { World } from "./world.ts";

type State = "open" | "pending" | "declined";

/** Whether who was asked keeps from the stranger whether they are there. */
export function isApart(state: State | undefined): boolean {
  return state === "pending" || state === "declined";
}

/** Whether a conversation is a request to somebody that was not accepted in the whole run. */
export function isRequest({ request }: Ledger, conversationId: string, userId: string): boolean {
  return request?.conversation_id === conversationId && request.asked_id === userId && request.isUnaccepted;
}

/** Whether a conversation counts in no total of somebody: it is a request to them. */
export function countsNot({ members }: Rows, userId: string): boolean {
  return isApart(members.find(({ user_id }) => user_id === userId)?.request?.state);
}

/** What accepting or declining must be answered, by what is stored. */
function verdictOf(rows: Rows, userId: string, isAccepted: boolean): string {
  const state = rows.members.find(({ user_id }) => user_id === userId)?.request?.state;
  if (!isAccepted) return state === undefined ? "CONFLICT" : "done";
  return state !== undefined && rows.blocks.length > 0 ? "BLOCKED" : "done";
}

/** One of the two accepts, or declines. */
export async function answerRequest(
  { ledger }: World,
  { client, who }: Actor,
  isAccepted: boolean,
): Promise<void> {
  const { conversation_id = "" } = ledger.request ?? {};
  const { rest } = client;
  const verdict = async () => {
    const rows = await rowsOf(conversation_id).catch(() => undefined);
    return rows && verdictOf(rows, who.user_id, isAccepted);
  };
  const before = await verdict();
  const answer = await (isAccepted
    ? rest.acceptRequest({ conversation_id })
    : rest.declineRequest({ conversation_id })
  ).then(
    () => "done",
    (error) => (error instanceof ApiError ? error.code : "no answer"),
  );
  if (answer === "done") ledger.acknowledged += 1;
  if (answer === "no answer" || answer === "SERVICE_UNAVAILABLE" || answer === "INTERNAL_ERROR") return;
  if (before !== undefined && before === (await verdict()) && answer !== before)
    ledger.complaints.push(
      `${who.username} ${isAccepted ? "accepts" : "declines"}: ${answer}, should be ${before}`,
    );
}

/** What each of the two sees of the request at the end, and what the stranger has learned of who was asked. */
export async function checkRequest(
  world: World,
  all: ReadonlyMap<string, Rows>,
  truth: Truth,
): Promise<string[]> {
  const { request, erased } = world.ledger;
  const rows = all.get(request?.conversation_id ?? "");
  if (!request || !rows) return [];
  const { conversation_id: id, asker_id, asked_id } = request;
  const state = rows.members.find(({ user_id }) => user_id === asked_id)?.request?.state;
  // An erased person accepts nothing.
  request.isUnaccepted = isApart(state);
  const wrong: string[] = [];
  for (const { who } of world.people) {
    if (who.user_id !== asker_id && who.user_id !== asked_id) continue;
    const is = who.user_id === asked_id && state === "pending";
    const fresh = truth.get(`${id} ${who.user_id}`);
    const { conversations, total } = await answerTo(who, "/conversations?filter=requests");
    if (fresh?.is_request !== is)
      wrong.push(`${who.username} is given a request: ${fresh?.is_request}, not ${is}`);
    if (fresh && fresh.is_hidden !== (who.user_id === asked_id && state === "declined"))
      wrong.push(`${who.username} does not see the request: ${fresh.is_hidden} while it is ${state}`);
    if (total !== Number(is) || conversations.length !== Number(is))
      wrong.push(`${who.username} has ${total} requests in the list, ${conversations.length} of them shown`);
  }
  if (!request.isUnaccepted || erased) return wrong;
  for (const device of world.actors.filter(({ who }) => who.user_id === asker_id)) {
    const told = device.heard.filter(
      (event) =>
        (event.type === "message.receipt" || event.type === "typing.indicator") &&
        event.conversation_id === id &&
        event.data.user_id === asked_id,
    );
    wrong.push(...told.map(({ type }) => `${device.who.username} heard ${type} of who has not accepted`));
  }
  const known = truth.get(`${id} ${asker_id}`)?.messages.filter(({ status }) => status !== "sent") ?? [];
  return [...wrong, ...known.map(({ seq, status }) => `${seq} of the request is ${status} to the stranger`)];
}
