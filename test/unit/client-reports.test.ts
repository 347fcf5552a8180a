/** Reports in the client library: what it asks, and what it hears. */
import { ChatClient } from "@rocket-chat-api/client";
import { Reports } from "@rocket-chat-api/client/safety";
import type { ModerationNotice, ServerEvent } from "@rocket-chat-api/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BOB, fakeSockets, token } from "./client-kit.ts";
import { established, refusal } from "./push-kit.ts";

const SYNC = { conversations: [], removed_conversation_ids: [], next_token: "t", has_more: false };
const NOTICE: ModerationNotice = {
  notice_id: "00000000-0000-4000-8000-00000000000d",
  action: "warn",
  reason: "Rule 4",
  until: null,
  conversation_id: null,
  message_id: null,
  created_at: "2026-11-16T10:30:00.000Z",
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A client with reports. @param answer what the server says to a request about them. */
function stage(answer: () => Response) {
  const { sockets, open } = fakeSockets();
  const asked: [string, unknown][] = [];
  const client = new ChatClient({
    url: "http://chat.test",
    token: () => token(3600),
    auth: "token",
    openSocket: open,
    fetch: async (url, { method = "", body }) => {
      const path = url.slice("http://chat.test/api/v1".length);
      if (path.startsWith("/sync")) return Response.json(SYNC);
      asked.push([`${method} ${path}`, body === undefined ? undefined : JSON.parse(String(body))]);
      return answer();
    },
  });
  return { client, reports: new Reports(client), sockets, asked };
}

describe("reports of a client (rule 29)", () => {
  it("[R29 REPORT-60] asks as the contract says, and throws what the server refuses", async () => {
    const received = stage(() => Response.json({ report_id: NOTICE.notice_id }, { status: 202 }));
    const report = { user_id: BOB, reason: "spam", block: true } as const;
    expect(await received.reports.report(report)).toEqual({ report_id: NOTICE.notice_id });
    expect(received.asked).toEqual([["POST /reports", report]]);
    const refused = stage(() => refusal(404, "NOT_FOUND"));
    await expect(refused.reports.report(report)).rejects.toMatchObject({ code: "NOT_FOUND" });
    const told = stage(() => Response.json({ notices: [NOTICE] }));
    expect(await told.reports.notices()).toEqual([NOTICE]);
    expect(told.asked).toEqual([["GET /users/me/notices", undefined]]);
  });

  it("[R29 REPORT-61] hears a notice while it listens, and none after", async () => {
    const { client, reports, sockets } = stage(() => Response.json({}));
    const heard: string[] = [];
    const end = reports.onNotice(({ reason }) => heard.push(reason));
    client.start();
    await established(sockets);
    const say = (reason: string) =>
      sockets[0]?.say({ type: "moderation.notice", data: { ...NOTICE, reason } } as ServerEvent);
    say("first");
    sockets[0]?.say({ type: "blocks.updated", data: {} } as ServerEvent);
    await vi.advanceTimersByTimeAsync(0);
    end();
    say("second");
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toEqual(["first"]);
    client.stop();
  });
});
