/** Reports and what moderators may not ask (rule 29). */
import { type Bad, incomplete, mistyped, UNKNOWN, withBodies, withEnds } from "./bad-kit.ts";
import { NO_ID } from "./bad-paths.ts";

const AS_SERVER = { authorization: "Bearer :server" };
const asServer = (rows: Bad[]): Bad[] =>
  rows.map(([method, path, body, code]) => [method, path, body, code, AS_SERVER]);
const bad = (method: string, path: string, values: unknown[]) =>
  withBodies(method, path, "VALIDATION_ERROR", values);

const REPORT = { message_id: ":heard", reason: "spam" };
const NO_NOTE = ["", "a\0", "\udc00", "x".repeat(1001)];
const NO_TIME = ["yesterday", "2025-11-16", 7, "2020-01-01T00:00:00.000Z"];

/** What users may not report. */
export const reporting: Bad[] = [
  ...bad("POST", "/reports", [
    {},
    { ...REPORT, user_id: ":bob" },
    { ...REPORT, conversation_id: ":direct" },
    ...incomplete(REPORT),
    ...mistyped(REPORT, { message_id: "id?", reason: "choice", comment: "text?", block: "flag?" }),
    ...mistyped({ reason: "spam" }, { user_id: "id?", conversation_id: "id?" }),
    ...NO_NOTE.map((comment) => ({ ...REPORT, comment })),
    // Oneself, and what the system says.
    { message_id: ":said", reason: "spam" },
    { message_id: ":note", reason: "spam" },
    { user_id: ":ann", reason: "spam" },
  ]),
  ...withBodies("POST", "/reports", "NOT_FOUND", [
    ...[UNKNOWN.message, UNKNOWN.user, UNKNOWN.conversation, ":direct", ":later"].map((message_id) => ({
      message_id,
      reason: "spam",
    })),
    { user_id: UNKNOWN.user, reason: "spam" },
  ]),
  ...withBodies("POST", "/reports", "CONVERSATION_NOT_FOUND", [
    ...[UNKNOWN.conversation, ":said", ":bob"].map((conversation_id) => ({
      conversation_id,
      reason: "spam",
    })),
  ]),
  ...withBodies("POST", "/reports", "FORBIDDEN", [
    { message_id: ":secret", reason: "spam" },
    { conversation_id: ":foreign", reason: "spam" },
  ]),
];

const QUEUE = "/server/moderation/queue";
const ITEM = `${QUEUE}/${UNKNOWN.user}`;
const BAN = "/server/moderation/bans/:eve";
const CURSORS = ["x", "1", "_x", "1_", "-1_a", "1e3_a", `1_${"a".repeat(81)}`, "1_a&cursor=1_b"];
const LISTS = [QUEUE, `${ITEM}/reports`, "/server/moderation/log", "/server/moderation/bans"];

/** What servers may not ask about moderation. */
export const moderation: Bad[] = asServer([
  ...LISTS.flatMap((path) => [
    ...withEnds("GET", `${path}?limit=`, "VALIDATION_ERROR", ["0", "-1", "1.5", "ten", "101"]),
    ...withEnds("GET", `${path}?cursor=`, "VALIDATION_ERROR", CURSORS),
  ]),
  ...withEnds("GET", `${QUEUE}?status=`, "VALIDATION_ERROR", ["x", "OPEN", "open&status=done"]),
  ...withEnds("GET", "/server/moderation/log?", "VALIDATION_ERROR", [
    "target=x",
    `actor=${"x".repeat(201)}`,
    "actor=a%00",
  ]),
  ...NO_ID.flatMap((id): Bad[] => [
    ["GET", `${QUEUE}/${id}`, undefined, "VALIDATION_ERROR"],
    ["GET", `${QUEUE}/${id}/reports`, undefined, "VALIDATION_ERROR"],
    ["POST", `${QUEUE}/${id}`, { action: "dismiss", note: "x" }, "VALIDATION_ERROR"],
  ]),
  ["GET", ITEM, undefined, "NOT_FOUND"],
  ["GET", `${ITEM}/reports`, undefined, "NOT_FOUND"],
  ["POST", ITEM, { action: "dismiss", note: "x" }, "NOT_FOUND"],
  ...bad("POST", ITEM, [
    {},
    ...incomplete({ action: "dismiss", note: "x" }),
    ...mistyped({ action: "dismiss", note: "x" }, { action: "choice", note: "text" }),
    ...NO_NOTE.map((note) => ({ action: "dismiss", note })),
    ...NO_TIME.slice(0, 3).map((until) => ({ action: "ban", note: "x", until })),
  ]),
  ...["x", "ext:", "%00"].flatMap((user): Bad[] => [
    ["PUT", `/server/moderation/bans/${user}`, { reason: "x" }, "VALIDATION_ERROR"],
    ["GET", `/server/moderation/bans/${user}`, undefined, "VALIDATION_ERROR"],
    ["DELETE", `/server/moderation/bans/${user}`, undefined, "VALIDATION_ERROR"],
  ]),
  ["PUT", `/server/moderation/bans/${UNKNOWN.user}`, { reason: "x" }, "NOT_FOUND"],
  ["DELETE", `/server/moderation/bans/${UNKNOWN.user}`, undefined, "NOT_FOUND"],
  ["GET", BAN, undefined, "NOT_FOUND"],
  ...bad("PUT", BAN, [
    {},
    ...mistyped({ reason: "x" }, { reason: "text", delete_messages: "choice?" }),
    ...NO_NOTE.map((reason) => ({ reason })),
    ...NO_TIME.map((until) => ({ reason: "x", until })),
  ]),
]);
