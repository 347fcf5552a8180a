/** Requests that must be refused, each with the one code that it deserves. */
import type { ErrorCode } from "../../src/protocol/index.ts";

/** A request and the code that it deserves; `:id` and `:message` stand for what exists. */
export type Bad = [method: string, path: string, body: unknown, code: ErrorCode];

const FREE_ID = "12345678-1234-8234-8234-000000000000";
const FREE_MESSAGE = "12345678-1234-8234-8234-000000000001";
const SOMEBODY = "12345678-1234-4234-8234-123456789012";
const DEEP = "[".repeat(60_000) + "]".repeat(60_000);

/** Bodies that no route takes. Texts are sent as they are. */
const NO_OBJECT = ["", "{", "hello", "null", "1", '"text"', "[]", "[{}]", DEEP, "{'a':1}", '{"a":1', "\0"];

const ROUTES_WITH_BODY = [
  ["POST", "/conversations/direct"],
  ["POST", "/conversations/group"],
  ["POST", "/conversations/:id/messages"],
  ["PATCH", "/users/me"],
] as const;

export const bodies: Bad[] = [
  ...ROUTES_WITH_BODY.flatMap(([method, path]) =>
    NO_OBJECT.map((body): Bad => [method, path, body, "VALIDATION_ERROR"]),
  ),
  ...[{}, { user_id: 7 }, { user_id: null }, { user_id: [SOMEBODY] }, { user_id: "x" }, { user_id: "" }].map(
    (body): Bad => ["POST", "/conversations/direct", body, "VALIDATION_ERROR"],
  ),
  ["POST", "/conversations/direct", { user_id: SOMEBODY }, "NOT_FOUND"],
  ...[
    {},
    { name: "Group" },
    { participant_ids: [] },
    { name: "", participant_ids: [] },
    { name: "   ", participant_ids: [] },
    { name: 7, participant_ids: [] },
    { name: null, participant_ids: [] },
    { name: "a\0b", participant_ids: [] },
    { name: "\ud800", participant_ids: [] },
    { name: "x".repeat(101), participant_ids: [] },
    { name: "Group", description: 7, participant_ids: [] },
    { name: "Group", description: "x".repeat(501), participant_ids: [] },
    { name: "Group", description: "\udc00", participant_ids: [] },
    { name: "Group", participant_ids: SOMEBODY },
    { name: "Group", participant_ids: { 0: SOMEBODY } },
    { name: "Group", participant_ids: ["x"] },
    { name: "Group", participant_ids: [null] },
    { name: "Group", participant_ids: Array.from({ length: 1001 }, () => crypto.randomUUID()) },
  ].map((body): Bad => ["POST", "/conversations/group", body, "VALIDATION_ERROR"]),
  ["POST", "/conversations/group", { name: "Group", participant_ids: [SOMEBODY] }, "NOT_FOUND"],
  ...[
    {},
    { display_name: "" },
    { display_name: " " },
    { display_name: 7 },
    { display_name: null },
    { display_name: "x".repeat(101) },
    { display_name: "a\0" },
    { display_name: "\ud83d" },
    { profile_photo_url: "x" },
    { profile_photo_url: "javascript:alert(1)" },
    { profile_photo_url: `https://example.com/${"x".repeat(2048)}` },
  ].map((body): Bad => ["PATCH", "/users/me", body, "VALIDATION_ERROR"]),
];

export const text = (content: unknown, more: object = {}) => ({ type: "text", content, ...more });

export const messages: Bad[] = [
  ...[
    {},
    { content: "x" },
    { type: "text" },
    { type: "system", content: "x" },
    { type: "sticker", content: "x" },
    { type: null, content: "x" },
    text(7),
    text(null),
    text({ a: 1 }),
    text(""),
    text(" \n\t"),
    text("\0"),
    text("a\0b"),
    text("\ud800"),
    text("\udc00\ud800"),
    text("x", { reply_to_message_id: "x" }),
    text("x", { reply_to_message_id: 7 }),
    text("x", { client_message_id: "" }),
    text("x", { client_message_id: "x".repeat(65) }),
    text("x", { client_message_id: 7 }),
    text("x", { client_message_id: "\0" }),
    text("x", { metadata: [] }),
    text("x", { metadata: "x" }),
    text("x", { metadata: { mentions: "@all" } }),
    text("x", { metadata: { mentions: [7] } }),
    text("x", { metadata: { note: "\ud800" } }),
    text("x", { metadata: { note: "x".repeat(4096) } }),
    `{"type":"text","content":"x","metadata":{"a":${DEEP}}}`,
  ].map((body): Bad => ["POST", "/conversations/:id/messages", body, "VALIDATION_ERROR"]),
  ["POST", "/conversations/:id/messages", text("x".repeat(4097)), "MESSAGE_TOO_LONG"],
  ["POST", "/conversations/:id/messages", text("😀".repeat(4097)), "MESSAGE_TOO_LONG"],
  ["POST", "/conversations/:id/messages", text("x", { reply_to_message_id: FREE_MESSAGE }), "NOT_FOUND"],
  ["POST", "/conversations/:id/messages", text("x", { reply_to_message_id: SOMEBODY }), "NOT_FOUND"],
  ["POST", "/conversations/:id/messages", text("x", { attachment_id: SOMEBODY }), "INVALID_ATTACHMENT"],
  [
    "POST",
    "/conversations/:id/messages",
    { type: "image", content: "x", attachment_id: SOMEBODY },
    "INVALID_ATTACHMENT",
  ],
];

const MALFORMED_IDS = [
  "x",
  "%00",
  "%F0%9F",
  "null",
  "1",
  ".",
  FREE_ID.replaceAll("-", ""),
  `${FREE_ID}0`,
  `%20${FREE_ID}`,
];
const BAD_NUMBERS = [
  "",
  "0",
  "101",
  "-1",
  "1e2",
  "0x10",
  "1.5",
  "%205%20",
  "ten",
  "NaN",
  "99999999999999999999",
];

export const ids: Bad[] = [
  ...MALFORMED_IDS.filter((id) => id !== ".").flatMap((id): Bad[] => [
    ["GET", `/conversations/${id}`, undefined, "VALIDATION_ERROR"],
    ["GET", `/conversations/${id}/messages`, undefined, "VALIDATION_ERROR"],
    ["POST", `/conversations/${id}/messages`, text("x"), "VALIDATION_ERROR"],
    ["GET", `/messages/${id}`, undefined, "VALIDATION_ERROR"],
    ["GET", `/users/${id}`, undefined, "VALIDATION_ERROR"],
    ["GET", `/conversations/:id/messages?before_id=${id}`, undefined, "VALIDATION_ERROR"],
  ]),
  ...[FREE_ID, SOMEBODY, FREE_MESSAGE].flatMap((id): Bad[] => [
    ["GET", `/conversations/${id}`, undefined, "CONVERSATION_NOT_FOUND"],
    ["GET", `/conversations/${id}/messages`, undefined, "CONVERSATION_NOT_FOUND"],
    ["POST", `/conversations/${id}/messages`, text("x"), "CONVERSATION_NOT_FOUND"],
    ["GET", `/messages/${id}`, undefined, "NOT_FOUND"],
    ["GET", `/users/${id}`, undefined, "NOT_FOUND"],
    ["GET", `/conversations/:id/messages?before_id=${id}`, undefined, "NOT_FOUND"],
  ]),
  ["GET", "/messages/:id", undefined, "NOT_FOUND"],
  ["GET", "/conversations/:message", undefined, "CONVERSATION_NOT_FOUND"],
];

export const queries: Bad[] = [
  ...BAD_NUMBERS.flatMap((value): Bad[] => [
    ["GET", `/conversations?limit=${value}`, undefined, "VALIDATION_ERROR"],
    ["GET", `/conversations/:id/messages?limit=${value}`, undefined, "VALIDATION_ERROR"],
    ["GET", `/users?q=ann&limit=${value}`, undefined, "VALIDATION_ERROR"],
  ]),
  ...BAD_NUMBERS.filter((value) => value !== "101").map(
    (value): Bad => ["GET", `/conversations?page=${value}`, undefined, "VALIDATION_ERROR"],
  ),
  ...["", "?q=", "?q=%20", "?q=%00", `?q=${"x".repeat(101)}`, "?q=a&q=b"].map(
    (query): Bad => ["GET", `/users${query}`, undefined, "VALIDATION_ERROR"],
  ),
  ["GET", "/conversations?limit=1&limit=2", undefined, "VALIDATION_ERROR"],
  ["GET", "/conversations/:id/messages?before_id=:message&after_id=:message", undefined, "VALIDATION_ERROR"],
  ["GET", "/conversations/:id/messages?around_id=:message&after_id=:message", undefined, "VALIDATION_ERROR"],
];
