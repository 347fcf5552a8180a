/**
 * The conversation list: `@rocket-chat-api/client/list`.
 *
 * ```ts
 * const list = new ConversationList(client);
 * list.onChange(() => render(list.items("inbox").slice(0, 30), list.total("inbox")));
 * ```
 *
 * {@link ConversationList} holds all conversations in the order of the server's list, kept up to date by the client.
 */

export type { ListClient, ListedState } from "./list/host.ts";
export type { ListItem, ListPerson } from "./list/item.ts";
export { ConversationList, type ListFilter } from "./list/list.ts";
