/** Frames that are JSON and must be refused, with the code on the user's socket and on the conversation's. */
import type { ErrorCode } from "@rocket-chat-api/protocol";
import { incomplete, mistyped, UNKNOWN } from "./bad-kit.ts";
import { BAD_TEXTS, text } from "./bad-messages.ts";

/** A frame of ann's and the codes that it deserves; the conversation's socket is that of `:direct`. */
export type BadFrame = [frame: unknown, user: ErrorCode, conversation: ErrorCode];

const invalid = (values: unknown[]) =>
  values.map((frame): BadFrame => [frame, "VALIDATION_ERROR", "VALIDATION_ERROR"]);
const both = (code: ErrorCode, values: unknown[]) => values.map((frame): BadFrame => [frame, code, code]);
/** A conversation's socket takes commands for itself alone. */
const elsewhere = (code: ErrorCode, values: unknown[]) =>
  values.map((frame): BadFrame => [frame, code, "VALIDATION_ERROR"]);

const SEND = { type: "message.send", conversation_id: ":direct", data: text("x") };
const say = (data: unknown) => ({ ...SEND, data });
const saying = (content: unknown, more: object = {}) => say(text(content, more));

const sends: BadFrame[] = [
  ...invalid(incomplete(SEND, ["conversation_id", "data"])),
  ...invalid(
    mistyped(SEND, {
      conversation_id: "id",
      data: "object",
      "data.type": "choice",
      "data.content": "text",
      "data.reply_to_message_id": "id?",
      "data.attachment_id": "id?",
      "data.attachment_ids": "list?",
      "data.client_message_id": "text?",
      "data.metadata": "object?",
    }),
  ),
  ...invalid(BAD_TEXTS.map((content) => saying(content))),
  ...invalid(["", "x".repeat(65), "\ud800"].map((id) => saying("x", { client_message_id: id }))),
  ...invalid(
    [{ a: "\ud800" }, { mentions: ["\0"] }, { a: "x".repeat(4096) }].map((m) => saying("x", { metadata: m })),
  ),
  ...invalid([say({ type: "system", content: "x" }), { ...SEND, data: undefined, ...text("x") }]),
  ...both("MESSAGE_TOO_LONG", [
    saying("x".repeat(4097)),
    saying("😀".repeat(4097)),
    saying("x".repeat(60_000)),
  ]),
  ...both(
    "NOT_FOUND",
    [UNKNOWN.message, UNKNOWN.user, ":later", ":secret"].map((id) =>
      saying("x", { reply_to_message_id: id }),
    ),
  ),
  ...both("INVALID_ATTACHMENT", [
    saying("x", { attachment_id: UNKNOWN.user }),
    say({ type: "image", content: "" }),
    say({ type: "image", content: "", attachment_id: ":unsent" }),
  ]),
];

/** Commands that name a conversation, and nothing else. */
const places = ["message.send", "typing.start", "typing.stop"].flatMap((type) => {
  const command = (conversation_id: unknown) => ({
    ...(type === SEND.type ? SEND : { type }),
    conversation_id,
  });
  return [
    ...elsewhere("CONVERSATION_NOT_FOUND", [UNKNOWN.conversation, UNKNOWN.user, ":said"].map(command)),
    ...elsewhere("FORBIDDEN", [command(":foreign")]),
  ];
});

const typing = ["typing.start", "typing.stop"].flatMap((type) =>
  invalid([{ type }, ...mistyped({ type }, { conversation_id: "id" })]),
);

const receipts = ["message.read", "message.delivered", "message.pin", "message.unpin"].flatMap((type) => {
  const command = (message_id: unknown) => ({ type, message_id });
  return [
    ...invalid([{ type }, ...mistyped({ type }, { message_id: "id" })]),
    ...both("NOT_FOUND", [command(":later")]),
    ...elsewhere("NOT_FOUND", [UNKNOWN.message, UNKNOWN.user, ":direct"].map(command)),
    ...elsewhere("FORBIDDEN", [command(":secret")]),
  ];
});

const sync = (conversations: unknown) => ({ type: "sync", conversations });
const syncs: BadFrame[] = invalid([
  { type: "sync" },
  ...mistyped({ type: "sync" }, { conversations: "object" }),
  ...mistyped(sync({}), { "conversations.:direct": "number" }),
  sync({ x: 0 }),
  sync({ constructor: 0 }),
  sync({ ":direct": 2 ** 53 }),
  sync({ ":direct": { since: 0 } }),
  sync(Object.fromEntries(Array.from({ length: 101 }, () => [crypto.randomUUID(), 0]))),
  '{"type":"sync","conversations":{":direct":1e400}}',
]);

const about: BadFrame[] = [
  ...invalid([
    { type: "presence.update" },
    ...mistyped({ type: "presence.update" }, { status: "choice" }),
    { type: "presence.update", status: "ONLINE" },
    { type: "device.state" },
    { type: "device.state", foreground: "yes", conversation_id: null },
    { type: "device.state", foreground: true, conversation_id: "here" },
    { type: "presence.update", data: { status: "online" } },
    ...mistyped(
      { type: "device.state", foreground: true, conversation_id: null },
      { foreground: "flag", conversation_id: "id?" },
    ),
    { type: "device.state", foreground: true },
    { type: "device.state", conversation_id: null },
    { type: "flow.ack" },
    ...mistyped({ type: "flow.ack" }, { received: "number" }),
    { type: "flow.ack", received: 2 ** 53 },
    '{"type":"flow.ack","received":1e400}',
    { type: "ping", request_id: {} },
    { type: "ping", request_id: "x".repeat(65) },
    { type: "auth.refresh" },
    ...mistyped({ type: "auth.refresh" }, { token: "text" }),
  ]),
  ...both(
    "UNAUTHORIZED",
    ["", "x", "a.b.c", "..", "é.é.é", "\ud800.a.b", "\0", "x".repeat(8193), "x".repeat(60_000)].map(
      (token) => ({
        type: "auth.refresh",
        token,
      }),
    ),
  ),
  ...both("FORBIDDEN", [{ type: "auth.refresh", token: ":anothers" }]),
];

const shapes = invalid([
  null,
  7,
  true,
  '"hello"',
  [],
  [SEND],
  {},
  ...mistyped({}, { type: "choice" }),
  ...["no.such.command", "message.new", "MESSAGE.SEND", "hasOwnProperty", "message.send\0"].map((type) => ({
    type,
  })),
  ...[1.5, true, [], {}, "x".repeat(65)].map((request_id) => ({
    type: "typing.stop",
    conversation_id: ":direct",
    request_id,
  })),
  '{"__proto__":{"type":"typing.start","conversation_id":":direct"}}',
  '{"type":"typing.start","conversation_id":":direct","type":"x"}',
  '{"type":"typing.start","conversation_id":":direct","conversation_id":"x"}',
  `{"type":"typing.start","conversation_id":${"[".repeat(30_000)}${"]".repeat(30_000)}}`,
  `{"type":${'{"type":'.repeat(7_000)}1${"}".repeat(7_000)}}`,
]);

export const COMMANDS: BadFrame[] = [
  ...shapes,
  ...sends,
  ...places,
  ...typing,
  ...receipts,
  ...syncs,
  ...about,
];
