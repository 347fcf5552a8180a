/** Bodies that must be refused: conversations, participants, preferences, and oneself. */
import { type Bad, incomplete, mistyped, UNKNOWN, withBodies } from "./bad-kit.ts";

/** Nested deeper than anything that walks a value by recursion can go. */
export const DEEP = "[".repeat(60_000) + "]".repeat(60_000);

/** Bodies that no route takes. Texts are sent as they are. */
const NO_OBJECT = ["", "{", "hello", "null", "1", '"text"', "[]", "[{}]", DEEP, "{'a':1}", '{"a":1', "\0"];

const WITH_BODY: [method: string, path: string][] = [
  ["POST", "/conversations/direct"],
  ["POST", "/conversations/group"],
  ["PUT", "/conversations/:group"],
  ["PATCH", "/conversations/:group/preferences"],
  ["POST", "/conversations/:group/participants"],
  ["PATCH", "/conversations/:group/participants/:bob"],
  ["PUT", "/conversations/:group/participants/:bob/mute"],
  ["PUT", "/conversations/:group/bans/:eve"],
  ["POST", "/conversations/:direct/messages"],
  ["PUT", "/conversations/:direct/read"],
  ["PUT", "/messages/:said"],
  ["POST", "/messages/:said/reactions"],
  ["POST", "/messages/attachments/upload-url"],
  ["POST", "/attachments/links"],
  ["PATCH", "/users/me"],
  ["PATCH", "/users/me/privacy"],
  ["PUT", "/devices/phone"],
  ["POST", "/devices"],
  ["PATCH", "/push-preferences"],
];

export const noObjects: Bad[] = WITH_BODY.flatMap(([method, path]) =>
  withBodies(method, path, "VALIDATION_ERROR", NO_OBJECT),
);

/** Names that nothing may have. @param max code points. */
const badNames = (max: number) => [
  "",
  "   ",
  "\ufeff\u2028",
  "a\0b",
  "\ud800",
  "a\udc00b",
  "\ude00\ud83d",
  "x".repeat(max + 1),
  "😀".repeat(max + 1),
];

/** What cannot stand in a sentence of the server's: it shows nothing, breaks the line, or turns what follows. */
const NO_LINES = [
  "\u200b",
  "\u00ad\u2800\u3164",
  "\u{e0100}\ufe0f",
  "\u202e\u202c",
  "Team\nann left",
  "Team\u2028left",
  "a\tb",
  "a\u0085b",
  "a\x1b[31mb",
  "\u202egnp",
  "\u2067a",
  "a\u2069b",
];

const BAD_DESCRIPTIONS = ["x".repeat(501), "\udc00", "a\0", "\u202egnp", "a\u2066b\nc", "a\u202c"];

/** What is no picture's address, or none that can be stored and shown. */
const BAD_URLS = [
  "",
  "x",
  "/photo.png",
  "//example.com/photo.png",
  "javascript:alert(1)",
  "data:image/png;base64,AAAA",
  "ftp://example.com/photo.png",
  "http://example.com/photo.png",
  "https://user@example.com/photo.png",
  "https://user:secret@example.com/photo.png",
  "https://",
  "https://example.com/\0",
  "https://example.com/\ud800",
  `https://example.com/${"x".repeat(2048)}`,
];

const GROUP = { name: "Group", participant_ids: [] };

export const create: Bad[] = [
  ...withBodies("POST", "/conversations/direct", "VALIDATION_ERROR", [
    ...mistyped({ user_id: ":bob" }, { user_id: "id" }),
    {},
    { user_id: ":ann" },
    '{"user_id":":bob","user_id":"x"}',
    '{"__proto__":{"user_id":":bob"}}',
  ]),
  ["POST", "/conversations/direct", { user_id: UNKNOWN.user }, "NOT_FOUND"],
  ...withBodies("POST", "/conversations/group", "VALIDATION_ERROR", [
    ...mistyped(GROUP, { name: "text", description: "text?", participant_ids: "list" }),
    ...incomplete(GROUP),
    ...[...badNames(100), ...NO_LINES].map((name) => ({ ...GROUP, name })),
    ...BAD_DESCRIPTIONS.map((description) => ({ ...GROUP, description })),
    ...["x", null, 7, ["x"], {}, "\ud800"].map((id) => ({ ...GROUP, participant_ids: [":bob", id] })),
    { ...GROUP, participant_ids: unknownUsers(1001) },
    { ...GROUP, participant_ids: unknownUsers(3_000) },
    '{"__proto__":{"name":"Group","participant_ids":[]}}',
  ]),
  ["POST", "/conversations/group", { ...GROUP, participant_ids: [UNKNOWN.user] }, "NOT_FOUND"],
  ["POST", "/conversations/group", { ...GROUP, participant_ids: [":bob", UNKNOWN.user] }, "NOT_FOUND"],
  ["POST", "/conversations/group", { ...GROUP, participant_ids: unknownUsers(4_000) }, "PAYLOAD_TOO_LARGE"],
];

/** Ids of nobody, each another. */
function unknownUsers(length: number): string[] {
  return Array.from({ length }, (_, i) => UNKNOWN.user.slice(0, -6) + i.toString(16).padStart(6, "0"));
}

const settings = (values: object) => ({ settings: values });

export const update: Bad[] = [
  ...withBodies("PUT", "/conversations/:group", "VALIDATION_ERROR", [
    ...mistyped({}, { name: "text?", description: "text?", photo_url: "text?", settings: "object?" }),
    ...mistyped(
      {},
      {
        "settings.only_admins_can_send": "flag?",
        "settings.disappearing_messages_enabled": "flag?",
        "settings.disappearing_ttl_seconds": "number?",
      },
    ),
    ...[...badNames(100), ...NO_LINES].map((name) => ({ name })),
    ...BAD_DESCRIPTIONS.map((description) => ({ description })),
    ...BAD_URLS.map((photo_url) => ({ photo_url })),
    ...[0, 4, 365 * 24 * 3600 + 1, 2 ** 53].map((disappearing_ttl_seconds) =>
      settings({ disappearing_ttl_seconds }),
    ),
    '{"settings":{"disappearing_ttl_seconds":1e400}}',
    '{"name":"New name","name":7}',
    { name: "New name", settings: { only_admins_can_send: "yes" } },
  ]),
  ...withBodies("PUT", "/conversations/:direct", "VALIDATION_ERROR", [
    { name: "New name" },
    { description: null },
    { photo_url: null },
    settings({ only_admins_can_send: true }),
    { name: "New name", ...settings({ disappearing_messages_enabled: true }) },
  ]),
  ["PUT", "/conversations/:foreign", settings({ disappearing_messages_enabled: true }), "FORBIDDEN"],
  ...withBodies("PATCH", "/conversations/:group/preferences", "VALIDATION_ERROR", [
    {},
    { is_pinned: undefined, other: true },
    ...mistyped({}, { is_muted: "flag", is_pinned: "flag", is_archived: "flag", muted_until: "text?" }),
    ...[
      "",
      "tomorrow",
      "2025-11-16",
      "2025-11-16T10:30:00",
      "2025-02-30T00:00:00Z",
      "2025-11-16T25:00:00Z",
    ].map((muted_until) => ({ muted_until })),
    ...["+275761-01-01T00:00:00Z", "2025-11-16T10:30:00Z\0", "1763289000000"].map((muted_until) => ({
      muted_until,
    })),
    { is_pinned: true, is_muted: "x" },
    '{"__proto__":{"is_pinned":true}}',
  ]),
];

export const participants: Bad[] = [
  ...withBodies("POST", "/conversations/:group/participants", "VALIDATION_ERROR", [
    {},
    { user_ids: [] },
    { user_id: ":eve", user_ids: [":eve"] },
    ...mistyped({}, { user_id: "id", user_ids: "list" }),
    ...["x", null, 7, [":eve"], {}].map((id) => ({ user_ids: [":eve", id] })),
    { user_ids: unknownUsers(10_001).map(() => 0) },
    '{"__proto__":{"user_id":":eve"}}',
  ]),
  ...withBodies("POST", "/conversations/:group/participants", "NOT_FOUND", [
    { user_id: UNKNOWN.user },
    { user_ids: [":eve", UNKNOWN.user] },
    { user_ids: unknownUsers(3_000) },
  ]),
  ["POST", "/conversations/:direct/participants", { user_id: ":eve" }, "VALIDATION_ERROR"],
  ["POST", "/conversations/:foreign/participants", { user_id: ":ann" }, "FORBIDDEN"],
  ...withBodies("PATCH", "/conversations/:group/participants/:bob", "VALIDATION_ERROR", [
    ...mistyped({}, { role: "choice" }),
    ...["OWNER", "superadmin", "admin ", "admin\0"].map((role) => ({ role })),
    {},
    '{"role":"admin","role":"king"}',
    '{"__proto__":{"role":"admin"}}',
  ]),
  ["PATCH", "/conversations/:group/participants/:ann", { role: "member" }, "FORBIDDEN"],
  ["PATCH", "/conversations/:group/participants/:eve", { role: "admin" }, "NOT_FOUND"],
  ["PATCH", "/conversations/:direct/participants/:bob", { role: "admin" }, "VALIDATION_ERROR"],
];

export const privacy: Bad[] = withBodies("PATCH", "/users/me/privacy", "VALIDATION_ERROR", [
  {},
  { others: true },
  ...mistyped({}, { read_receipts: "flag", last_seen: "flag", who_can_message: "text", who_can_add: "text" }),
  { who_can_message: "contacts" },
  { who_can_add: "shared_conversation" },
  { read_receipts: true, last_seen: "yes" },
  '{"__proto__":{"last_seen":false}}',
]);

export const declining: Bad[] = withBodies("POST", "/conversations/:direct/decline", "VALIDATION_ERROR", [
  ...mistyped({}, { block: "flag?", report: "text?" }),
  { report: "boring" },
]);

export const oneself: Bad[] = withBodies("PATCH", "/users/me", "VALIDATION_ERROR", [
  {},
  { username: "somebody.else", user_id: ":bob" },
  ...mistyped({}, { display_name: "text", profile_photo_url: "text?" }),
  ...badNames(100).map((display_name) => ({ display_name })),
  ...["\u200b", "\u3164", "a\nb", "a\u0085b", "a\u2028b", "\u202ea", "a\u2066", "a\u202c"].map(
    (display_name) => ({
      display_name,
    }),
  ),
  ...BAD_URLS.map((profile_photo_url) => ({ profile_photo_url })),
  '{"__proto__":{"display_name":"Somebody"}}',
]);
