/** The prose of the documents; whatever can be read off a table or a schema is. */
import {
  CLOSE,
  ERRORS,
  FRAME_BURST,
  FRAMES_PER_SECOND,
  MAX_FRAME_BYTES,
  MAX_SOCKETS,
  QUOTAS,
  RATE_LIMITS,
} from "@rocket-chat-api/protocol";

/** When a socket closes by the server's wish (rule 23). */
export const CLOSE_CODES: Record<keyof typeof CLOSE, string> = {
  BAD_FRAME: "A frame was not JSON, or too many in a row were not valid.",
  NOT_AUTHORISED: "The socket is no longer allowed.",
  RATE_LIMITED: `Too many commands in a row were over budget, or too many frames; or the user has opened ${MAX_SOCKETS} newer sockets.`,
  TOKEN_EXPIRED: "The token has expired. Send `auth.refresh` in time, or connect with a new one.",
  TOO_SLOW: "The client reads too slowly. Connect again and resume.",
  REMOVED: "The user is no longer in the conversation.",
  FRAME_TOO_LARGE: `A frame was larger than ${MAX_FRAME_BYTES / 1024} KiB.`,
};

export const LICENSE = { name: "Proprietary" };

/** What a command is for. One without an entry is named by its type alone; a test finds it. */
export const COMMANDS: Readonly<Record<string, string>> = {
  "message.send":
    "Sends a message. The `ack` carries it, once it is on disk. With a `client_message_id` it may be sent again.",
  "typing.start": "The user types. It ends by itself after six seconds.",
  "typing.stop": "The user has stopped typing.",
  "message.read": "The user has read everything up to this message.",
  "message.delivered": "The device has everything up to this message.",
  "presence.update": "How the user wants to be seen. The best of all their devices counts.",
  sync: "Asks what has changed in these conversations. `conversation.sync` events come before the `ack`.",
  "flow.ack": "The client has received so many characters. Never answered.",
  "auth.refresh": "Extends the connection with a new token of the same user.",
  ping: 'A sign of life. The exact bytes `{"type":"ping"}` cost the server nothing.',
};

/** The groups of REST routes, in the order of the page. A route's tag without an entry fails a test. */
export const TAGS: { name: string; description: string }[] = [
  { name: "Conversations", description: "Direct chats and groups: their members, settings and preferences." },
  { name: "Participants", description: "Who is in a conversation, and as what." },
  { name: "Messages", description: "Sending, reading, editing and deleting messages." },
  { name: "Reactions", description: "One reaction for each user and emoji on a message." },
  { name: "Receipts", description: "Read state is a watermark for each member, which only moves forward." },
  { name: "Typing", description: "Who is typing, for those whose socket is elsewhere." },
  { name: "Search", description: "Full text, in your own conversations." },
  { name: "Attachments", description: "Files go straight to storage, by a presigned URL." },
  { name: "Devices", description: "Where push notifications go." },
  { name: "Sync", description: "Everything that changed while a client was away." },
  { name: "Users", description: "Your own profile and those of others." },
  { name: "Sockets", description: "How a socket is opened. What it carries is in `/asyncapi.json`." },
  { name: "Capabilities", description: "What a deployment can do, before a client signs in." },
  { name: "Health", description: "For monitors." },
  { name: "Documentation", description: "These pages." },
];

function table(head: string[], rows: (string | number)[][]): string {
  const line = (cells: (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const errorTable = table(
  ["`code`", "Status", "Meaning", "Retry"],
  Object.entries(ERRORS).map(([code, { status, message, retryable }]) => [
    `\`${code}\``,
    status,
    message,
    retryable ? "yes" : "no",
  ]),
);

const closeTable = table(
  ["Code", "Meaning"],
  Object.entries(CLOSE_CODES).map(([name, meaning]) => [CLOSE[name as keyof typeof CLOSE], meaning]),
);

const budgets = `${RATE_LIMITS.requests.limit} requests and commands a minute and user, and ${RATE_LIMITS.signals.limit} of typing and receipts, together over REST and sockets; ${RATE_LIMITS.files.limit.toLocaleString("en")} attachments fetched; ${RATE_LIMITS.search.limit} searches in messages. Besides, ${QUOTAS.create[0].limit} new conversations a minute and ${QUOTAS.create[1].limit} a day, and ${QUOTAS.invite[0].limit} people a day added to groups`;

/** The introduction of the REST document. */
export const REST_INTRODUCTION = `Conversations, messages, receipts and presence. What happens while a client is
connected arrives over a socket, which [/asyncapi.json](/asyncapi.json) describes.

## Authentication

Every request under \`/api/v1\` carries \`Authorization: Bearer <token>\`: a JWT of your identity provider with \`sub\` (or
\`user_id\`), \`username\` and \`exp\`.

## Errors

Every error has the same body: \`code\`, \`message\`, \`request_id\`, and \`details\` where there is more to say.

${errorTable}

## What may be added

Answers may get fields, and lists of codes, types and roles may get values: ignore those that you do not know, and treat
an unknown \`code\` by its status. Nothing that is here is taken away or changes its meaning.

## Limits

${budgets}. Beyond that: 429 with \`Retry-After\` and \`RateLimit-*\` headers.

## Request ids

Every answer carries \`X-Request-Id\`: the one you sent, if it is at most 255 letters, digits, \`-\`, \`_\` or \`=\`.
`;

/** The introduction of the socket document. */
export const SOCKET_INTRODUCTION = `Seen from the server, as AsyncAPI wants it: the server receives commands and sends events.

A frame is one JSON object with a \`type\`. A command may carry a \`request_id\`: it is
then answered by an \`ack\` or an \`error\` with the same \`request_id\`, to its sender alone. \`message.send\` is always
answered, once the message is on disk, and an \`error\` for it carries its \`client_message_id\`. Answers about one
conversation come in the order of the commands. \`{"type":"ping"}\` is answered by \`{"type":"pong"}\`.

Events of a conversation that everybody in it hears carry its counter, \`seq\`, without gaps: a jump means that
something was missed.

Ignore types, fields and values that you do not know. An event of an unknown type with a \`seq\` advances the
conversation's counter like any other; where it names a \`message_id\`, fetch that message again when it is next shown.

With \`?batch=1\` a frame may also be an array of events.

## Limits

${budgets}. Beyond that: an \`error\` with \`RATE_LIMIT_EXCEEDED\`. A socket takes ${FRAMES_PER_SECOND} frames a second, of
whatever kind, and ${FRAME_BURST} at once; a user has ${MAX_SOCKETS} sockets at \`/ws\` and at each conversation, and the next one
closes the oldest.

A client that reads tells how much: \`flow.ack\` every 256 KiB or so. One that never does is trusted to read 512 KiB a second,
and is closed with 4010 when 4 MiB more than that are on their way.

## Errors

${errorTable}

## Close codes

Before the server closes a socket it sends an \`error\` with \`details.close_code\`. Act on that: the close itself may take
many seconds to arrive. Nothing that is sent after it counts.

${closeTable}
`;
