/** Messages, and what happens to them. */
import { messageIdAt } from "@rocket-chat-api/client";
import { ANN, BOB, deleted, edited, ID, message, quote, receipt, said, updated } from "../unit/client-kit.ts";
import { begins, happens, inputs, LATER, NOW, whole } from "./kit.ts";
import type { Scenario } from "./take.ts";

const id = (seq: number) => messageIdAt(ID, seq);
const reaction = (seq: number, of: number, emoji: string, action: "add" | "remove", by = BOB) =>
  happens("message.reaction", { message_id: id(of), user_id: by, username: "bob", emoji, action }, seq);

const picture = {
  attachment_id: `${ID.slice(0, 24)}800000000001`,
  type: "image" as const,
  file_name: "photo.jpg",
  mime_type: "image/jpeg",
  file_size: 2048,
  url: `/api/v1/attachments/${ID.slice(0, 24)}800000000001`,
  etag: "9e107d9d372bb6826bd81d3542a419d6",
};

export const MESSAGES: readonly Scenario[] = [
  {
    name: "messages",
    about: "Messages of others are unread and raise the counts; one's own are not. A mention counts too.",
    inputs: inputs(
      begins,
      said(2, BOB),
      said(3, ANN, { client_message_id: "c1" }),
      said(4, BOB, { mentions: [{ user_id: ANN, username: "ann" }] }),
      said(5, BOB, { mentions_all: true }),
      said(6, BOB, { type: "image", attachments: [picture] }),
      said(7, BOB, { type: "system", system: { event: "conversation.renamed", actor_id: BOB } }),
    ),
  },
  {
    name: "edits",
    about:
      "An edit replaces the text, the mentions and the quotes of the message. An edit that is older than the copy changes nothing.",
    inputs: inputs(
      begins,
      said(2, BOB, { mentions: [{ user_id: ANN, username: "ann" }] }),
      said(3, ANN, { reply_to: quote(message(2, BOB)) }),
      edited(4, 2, "changed"),
      said(5, BOB, { changed_seq: 6, content: "already as edited" }),
      edited(6, 5, "already as edited"),
    ),
  },
  {
    name: "deletions",
    about:
      "A deletion for everyone leaves a tombstone without content, files and reactions, in quotes too; it is no longer unread.",
    inputs: inputs(
      begins,
      said(2, BOB, { type: "image", attachments: [picture] }),
      said(3, ANN, { reply_to: quote(message(2, BOB, { type: "image" })) }),
      reaction(4, 2, "❤️", "add"),
      deleted(5, 2),
    ),
  },
  {
    name: "deletions-in-ranges",
    about:
      "Many deletions in one event: of everything in a range but what was changed after it, or of one sender alone, whose system messages stay. Quotes of what is gone are empty.",
    inputs: inputs(
      begins,
      said(2, BOB),
      said(3, ANN, { reply_to: quote(message(2, BOB)) }),
      said(4, BOB),
      said(5, BOB, { type: "system", system: { event: "conversation.renamed", actor_id: BOB } }),
      happens(
        "messages.deleted",
        { ranges: [{ from_seq: 1, to_seq: 2 }], sender_id: null, deleted_by: BOB, reason: "expired" },
        6,
      ),
      happens(
        "messages.deleted",
        { ranges: [{ from_seq: 1, to_seq: 5 }], sender_id: BOB, deleted_by: BOB, reason: "erased" },
        7,
      ),
    ),
  },
  {
    name: "erasure",
    about:
      "A person was erased whose texts stay: their reactions and mentions of them go, in the range that the event names.",
    inputs: inputs(
      begins,
      said(2, ANN, { mentions: [{ user_id: BOB, username: "bob" }] }),
      reaction(3, 2, "❤️", "add"),
      said(4, BOB),
      happens("person.erased", { user_id: BOB, from_seq: 1, to_seq: 4, messages: "anonymise" }, 5),
    ),
  },
  {
    name: "deleted-for-me",
    about:
      "A deletion without a number is the viewer's own: the message is gone, its quotes show nothing, and what happens to it later is not shown.",
    inputs: inputs(
      begins,
      said(2, BOB),
      said(3, BOB, { reply_to: quote(message(2, BOB)) }),
      deleted(undefined, 2),
      deleted(undefined, 2),
      edited(4, 2, "changed"),
      reaction(5, 2, "👍", "add"),
    ),
  },
  {
    name: "expiry",
    about: "A disappearing message goes with the reason `expired`, as a deletion for everyone does.",
    inputs: inputs(
      begins,
      said(2, BOB, { expires_at: LATER }),
      happens(
        "message.deleted",
        { message_id: id(2), deleted_by: BOB, for_everyone: true, reason: "expired" },
        3,
      ),
    ),
  },
  {
    name: "reactions",
    about:
      "One reaction for each user and emoji: adding again replaces, removing what is not there changes only the number.",
    inputs: inputs(
      begins,
      said(2, ANN),
      reaction(3, 2, "👍", "add"),
      reaction(4, 2, "👍", "add"),
      reaction(5, 2, "❤️", "add", ANN),
      reaction(6, 2, "👍", "remove"),
      reaction(7, 2, "👍", "remove"),
    ),
  },
  {
    name: "pins",
    about:
      "`message.updated` replaces the fields in its patch, also such as a later server has; an empty patch changes only the number.",
    inputs: inputs(
      begins,
      said(2, BOB),
      updated(3, 2, { is_pinned: true, pinned_at: NOW, pinned_by: BOB }),
      updated(4, 2, { is_pinned: false, pinned_at: null, pinned_by: null }),
      updated(5, 2, { field_of_a_later_server: [1] }),
      updated(6, 2, {}),
    ),
  },
  {
    name: "withheld-and-back",
    about: "A message that a moderator brings back after a deletion is there again, and unread again.",
    inputs: inputs(
      begins,
      said(2, BOB),
      deleted(3, 2),
      updated(4, 2, { is_deleted: false, content: "text 2" }),
    ),
  },
  {
    name: "redaction",
    about:
      "What a member may not see (a blocked sender, messages before they joined) comes without text: the place and the number stay.",
    inputs: inputs(
      begins,
      said(2, BOB, { content: "", is_deleted: true }),
      said(3, ANN, {
        reply_to: { ...(quote(message(2, BOB)) ?? expectQuote()), content: "", is_deleted: true },
      }),
      updated(4, 2, {}),
    ),
  },
  {
    name: "receipts",
    about:
      "Watermarks only move forward, up to the named message. The viewer's own `read` lowers the counts; a receipt of who is no member is ignored.",
    inputs: inputs(
      begins,
      said(2, ANN),
      said(3, BOB),
      said(4, BOB),
      receipt(BOB, 2, "delivered"),
      receipt(BOB, 3, "read"),
      receipt(BOB, 2, "read"),
      receipt(ANN, 3, "read"),
      receipt(ANN, 4, "read"),
      receipt("00000000-0000-4000-8000-00000000000f", 4, "read"),
    ),
  },
  {
    name: "not-loaded",
    about:
      "What happens to messages that are not loaded is noted in `passed_by`; where it may change the counts, the client asks (`gap`).",
    inputs: inputs(
      whole(40, {
        has_more: true,
        messages: [{ ...message(40, BOB), receipt_status: "sent" }],
        unread_count: 30,
      }),
      reaction(41, 5, "👍", "add"),
      edited(42, 6, "changed"),
      updated(43, 7, { is_pinned: true }),
      deleted(44, 8),
      receipt(ANN, 9, "read"),
    ),
  },
];

function expectQuote(): never {
  throw new Error("a message has a quote");
}
