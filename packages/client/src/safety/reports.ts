/** Reports to the app's moderators, and what they tell the user (rule 29). */
import type {
  CreateReport,
  ModerationNotice,
  ModerationNoticeEvent,
  NoticeList,
  ReportReceived,
} from "@rocket-chat-api/protocol";
import type { SafetyClient } from "./host.ts";

export class Reports {
  readonly #client: SafetyClient;

  constructor(client: SafetyClient) {
    this.#client = client;
  }

  /**
   * Reports a message, a user or a conversation: with one of `message_id`, `user_id` and `conversation_id`. Repeating it is
   * harmless. @throws ApiError or ConnectionLost.
   */
  async report(report: CreateReport): Promise<ReportReceived> {
    return await this.#client.rest.http.request<ReportReceived>("POST", "/reports", { body: report });
  }

  /** What moderators have told the user, newest first, the last 50. @throws ApiError or ConnectionLost. */
  async notices(): Promise<ModerationNotice[]> {
    return (await this.#client.rest.http.request<NoticeList>("GET", "/users/me/notices")).notices;
  }

  /**
   * Calls `listener` with each notice that comes while the client is connected. One may come twice: compare `notice_id`.
   * @returns what ends that.
   */
  onNotice(listener: (notice: ModerationNotice) => void): () => void {
    return this.#client.on("event", (event) => {
      if (event.type === "moderation.notice") listener((event as ModerationNoticeEvent).data);
    });
  }
}
