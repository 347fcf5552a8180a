/** Where a client connects: which socket, with which credentials, and from which cursor. */
import { CLOSE } from "@rocket-chat-api/protocol/facts";
import { ApiError } from "./errors.ts";
import type { ClientOptions } from "./options.ts";
import type { Rest } from "./rest.ts";
import type { Tokens } from "./tokens.ts";

export type AddressOptions = Pick<ClientOptions, "url" | "conversation_id" | "device_id" | "auth">;

/**
 * The address of a client's socket, for one attempt: a ticket works once.
 * @param since the client's cursor, if it follows one conversation only.
 * @param lean whether events shall come in their short form.
 */
export async function socketUrl(
  { url, conversation_id, device_id, auth = "ticket" }: AddressOptions,
  rest: Rest,
  tokens: Tokens,
  since: number,
  lean: boolean,
): Promise<string> {
  const query = new URLSearchParams({
    batch: "1",
    ...(lean && { lean: "1" }),
    ...(device_id !== undefined && { device_id }),
  });
  if (auth === "ticket") query.set("ticket", (await rest.ticket()).ticket);
  else query.set("token", await tokens.get());
  const base = url.replace(/\/+$/, "").replace(/^http/, "ws");
  if (conversation_id === undefined) return `${base}/ws?${query}`;
  query.set("since", String(since));
  return `${base}/api/v1/conversations/${conversation_id}/ws?${query}`;
}

/**
 * Why a connection to one conversation will not open again; undefined if it may, or if there is no answer. A lost
 * connection says nothing about access, and a failed handshake does not say why: then this asks over REST.
 */
export async function refusalAfter(
  rest: Rest,
  conversation_id: string | undefined,
  code: number,
  wasOpen: boolean,
): Promise<ApiError | undefined> {
  const mayBeRefused = !wasOpen || code === CLOSE.REMOVED || code === CLOSE.NOT_AUTHORISED;
  if (conversation_id === undefined || !mayBeRefused) return undefined;
  try {
    await rest.getConversation({ conversation_id });
    return undefined;
  } catch (error) {
    const isRefusal = error instanceof ApiError && (error.status === 403 || error.status === 404);
    return isRefusal ? error : undefined;
  }
}
