/** The prose of the API documents. Tables are generated. */
import {
  CLOSE,
  ERRORS,
  FRAME_BURST,
  FRAMES_PER_SECOND,
  isRetryableError,
  MAX_FRAME_BYTES,
  MAX_SOCKETS,
  QUOTAS,
  RATE_LIMITS,
} from "@rocket-chat-api/protocol";

/** The meaning of the server's close codes (rule 23). */
const CLOSE_CODES: Record<keyof typeof CLOSE, string> = {
  BAD_FRAME: "A frame was not JSON, or too many frames in a row were invalid.",
  NOT_AUTHORISED: "The socket is no longer allowed.",
  RATE_LIMITED: `Too many commands in a row were over a rate limit, too many frames were sent, or the user opened ${MAX_SOCKETS} newer sockets.`,
  TOKEN_EXPIRED: "The token has expired. Send `auth.refresh` in time, or connect with a new one.",
  TOO_SLOW: "The client reads too slowly. Connect again and resume.",
  RESTARTED: "The conversation goes back to an earlier state. Connect again and resume.",
  REMOVED: "The user is no longer in the conversation.",
  DEACTIVATED: "The user is deactivated. Do not connect again.",
  BANNED: "The app has banned the user. Do not connect again.",
  FRAME_TOO_LARGE: `A frame was larger than ${MAX_FRAME_BYTES / 1024} KiB.`,
};

export const LICENSE = { name: "Apache 2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" };

/** Descriptions of commands. Without an entry, the summary of the operation is used. */
export const COMMANDS: Readonly<Record<string, string>> = {
  "message.send":
    "Sends a message. The `ack` carries the stored message. With a `client_message_id` it is safe to retry.",
  "typing.start": "The user is typing. This ends by itself after 6 seconds.",
  "typing.stop": "The user has stopped typing.",
  "message.read": "The user has read everything up to this message.",
  "message.delivered": "The device has everything up to this message.",
  "device.state":
    "Says whether the app is in the foreground on this device, and what it shows: what is on a screen does not push.",
  "presence.update": "Sets the user's presence on this device. The highest status of all devices counts.",
  sync: "Gets what has changed in these conversations: `conversation.sync` events, then the `ack`.",
  "flow.ack": "Says how many characters the client has received. Never answered.",
  "auth.refresh": "Extends the connection with a new token of the same user.",
  ping: 'Keeps the connection alive. The exact bytes `{"type":"ping"}` cost the server nothing.',
};

/** Each close code with what it means. Two reasons may share one. */
export function closeCodes(): [code: number, meaning: string][] {
  const meanings = new Map<number, string>();
  for (const [name, meaning] of Object.entries(CLOSE_CODES)) {
    const code = CLOSE[name as keyof typeof CLOSE];
    const other = meanings.get(code);
    meanings.set(code, other === undefined ? meaning : `${other} Or: ${meaning}`);
  }
  return [...meanings];
}

/** The groups of REST routes in page order. A tag without an entry fails a test. */
export const TAGS: { name: string; description: string }[] = [
  { name: "Conversations", description: "Direct chats and groups: their members, settings and preferences." },
  { name: "Participants", description: "The members of a conversation and their roles." },
  { name: "Moderation", description: "What moderators of a group do: mutes and bans." },
  { name: "Messages", description: "Sending, reading, editing and deleting messages." },
  { name: "Reactions", description: "One reaction for each user and emoji on a message." },
  {
    name: "Push",
    description:
      "Devices that get push notifications, what their user wants to hear of, and why something was not pushed.",
  },
  {
    name: "Receipts",
    description: "Who has received and read a message. A member's read state only moves forward.",
  },
  { name: "Typing", description: "Typing indicators, for clients that send them over REST." },
  { name: "Search", description: "Full-text search in your own conversations." },
  { name: "Attachments", description: "Files are uploaded directly to storage with a presigned URL." },
  { name: "Sync", description: "Everything that changed while a client was away." },
  {
    name: "Reports",
    description: "Reporting to the app's moderators, and what they have told you.",
  },
  { name: "Users", description: "Your own profile and those of others." },
  {
    name: "Blocks",
    description:
      "Whom you have blocked. Nothing that they say reaches you in groups, and neither of you can write to the other.",
  },
  {
    name: "Server",
    description:
      "For your own backend alone, with a server token or an API key. It can also use every other route in a user's name, " +
      "with `X-Act-As`.",
  },
  { name: "Sockets", description: "How to open a socket. `/asyncapi.json` describes what it carries." },
  { name: "Capabilities", description: "The features and limits of this deployment. No token needed." },
  { name: "Health", description: "Health checks for monitors." },
  { name: "Documentation", description: "These pages." },
];

function table(head: string[], rows: (string | number)[][]): string {
  const line = (cells: (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const errorTable = table(
  ["`code`", "Status", "Meaning", "Retry"],
  Object.entries(ERRORS).map(([code, { status, message }]) => [
    `\`${code}\``,
    status,
    message,
    isRetryableError(code) ? "yes" : "no",
  ]),
);

const closeTable = table(["Code", "Meaning"], closeCodes());

const budgets = `For each user and minute: ${RATE_LIMITS.requests.limit} requests and commands, ${RATE_LIMITS.signals.limit} typing signals and receipts (REST and sockets count together), ${RATE_LIMITS.files.limit.toLocaleString("en")} downloads of attachments, ${RATE_LIMITS.search.limit} message searches, and ${QUOTAS.create[0].limit} new conversations. For each user and day: ${QUOTAS.create[1].limit} new conversations, and ${QUOTAS.invite[0].limit} people added to groups`;

/** The introduction of the REST document. */
export const REST_INTRODUCTION = `Conversations, messages, receipts and presence. This is the one half: requests over REST. The other half is
**[the sockets](/docs?api=sockets)**, over which everything that happens arrives at once.

## Start here

1. **A token.** Beside a running \`npm run dev\`, \`npm run --silent token -- alice\` prints one for development: put it into the
   field *Bearer Token*, and every request here can be tried. In production your identity provider makes the tokens.
2. **The chat.** [The page at /](/) is a whole chat over this API: under \`npm run dev\` one signs in as one of three people with a
   click, and opens another beside.
3. **The packages.** \`@rocket-chat-api/client\` has a method for each operation here, under its name, and a socket that stays
   connected; \`@rocket-chat-api/react\` has hooks; \`@rocket-chat-api/server\` is for your backend.
4. **The sockets.** [Their reference](/docs?api=sockets) has every command and event. Connect to \`/ws\` for all conversations of a
   user, or to \`/api/v1/conversations/{conversation_id}/ws\` for one.

As files: [openapi.json](/openapi.json) and [asyncapi.json](/asyncapi.json).

## Authentication

Every request under \`/api/v1\` needs \`Authorization: Bearer <token>\`: a JWT from your identity provider with \`sub\` (or
\`user_id\`) and \`exp\`, and best also \`username\`.

Your own backend has credentials of its own: a server token (a JWT with the audience of servers, \`scope\` and \`exp\`) or an
API key. They open the routes under *Server*, and with \`X-Act-As: <user>\` every other route in that user's name. Never let
them reach a browser.

## Errors

Every error has the same body: \`code\`, \`message\`, \`request_id\`, and sometimes \`details\`.

${errorTable}

## Compatibility

Later versions may add fields to answers, and values to codes, types and roles. Ignore those that you do not know, and
treat an unknown \`code\` by its status. Nothing that is described here is removed or changes its meaning.

## Limits

${budgets}. Beyond that: 429 with \`Retry-After\` and \`RateLimit-*\` headers.

## Request ids

Every answer has an \`X-Request-Id\` header. You may choose its value: send one of at most 255 letters, digits, \`-\`, \`_\`
or \`=\`. A \`traceparent\` header (W3C Trace Context) is taken over, so that the server's log names your trace; a malformed one is
ignored.
`;

/** The introduction of the socket document. */
export const SOCKET_INTRODUCTION = `Everything that happens in a user's conversations, as it happens, and commands that are answered. The other half is
**[REST](/docs?api=rest)**, which also says how to get a token for development.

\`@rocket-chat-api/client\` does all of this for you: it connects, resumes after a gap, sends once, and restores the short form.
By hand, beside a running \`npm run dev\`:

\`\`\`sh
npx node -e 'new WebSocket(process.argv[1]).onmessage = ({ data }) => console.log(data)' \\
  "ws://localhost:8787/ws?token=$(npm run --silent token -- alice)"
\`\`\`

This document describes the server's side, as AsyncAPI prescribes: the server receives commands and sends events.

A frame is one JSON object with a \`type\`. A command may have a \`request_id\`. Its sender then gets an \`ack\` or an
\`error\` with the same \`request_id\`. \`message.send\` is always answered, after the message is stored, and an \`error\`
for it has its \`client_message_id\`. Answers about one conversation come in the order of the commands.
\`{"type":"ping"}\` is answered by \`{"type":"pong"}\`.

Events that all members of a conversation get have a number, \`seq\`, which rises by 1 with each of them. A gap means
that the client missed something.

Ignore types, fields and values that you do not know. An event of an unknown type with a \`seq\` advances the
conversation's counter like any other. If it has a \`message_id\`, fetch that message again before you next show it.

With \`?batch=1\` a frame can also be an array of events.

## The short form

With \`?lean=1\` the \`data\` of an event, and of an \`ack\` that carries a message, may leave out fields. The schemas describe
the full form, which you get back like this, in every object of \`data\` but a \`patch\`:

- A field with a \`default\` in its schema: that value.
- \`conversation_id\` and \`seq\`: those of the event. \`changed_seq\`: the event's \`seq\`, or else the object's own.
- \`message_id\`: the first 24 characters of the \`conversation_id\`, then \`seq\` as 12 hexadecimal digits.
- \`sender\`: what the newest \`profiles\` said about the \`sender_id\`. \`profiles\` comes before the event that needs it.
- A \`seq\` or \`sender_id\` that the schema does not have is there for the last two alone: drop it afterwards.
- An \`ack\` with a message has no \`conversation_id\` and \`seq\` beside its \`data\`: take them from the \`message_id\`.

Nothing else changes, and an event may always be full. Sockets without \`?lean=1\` get full events only.

## Limits

${budgets}. Beyond that: an \`error\` with \`RATE_LIMIT_EXCEEDED\`. A socket accepts ${FRAMES_PER_SECOND} frames a second of
any kind, with bursts of up to ${FRAME_BURST}. A user can have ${MAX_SOCKETS} sockets at \`/ws\` and at each conversation; opening one more
closes the oldest.

Report what you have received with \`flow.ack\`, about every 256 KiB. Without it the server assumes that you read 512 KiB
a second. It closes the socket with 4010 when more than 4 MiB are unread.

## Errors

${errorTable}

## Close codes

Before the server closes a socket it sends an \`error\` with \`details.close_code\`. React to that, because the close itself
may arrive many seconds later. The server ignores frames that you send after it.

${closeTable}
`;
