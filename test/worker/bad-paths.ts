/** Paths, tokens and handshakes that must be refused. */

import { NO_EMOJI } from "./bad-annotations.ts";
import { type Bad, UNKNOWN, withEnds } from "./bad-kit.ts";
import { text } from "./bad-messages.ts";

export const NO_ID = [
  "x",
  "%",
  "%00",
  "%F0%9F",
  "%ED%A0%80",
  "null",
  "1",
  "__proto__",
  UNKNOWN.conversation.replaceAll("-", ""),
  `${UNKNOWN.conversation}0`,
  `%20${UNKNOWN.conversation}`,
  `${UNKNOWN.conversation}%00`,
  `{${UNKNOWN.conversation}}`,
  "x".repeat(10_000),
];

type Route = [method: string, before: string, after: string, body?: unknown];

const OF_CONVERSATION: Route[] = [
  ["GET", "/conversations/", ""],
  ["PUT", "/conversations/", "", { name: "New name" }],
  ["DELETE", "/conversations/", ""],
  ["POST", "/conversations/", "/accept"],
  ["POST", "/conversations/", "/decline", {}],
  ["PATCH", "/conversations/", "/preferences", { is_pinned: true }],
  ["POST", "/conversations/", "/participants", { user_id: ":eve" }],
  ["DELETE", "/conversations/", "/participants/:bob"],
  ["PATCH", "/conversations/", "/participants/:bob", { role: "admin" }],
  ["GET", "/conversations/", "/messages"],
  ["POST", "/conversations/", "/messages", text("x")],
  ["PUT", "/conversations/", "/read", { up_to_message_id: ":heard" }],
  ["POST", "/conversations/", "/typing"],
  ["DELETE", "/conversations/", "/typing"],
  ["GET", "/conversations/", "/pins"],
  ["PUT", "/conversations/", "/participants/:bob/mute", {}],
  ["DELETE", "/conversations/", "/participants/:bob/mute"],
  ["PUT", "/conversations/", "/bans/:bob", {}],
  ["DELETE", "/conversations/", "/bans/:bob"],
  ["GET", "/conversations/", "/bans"],
];

const OF_MESSAGE: Route[] = [
  ["GET", "/messages/", ""],
  ["PUT", "/messages/", "", { content: "x" }],
  ["DELETE", "/messages/", ""],
  ["DELETE", "/messages/", "?delete_for_everyone=true"],
  ["GET", "/messages/", "/edits"],
  ["GET", "/messages/", "/receipts"],
  ["POST", "/messages/", "/reactions", { emoji: "👍" }],
  ["DELETE", "/messages/", "/reactions/%F0%9F%91%8D"],
  ["PUT", "/messages/", "/pin"],
  ["DELETE", "/messages/", "/pin"],
];

function withIds(routes: Route[], ids: string[], code: Bad[3]): Bad[] {
  return routes.flatMap(([method, before, after, body]) =>
    ids.map((id): Bad => [method, before + id + after, body, code]),
  );
}

const ATTACHMENT: Route = ["GET", "/attachments/", ""];
const LINK: Route = ["GET", "/attachments/", "/link"];
const SIGNED = `v=x&expires=1795694400&sig=${"x".repeat(43)}`;
/** The query of a link to a file of an export that nobody has made. */
const EXPORT_SIGNED = `expires=1795694400&sig=${"x".repeat(43)}`;
const USER: Route = ["GET", "/users/", ""];
const BLOCKS: Route[] = [
  ["PUT", "/blocks/", ""],
  ["DELETE", "/blocks/", ""],
];

export const ids: Bad[] = [
  ...withIds(
    [...OF_CONVERSATION, ...OF_MESSAGE, ATTACHMENT, LINK, USER, ...BLOCKS],
    NO_ID,
    "VALIDATION_ERROR",
  ),
  ...withIds(OF_CONVERSATION, [UNKNOWN.conversation, UNKNOWN.user, ":said"], "CONVERSATION_NOT_FOUND"),
  ...withIds(OF_MESSAGE, [UNKNOWN.message, UNKNOWN.user, ":direct", ":later"], "NOT_FOUND"),
  ...withIds([...OF_CONVERSATION.slice(0, 4), ...OF_CONVERSATION.slice(5)], [":foreign"], "FORBIDDEN"),
  ...withIds(OF_MESSAGE, [":secret"], "FORBIDDEN"),
  ...withIds(
    [ATTACHMENT, LINK],
    [UNKNOWN.attachment, UNKNOWN.user, ":noPhoto", ":unsent", ":said"],
    "NOT_FOUND",
  ),
  ...withIds([ATTACHMENT, LINK], [":foreignPhoto"], "FORBIDDEN"),
  ...withIds([["GET", "/attachments/", `/file?${SIGNED}`]], NO_ID, "VALIDATION_ERROR"),
  ["GET", `/attachments/${UNKNOWN.attachment}/file?${SIGNED}`, undefined, "FORBIDDEN"],
  ...[
    "",
    SIGNED.slice(0, -1),
    SIGNED.replace("v=x&", ""),
    `${SIGNED}&w=-1`,
    `${SIGNED}&w=1e3`,
    `${SIGNED}&download=yes`,
  ].map(
    (query): Bad => [
      "GET",
      `/attachments/${UNKNOWN.attachment}/file?${query}`,
      undefined,
      "VALIDATION_ERROR",
    ],
  ),
  ["GET", `/exports/x/manifest.json?${EXPORT_SIGNED}`, undefined, "VALIDATION_ERROR"],
  ["GET", `/exports/${UNKNOWN.user}/manifest.json?${EXPORT_SIGNED}`, undefined, "FORBIDDEN"],
  ...["x", "manifest.txt", "part-1.ndjson", "part-00001.ndjson.x"].map(
    (file): Bad => [
      "GET",
      `/exports/${UNKNOWN.user}/${file}?${EXPORT_SIGNED}`,
      undefined,
      "VALIDATION_ERROR",
    ],
  ),
  ...["", "expires=1795694400", "sig=x", "expires=-1&sig=x", "expires=1e3&sig=x"].map(
    (query): Bad => ["GET", `/exports/${UNKNOWN.user}/manifest.json?${query}`, undefined, "VALIDATION_ERROR"],
  ),
  ...withIds([USER], [UNKNOWN.user, ":direct"], "NOT_FOUND"),
  ...withEnds("DELETE", "/conversations/:group/participants/", "VALIDATION_ERROR", NO_ID),
  ...withEnds("PATCH", "/conversations/:group/participants/", "VALIDATION_ERROR", NO_ID, { role: "admin" }),
  ...withEnds("PUT", "/conversations/:group/bans/", "VALIDATION_ERROR", NO_ID, {}),
  ...withEnds("DELETE", "/conversations/:group/bans/", "VALIDATION_ERROR", NO_ID),
  ["PUT", "/blocks/:ann", undefined, "VALIDATION_ERROR"],
  ["DELETE", "/conversations/:group/participants/:eve", undefined, "NOT_FOUND"],
  ["DELETE", "/conversations/:direct/participants/:bob", undefined, "VALIDATION_ERROR"],
  ["DELETE", "/messages/:heard?delete_for_everyone=true", undefined, "FORBIDDEN"],
  ["DELETE", "/messages/:note?delete_for_everyone=true", undefined, "FORBIDDEN"],
];

/** Percent-encoding that is none, and what is not one emoji. */
export const emoji: Bad[] = withEnds("DELETE", "/messages/:said/reactions/", "VALIDATION_ERROR", [
  "%",
  "%F0%9F",
  "%F0%9F%91",
  "%zz",
  "%F0%9F%91%8D%00",
  "%00",
  "%ED%A0%BD%ED%B1%8D",
  "%2F",
  "%F0%9F%91%8D%2F%F0%9F%91%8D",
  "%25F0%259F%2591%258D",
  ...NO_EMOJI.slice(2).map(encodeURIComponent),
]);

const base64 = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
const CLAIMS = base64({ sub: UNKNOWN.user, username: "mallory", exp: 4_000_000_000 });
const NO_TOKENS = [
  "",
  "Bearer",
  "Bearer x",
  "Bearer x.y.z",
  "Bearer ..",
  "Bearer a b",
  "Basic YW5uOmFubg==",
  `Bearer ${"x".repeat(8193)}`,
  `Bearer ${base64({ alg: "none" })}.${CLAIMS}.`,
  `Bearer ${base64({ alg: "HS256" })}.${CLAIMS}.AAAA`,
  `Bearer ${base64({ alg: "HS256", crit: ["x"] })}.${CLAIMS}.AAAA`,
  `Bearer ${base64([])}.${CLAIMS}.AAAA`,
  `Bearer ${base64(null)}.${CLAIMS}.AAAA`,
  `Bearer ${btoa(`{"alg":${"[".repeat(2000)}}`)}.${CLAIMS}.AAAA`,
];
const AUTHENTICATED: [method: string, path: string][] = [
  ["GET", "/users/me"],
  ["GET", "/unread"],
  ["POST", "/ws/ticket"],
];

const upgrade = { upgrade: "websocket" };
const SOCKETS = ["/ws", "/conversations/:direct/ws"];
const NO_TICKETS = [
  "x",
  ".",
  `${UNKNOWN.user}.${UNKNOWN.user}`,
  `:ann.${UNKNOWN.user}`,
  ":ann",
  "%00",
  "x".repeat(10_000),
];

export const handshakes: Bad[] = [
  ...AUTHENTICATED.flatMap(([method, path]) =>
    NO_TOKENS.map((authorization): Bad => [method, path, undefined, "UNAUTHORIZED", { authorization }]),
  ),
  ...SOCKETS.flatMap((path): Bad[] => [
    ["GET", path, undefined, "VALIDATION_ERROR"],
    ["GET", path, undefined, "VALIDATION_ERROR", { upgrade: "h2c" }],
    ["GET", path, undefined, "UNAUTHORIZED", { ...upgrade, authorization: "" }],
    ["GET", `${path}?token=x`, undefined, "UNAUTHORIZED", { ...upgrade, authorization: "" }],
    ["GET", `${path}?token=a&token=b`, undefined, "VALIDATION_ERROR", upgrade],
    ["GET", `${path}?batch=2`, undefined, "VALIDATION_ERROR", upgrade],
    ["GET", `${path}?lean=2`, undefined, "VALIDATION_ERROR", upgrade],
    ["GET", path, undefined, "FORBIDDEN", { ...upgrade, origin: "https://evil.example" }],
    ["GET", path, undefined, "FORBIDDEN", { ...upgrade, origin: "null" }],
    ...NO_TICKETS.map(
      (ticket): Bad => ["GET", `${path}?ticket=${ticket}`, undefined, "UNAUTHORIZED", upgrade],
    ),
  ]),
  ...["-1", "x", "1.5", "1e3", "1234567890123456", "%00"].map(
    (since): Bad => [
      "GET",
      `/conversations/:direct/ws?since=${since}`,
      undefined,
      "VALIDATION_ERROR",
      upgrade,
    ],
  ),
  ...NO_ID.map((id): Bad => ["GET", `/conversations/${id}/ws`, undefined, "VALIDATION_ERROR", upgrade]),
  ["GET", `/conversations/${UNKNOWN.user}/ws`, undefined, "CONVERSATION_NOT_FOUND", upgrade],
  ["GET", `/conversations/${UNKNOWN.conversation}/ws`, undefined, "CONVERSATION_NOT_FOUND", upgrade],
  ["GET", "/conversations/:foreign/ws", undefined, "FORBIDDEN", upgrade],
];

/** Nothing is there, or not by this method. */
export const nowhere: Bad[] = [
  ...[
    "/nothing",
    "/messages",
    "/conversations//messages",
    "/messages/:said//",
    "/users/me//",
    "/%2e%2e/health",
  ].map((path): Bad => ["GET", path, undefined, "NOT_FOUND"]),
  ["DELETE", "/messages/:said/reactions/%F0%9F%91%8D/x", undefined, "NOT_FOUND"],
  // Without the emoji it is the path that adds one.
  ["DELETE", "/messages/:said/reactions/", undefined, "METHOD_NOT_ALLOWED"],
  ["DELETE", "/conversations", undefined, "METHOD_NOT_ALLOWED"],
  ["PUT", "/conversations", undefined, "METHOD_NOT_ALLOWED"],
  ["PATCH", "/messages/:said", { content: "x" }, "METHOD_NOT_ALLOWED"],
  ["GET", "/messages/:said/reactions", undefined, "METHOD_NOT_ALLOWED"],
];
