/** Where a client connects: which socket, with what authenticates, and from where it goes on. */
import { ApiError } from "./errors.ts";
import type { ClientOptions } from "./options.ts";
import type { Rest } from "./rest.ts";
import type { Tokens } from "./tokens.ts";

export type AddressOptions = Pick<ClientOptions, "url" | "conversation_id" | "auth">;

/**
 * The address of a client's socket, for one attempt: a ticket is good once.
 * @param since how far the client has come, where it follows one conversation only.
 */
export async function socketUrl(
  { url, conversation_id, auth = "ticket" }: AddressOptions,
  rest: Rest,
  tokens: Tokens,
  since: number,
): Promise<string> {
  const query = new URLSearchParams({ batch: "1" });
  if (auth === "ticket") query.set("ticket", (await rest.ticket()).ticket);
  else query.set("token", await tokens.get());
  const base = url.replace(/\/+$/, "").replace(/^http/, "ws");
  if (conversation_id === undefined) return `${base}/ws?${query}`;
  query.set("since", String(since));
  return `${base}/api/v1/conversations/${conversation_id}/ws?${query}`;
}

/** Why a conversation would not open its socket again; undefined if it would, or does not answer. */
export async function refusalOf(rest: Rest, conversationId: string): Promise<ApiError | undefined> {
  try {
    await rest.conversation(conversationId);
    return undefined;
  } catch (error) {
    const isRefusal = error instanceof ApiError && (error.status === 403 || error.status === 404);
    return isRefusal ? error : undefined;
  }
}
