/** Reports and the queue, as tests have them. */
import { env } from "cloudflare:workers";
import type { ModerationItem } from "@rocket-chat-api/protocol";
import { expect } from "vitest";
import { api, type Person } from "./kit.ts";
import { type Backend, serverToken } from "./server-kit.ts";

/** What a report names. */
export type Target = { message_id: string } | { user_id: string } | { conversation_id: string };

/** A backend that moderates. */
export const moderator = (): Promise<Backend> => serverToken("moderation", { sub: "trust-and-safety" });

/** Reports something; the answer must be that it was taken. @returns the id of the report. */
export async function reportIt(who: Person, target: Target, more: object = {}): Promise<string> {
  const { status, body } = await api(who, "POST", "/reports", { ...target, reason: "harassment", ...more });
  expect(status).toBe(202);
  return body.report_id;
}

/** The item of a report. The queue is shared by all tests, so it is found by its report. */
export async function itemOf(backend: Backend, report_id: string): Promise<ModerationItem> {
  const row = await env.DB.prepare("SELECT item_id FROM reports WHERE report_id = ?").bind(report_id).first();
  const { body } = await api(backend, "GET", `/server/moderation/queue/${row?.item_id}`);
  return body;
}

/** Decides about an item. */
export async function decide(backend: Backend, item: Pick<ModerationItem, "item_id">, decision: object) {
  return await api(backend, "POST", `/server/moderation/queue/${item.item_id}`, {
    note: "Rule 4",
    ...decision,
  });
}
