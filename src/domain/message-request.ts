/**
 * Direct chats that one of the two has not accepted (rule 29). The state lies with that person's membership. It ends when they
 * accept or write, and then both are contacts. Decisions only.
 */
import { type Failure, failure, MAX_REQUEST_MESSAGES, type WhoCanMessage } from "@rocket-chat-api/protocol";

/**
 * `open`: a chat like any other, but for who may begin to write. `pending`: a request, where the deployment has message
 * requests. `declined`: nothing more comes from the stranger.
 */
export type RequestState = "open" | "pending" | "declined";

/** That a member has not accepted a direct chat. */
export interface MessageRequest {
  state: RequestState;
  /** Whether the two shared a group when the chat was created. */
  shares_group: boolean;
}

/** What is known of a stranger who wants to write. */
interface Stranger {
  shares_group: boolean;
}

/** Why a stranger may not begin to write to somebody, or undefined. */
export function checkBeginning(who: WhoCanMessage, { shares_group }: Stranger): Failure | undefined {
  const isAllowed = who === "everyone" || (who === "shared_conversation" && shares_group);
  return isAllowed ? undefined : failure("NOT_ACCEPTED");
}

/** The state of a new direct chat. @param hasRequests whether the deployment has message requests. */
export function newRequest(hasRequests: boolean, { shares_group }: Stranger): MessageRequest {
  return { state: hasRequests ? "pending" : "open", shares_group };
}

/**
 * Why a stranger may not send a message into a chat, or undefined. Who was declined is told no more than that.
 * @param who may begin to write to the other person.
 * @param sent messages of the stranger so far.
 */
export function checkStranger(
  request: MessageRequest,
  who: WhoCanMessage,
  sent: number,
): Failure | undefined {
  if (request.state === "declined") return failure("NOT_ACCEPTED");
  const refusal = checkBeginning(who, request);
  if (refusal || request.state === "open" || sent < MAX_REQUEST_MESSAGES) return refusal;
  return failure("NOT_ACCEPTED", "No more messages until the request is accepted", {
    limit: MAX_REQUEST_MESSAGES,
  });
}

/** The same as {@link isKeptApart}, of a state. */
export function isApart(state: RequestState | null): boolean {
  return state === "pending" || state === "declined";
}

/** Whether somebody keeps from a stranger whether they are there: what they receive, read and type, and their presence. */
export function isKeptApart(request: MessageRequest | null): boolean {
  return request !== null && isApart(request.state);
}
