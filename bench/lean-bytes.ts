/** `node bench/lean-bytes.ts` prints how many bytes events have in full and in their short form (`?lean=1`). */
import { pathToFileURL } from "node:url";
import {
  joinFrames,
  KnownProfiles,
  leanEvent,
  type Message,
  messageId,
  profilesEvent,
  type ServerEvent,
  type UserSummary,
} from "@rocket-chat-api/protocol";

const CONVERSATION = "9f1c2ab4-77de-8a01-b3c4-000000000000";
const AT = "2026-11-26T10:00:00.000Z";
const CLIENT_ID = "5b0ecb6e-6a3f-4e0b-9c39-8f1d2a6f9f10";
const FIRST_SEQ = 12_000;

/** A group of five. */
const PEOPLE: UserSummary[] = ["anna.schmidt", "bob.miller", "carla.rossi", "david.kim", "emma.brown"].map(
  (username, i) => ({
    user_id: `3c9d1c52-8a55-4f0e-a2a0-d52c1f7e000${i}`,
    username,
    display_name: username.replace(
      /(^|\.)(\w)/g,
      (_, dot, letter) => (dot ? " " : "") + letter.toUpperCase(),
    ),
    profile_photo_url: null,
  }),
);
const [ME] = PEOPLE as [UserSummary];

/** A message with a text of so many characters. */
export function textMessage(length: number, patch: Partial<Message> = {}): Message {
  const seq = patch.seq ?? FIRST_SEQ;
  return {
    message_id: messageId(CONVERSATION, seq),
    conversation_id: CONVERSATION,
    seq,
    changed_seq: seq,
    sender_id: (patch.sender ?? ME).user_id,
    sender: ME,
    type: "text",
    content: "x".repeat(length),
    created_at: AT,
    status: "sent",
    client_message_id: null,
    is_edited: false,
    edited_at: null,
    is_deleted: false,
    reply_to: null,
    attachments: [],
    reactions: [],
    metadata: null,
    mentions: [],
    mentions_all: false,
    is_pinned: false,
    pinned_at: null,
    pinned_by: null,
    expires_at: null,
    system: null,
    ...patch,
  };
}

function said(data: Message): ServerEvent {
  return { type: "message.new", conversation_id: CONVERSATION, seq: data.seq, data };
}

const sizeOf = (text: string) => new TextEncoder().encode(text).length;

/** Bytes of a message in `message.new`, alone in its frame, to a client that knows the sender. */
export function bytesOf(message: Message): { full: number; lean: number } {
  const event = said(message);
  return { full: sizeOf(JSON.stringify(event)), lean: sizeOf(JSON.stringify(leanEvent(event).event)) };
}

/** Bytes of one of ten messages that come in one frame, to a client that knows the senders. */
function bytesInBatch(length: number, patch: Partial<Message>) {
  const events = Array.from({ length: 10 }, (_, i) =>
    said(textMessage(length, { ...patch, seq: FIRST_SEQ + i })),
  );
  const perEvent = (frames: string[]) => Math.round(sizeOf(joinFrames(frames)) / 10);
  return {
    full: perEvent(events.map((event) => JSON.stringify(event))),
    lean: perEvent(events.map((event) => JSON.stringify(leanEvent(event).event))),
  };
}

/** Adds up the bytes of events on one socket, by type. */
class Tally {
  readonly rows = new Map<string, { count: number; full: number; lean: number }>();
  readonly #known = new KnownProfiles();

  add(name: string, event: ServerEvent): void {
    const { event: short, people } = leanEvent(event);
    const unknown = this.#known.unknown(people);
    if (unknown.length > 0) this.#count("`profiles`", 0, sizeOf(JSON.stringify(profilesEvent(unknown))));
    this.#count(name, sizeOf(JSON.stringify(event)), sizeOf(JSON.stringify(short)));
  }

  #count(name: string, full: number, lean: number): void {
    const before = this.rows.get(name) ?? { count: 0, full: 0, lean: 0 };
    this.rows.set(name, { count: before.count + 1, full: before.full + full, lean: before.lean + lean });
  }
}

/** What the first of five hears in an hour with 600 messages. */
function livelyHour(): Tally {
  const tally = new Tally();
  for (let i = 0; i < 600; i += 1) {
    const sender = PEOPLE[i % PEOPLE.length] ?? ME;
    const message = textMessage(60, { seq: FIRST_SEQ + i, sender, client_message_id: CLIENT_ID });
    const { user_id, username } = sender;
    const typing = (is_typing: boolean) =>
      tally.add("`typing.indicator`", {
        type: "typing.indicator",
        conversation_id: CONVERSATION,
        data: { user_id, username, is_typing },
      });
    const receipt = (status: "delivered" | "read", reader: UserSummary) =>
      tally.add("`message.receipt`", {
        type: "message.receipt",
        conversation_id: CONVERSATION,
        data: { message_id: message.message_id, up_to: true, user_id: reader.user_id, status, timestamp: AT },
      });
    if (sender !== ME) typing(true);
    tally.add("`message.new`", said(message));
    if (sender === ME) tally.add("`ack`", { type: "ack", request_id: String(i), data: message });
    else typing(false);
    for (const reader of PEOPLE.filter((one) => one !== sender)) {
      if (sender === ME) receipt("delivered", reader);
      receipt("read", reader);
    }
  }
  return tally;
}

const percent = (lean: number, full: number) => `${Math.round((100 * lean) / full)} %`;
const kb = (bytes: number) => `${Math.round(bytes / 1000).toLocaleString("en")} kB`;

/** The tables of docs/performance.md. */
export function leanTables(): string {
  const sizes = [20, 100].flatMap((length) =>
    [{}, { client_message_id: CLIENT_ID }].map((patch) => {
      const [alone, batched] = [bytesOf(textMessage(length, patch)), bytesInBatch(length, patch)];
      const named = "client_message_id" in patch ? "a UUID" : "none";
      const cells = [length, named, alone.full, alone.lean, batched.full, batched.lean];
      return `| ${[...cells, percent(alone.lean, alone.full)].join(" | ")} |`;
    }),
  );
  const { rows } = livelyHour();
  const total = { count: 0, full: 0, lean: 0 };
  for (const { count, full, lean } of rows.values()) {
    total.count += count;
    total.full += full;
    total.lean += lean;
  }
  const hour = [...rows, ["together", total] as const].map(
    ([name, { count, full, lean }]) =>
      `| ${name} | ${count.toLocaleString("en")} | ${kb(full)} | ${kb(lean)} | ${full > 0 ? percent(lean, full) : ""} |`,
  );
  return [
    "| characters | `client_message_id` | full | lean | full, in a batch of 10 | lean, in a batch of 10 | lean of full |",
    "| --: | --- | --: | --: | --: | --: | --: |",
    ...sizes,
    "",
    "| an hour | events | full | lean | lean of full |",
    "| --- | --: | --: | --: | --: |",
    ...hour,
  ].join("\n");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.log(leanTables());
