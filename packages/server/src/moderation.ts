/** Routes that moderate the app: the queue of reports, bans, filters. */
import type {
  AppBanned,
  DecideItem,
  Filter,
  FilterSummary,
  ModerationItem,
  ModerationLog,
  ModerationQueue,
  PutAppBan,
  PutFilter,
} from "@rocket-chat-api/protocol";
import { ConversationRoutes } from "./conversations.ts";
import type { Given } from "./given.ts";
import { segment } from "./http.ts";

const MODERATION = "/server/moderation";
const FILTERS = `${MODERATION}/filters`;

/** The third layer of `ChatServer`: moderation. Its routes need the scope `moderation`. */
export class ModerationRoutes extends ConversationRoutes {
  /** A page of what was reported or flagged, oldest first. @param cursor `next_cursor` of the page before. */
  queue(status: "open" | "done" = "open", cursor?: string): Promise<ModerationQueue> {
    const after = cursor === undefined ? "" : `&cursor=${segment(cursor)}`;
    return this.http.request("GET", `${MODERATION}/queue?status=${status}${after}`);
  }

  /** Decides about an item of the queue, once. The note is the reason that its person reads. */
  decide(
    itemId: string,
    decision: Given<DecideItem> & Pick<DecideItem, "action" | "note">,
  ): Promise<ModerationItem> {
    return this.http.request("POST", `${MODERATION}/queue/${segment(itemId)}`, { body: decision });
  }

  /** A page of the log of moderation, newest first. */
  moderationLog(cursor?: string): Promise<ModerationLog> {
    const query = cursor === undefined ? "" : `?cursor=${segment(cursor)}`;
    return this.http.request("GET", `${MODERATION}/log${query}`);
  }

  /** Bans a user from the app: their sockets close, their requests are refused with the reason. */
  banUser(user: string, ban: Given<PutAppBan> & Pick<PutAppBan, "reason">): Promise<AppBanned> {
    return this.http.request("PUT", `${MODERATION}/bans/${segment(user)}`, { body: ban });
  }

  unbanUser(user: string): Promise<void> {
    return this.http.request("DELETE", `${MODERATION}/bans/${segment(user)}`);
  }

  /** Makes a filter of words or domains, or replaces one. It holds everywhere within half a minute. */
  putFilter(
    name: string,
    filter: Given<PutFilter> & Pick<PutFilter, "type" | "action" | "entries">,
  ): Promise<Filter> {
    return this.http.request("PUT", `${FILTERS}/${segment(name)}`, { body: filter });
  }

  /** A filter with its entries. */
  filter(name: string): Promise<Filter> {
    return this.http.request("GET", `${FILTERS}/${segment(name)}`);
  }

  /** All filters, without their entries. */
  async filters(): Promise<FilterSummary[]> {
    return (await this.http.request<{ filters: FilterSummary[] }>("GET", FILTERS)).filters;
  }

  /** Deletes a filter. What it has masked stays masked. */
  deleteFilter(name: string): Promise<void> {
    return this.http.request("DELETE", `${FILTERS}/${segment(name)}`);
  }
}
