/** What is no part of a conversation's state: it changes nothing. */
import { DEFAULT_PRIVACY } from "@rocket-chat-api/protocol";
import { ANN, BOB, ID, member, said } from "../unit/client-kit.ts";
import { begins, happens, inputs, LATER } from "./kit.ts";
import type { Scenario } from "./take.ts";

const OTHER = "9f1c2ab4-77de-8a01-b3c5-000000000000";
const { role: _, is_owner: __, mute: ___, ...bob } = member(BOB);
const totals = { messages: 3, mentions: 1, conversations: 2, muted_messages: 0 };

export const AROUND: readonly Scenario[] = [
  {
    name: "no-state",
    about: "Frames about the socket, the user, or another conversation change nothing in this conversation.",
    inputs: inputs(
      {
        type: "connection.established",
        data: { user_id: ANN, connection_id: "c1", features: [], unread: totals },
      },
      begins,
      { type: "ack", request_id: "r1", data: {} },
      { type: "error", request_id: "r2", code: "NOT_FOUND", message: "No such message" },
      { type: "pong" },
      { type: "user.presence", data: { user_id: BOB, status: "online", last_seen_at: null } },
      { type: "user.updated", data: bob },
      { type: "privacy.updated", data: DEFAULT_PRIVACY },
      { type: "unread.total", data: totals },
      {
        type: "moderation.notice",
        data: {
          notice_id: "00000000-0000-4000-8000-0000000000f0",
          action: "warn",
          reason: "Please be kind",
          until: null,
          conversation_id: ID,
          message_id: null,
          created_at: LATER,
        },
      },
      { type: "profiles", data: { profiles: [bob] } },
      happens("typing.indicator", { user_id: BOB, username: "bob", is_typing: true }),
      { ...said(2, BOB), conversation_id: OTHER },
    ),
  },
];
