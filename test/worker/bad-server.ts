/** What a server may not ask, with a credential that may ask everything (rule 28). */
import { type Bad, mistyped, UNKNOWN, withBodies } from "./bad-kit.ts";
import { serverRooms } from "./bad-rooms.ts";

/** Stands for the token of a server; see `send` in bad-stage.ts. */
const AS_SERVER = { authorization: "Bearer :server" };
const asServer = (rows: Bad[]): Bad[] =>
  rows.map(([method, path, body, code]) => [method, path, body, code, AS_SERVER]);
const bad = (method: string, path: string, values: unknown[]) =>
  withBodies(method, path, "VALIDATION_ERROR", values);

const NO_USERS = [
  "x",
  "ext:",
  "ext:%0A",
  `ext:${"x".repeat(129)}`,
  "%00",
  "ext:00000000-0000-0000-0000-000000000000",
];
const NO_METADATA = [7, "x", [], { a: "x".repeat(4096) }, { a: "\0" }, { "\udc00": 1 }];
const CONVERSATION = { type: "group", participants: [":ann", ":bob"] };
const SYSTEM = { system: { event: "order.placed" }, content: "x" };
const EVENT = { name: "moved", data: {} };
const AT = "/server/conversations/:group";

const users: Bad[] = [
  ...NO_USERS.flatMap((user) => bad("PUT", `/server/users/${user}`, [{}])),
  ...bad("PUT", "/server/users/:eve", [
    ...mistyped({}, { username: "text?", display_name: "text?", profile_photo_url: "text?" }),
    ...["Eve", "ev", "e v", "e".repeat(33)].map((username) => ({ username })),
    ...NO_METADATA.map((metadata) => ({ metadata })),
  ]),
  ...bad("POST", "/server/users/batch", [
    {},
    { users: [] },
    { users: [{}] },
    { users: [{ user_id: "x" }] },
    { users: [{ user_id: "ext:" }] },
    { users: [{ user_id: ":eve", username: "E" }] },
    { users: Array.from({ length: 101 }, () => ({ user_id: ":eve" })) },
  ]),
  ["POST", "/server/users/x/export", undefined, "VALIDATION_ERROR"],
  ["POST", `/server/users/${UNKNOWN.user}/export`, undefined, "NOT_FOUND"],
  ["POST", "/server/users/x/erase", { messages: "erase" }, "VALIDATION_ERROR"],
  ["POST", `/server/users/${UNKNOWN.user}/erase`, { messages: "erase" }, "NOT_FOUND"],
  ...bad("POST", "/server/users/:eve/erase", [{}, { messages: null }, { messages: "keep" }, { messages: 1 }]),
  ...["deactivate", "reactivate", "tokens/revoke", "events"].flatMap((what): Bad[] => [
    ["POST", `/server/users/x/${what}`, EVENT, "VALIDATION_ERROR"],
    ["POST", `/server/users/${UNKNOWN.user}/${what}`, EVENT, "NOT_FOUND"],
  ]),
  ...bad("POST", "/server/users/:eve/tokens/revoke", [
    { issued_before: 7 },
    { issued_before: "yesterday" },
    { issued_before: "2099-01-01T00:00:00.000Z" },
  ]),
  ...bad("POST", "/server/users/:eve/events", mistyped(EVENT, { name: "text", data: "object?" })),
];

const conversations: Bad[] = [
  ...bad("POST", `${AT}/recover`, [
    {},
    { to: null },
    { to: "yesterday" },
    { to: 7 },
    { to: "2099-01-01T00:00:00.000Z" },
    { to: "2020-01-01T00:00:00.000Z" },
    { bookmark: "" },
    { bookmark: "../x" },
    { bookmark: 7 },
    { to: "2026-01-15T10:30:00.000Z", bookmark: "state" },
  ]),
  [
    "POST",
    `/server/conversations/${UNKNOWN.conversation}/recover`,
    { bookmark: "x" },
    "CONVERSATION_NOT_FOUND",
  ],
  ...bad("POST", "/server/conversations", [
    ...mistyped(CONVERSATION, { type: "choice", participants: "list", external_id: "text?", name: "text?" }),
    ...mistyped(CONVERSATION, {
      owner: "id?",
      settings: "object?",
      "settings.only_admins_can_send": "flag?",
    }),
    ...NO_METADATA.map((metadata) => ({ ...CONVERSATION, metadata })),
    ...["", "a\0", "a\nb", "x".repeat(129)].map((external_id) => ({ ...CONVERSATION, external_id })),
    { type: "direct", participants: [":ann"] },
    { type: "direct", participants: [":ann", ":bob"], name: "x" },
  ]),
  ["POST", "/server/conversations", { ...CONVERSATION, participants: [UNKNOWN.user] }, "NOT_FOUND"],
  ["POST", "/server/conversations", { ...CONVERSATION, owner: UNKNOWN.user }, "NOT_FOUND"],
  ["GET", "/server/conversations/by-external-id/nothing", undefined, "CONVERSATION_NOT_FOUND"],
  ["GET", "/server/conversations/by-external-id/%0A", undefined, "VALIDATION_ERROR"],
  ...bad("POST", "/server/push/check", [
    {},
    { user: ":ann" },
    { message_id: ":said" },
    { user: "x", message_id: ":said" },
    { user: ":ann", message_id: "x" },
  ]),
  ["POST", "/server/push/check", { user: ":eve", message_id: ":said" }, "NOT_FOUND"],
  ["POST", "/server/push/check", { user: ":ann", message_id: UNKNOWN.conversation }, "NOT_FOUND"],
  ...bad("POST", "/server/directory/rebuild", [
    ...mistyped({ kind: "users", objects: [UNKNOWN.user] }, { is_begun: "flag?" }),
    { kind: "rooms", objects: [UNKNOWN.user] },
    { kind: "users", objects: [] },
    { kind: "users", objects: Array(41).fill(UNKNOWN.user) },
    ...["", "x", UNKNOWN.user.toUpperCase().replaceAll("-", ""), "g".repeat(64), "a".repeat(65)].map(
      (id) => ({
        kind: "conversations",
        objects: [id],
      }),
    ),
  ]),
  ["GET", "/server/jobs/x", undefined, "VALIDATION_ERROR"],
  ["GET", `/server/jobs/${UNKNOWN.user}`, undefined, "NOT_FOUND"],
  ["DELETE", "/server/conversations/x", undefined, "VALIDATION_ERROR"],
  ["DELETE", `/server/conversations/${UNKNOWN.conversation}`, undefined, "CONVERSATION_NOT_FOUND"],
  ["DELETE", `${AT}/participants/x`, undefined, "VALIDATION_ERROR"],
  ["DELETE", `${AT}/participants/:eve`, undefined, "NOT_FOUND"],
  ["DELETE", "/server/conversations/:direct/participants/:bob", undefined, "VALIDATION_ERROR"],
  ...bad("POST", `${AT}/participants`, [
    {},
    { user_id: "x" },
    { user_ids: [] },
    { user_id: ":eve", user_ids: [":eve"] },
  ]),
  ["POST", `${AT}/participants`, { user_id: UNKNOWN.user }, "NOT_FOUND"],
  ["POST", "/server/conversations/:direct/participants", { user_id: ":eve" }, "VALIDATION_ERROR"],
  ...bad("POST", `${AT}/events`, [
    ...mistyped(EVENT, { name: "text", data: "object?" }),
    ...["", ".", "a.", "A", "a b", "x".repeat(65)].map((name) => ({ name })),
    ...NO_METADATA.map((data) => ({ name: "x", data })),
  ]),
];

const updates: Bad[] = [
  ...bad("PUT", AT, [
    ...mistyped({}, { name: "text?", settings: "object?" }),
    ...NO_METADATA.map((metadata) => ({ metadata })),
  ]),
  ["PUT", "/server/conversations/:direct", { name: "x" }, "VALIDATION_ERROR"],
  ["PUT", `/server/conversations/${UNKNOWN.conversation}`, { name: "x" }, "CONVERSATION_NOT_FOUND"],
];

const messages: Bad[] = [
  ...bad("POST", `${AT}/messages`, [
    { content: "x" },
    { ...SYSTEM, sender: ":ann" },
    { ...SYSTEM, type: "image" },
    { ...SYSTEM, metadata: {} },
    { ...SYSTEM, content: " " },
    { sender: ":ann", content: " " },
    ...mistyped({ sender: ":ann", content: "x" }, { sender: "id", content: "text?", silent: "flag?" }),
    ...["", "A", "a b", "message.new", "participant.added", "x".repeat(65)].map((event) => ({
      ...SYSTEM,
      system: { event },
    })),
    ...NO_METADATA.map((params) => ({ ...SYSTEM, system: { event: "x", params } })),
  ]),
  ["POST", `${AT}/messages`, { sender: ":eve", content: "x" }, "FORBIDDEN"],
  ["POST", `${AT}/messages`, { sender: UNKNOWN.user, content: "x" }, "NOT_FOUND"],
  ["POST", `${AT}/messages`, { ...SYSTEM, content: "x".repeat(4097) }, "MESSAGE_TOO_LONG"],
  ["POST", `/server/conversations/${UNKNOWN.conversation}/messages`, SYSTEM, "CONVERSATION_NOT_FOUND"],
];

const FILTER = { type: "words", match: "anywhere", action: "flag", entries: ["a word that nobody says"] };
const FILTERS = "/server/moderation/filters";

const filters: Bad[] = [
  ...["A", "a b", "a.b", "-a", "%00", "x".repeat(65)].map(
    (name): Bad => ["PUT", `${FILTERS}/${name}`, FILTER, "VALIDATION_ERROR"],
  ),
  ...bad("PUT", `${FILTERS}/x`, [
    ...mistyped(FILTER, { type: "choice", match: "choice?", action: "choice", entries: "list" }),
    ...[[""], [" "], ["\u200b"], ["a\0"], ["\udc00"], [7], ["x".repeat(101)]].map((entries) => ({
      ...FILTER,
      entries,
    })),
    ...["no", "a b.c", ".a.b", "a..b", "http://a.b/c", `${"x".repeat(64)}.com`].map((entry) => ({
      type: "domains",
      action: "flag",
      entries: [entry],
    })),
    { type: "domains", match: "anywhere", action: "flag", entries: ["a.b"] },
  ]),
  ["GET", `${FILTERS}/nothing`, undefined, "NOT_FOUND"],
  ["GET", `${FILTERS}/A`, undefined, "VALIDATION_ERROR"],
  ["DELETE", `${FILTERS}/A`, undefined, "VALIDATION_ERROR"],
];

export const server: Bad[] = asServer([
  ...users,
  ...conversations,
  ...updates,
  ...messages,
  ...filters,
  ...serverRooms,
]);
